"""Webhooks out under fire: what arrives although workers and the target get killed.

    python -m tests.bench.outgoing [--events 10000] [--kills 20] [--target-kills 5] [--sqlite]

Starts a PostgreSQL of its own (durable, as in earnest), or makes an SQLite file; real workers, a
real target that fails at random. Then, with one idle worker and a target that is well, how long an
event takes from its commit to its arrival, and how many messages a second get through.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.postgres import running_postgres
from tests.server import ROOT

OPTIONS = {"--events": 10_000, "--kills": 20, "--target-kills": 5, "--fail": 0.2}


def main():
    parser = argparse.ArgumentParser()
    for name, default in OPTIONS.items():
        parser.add_argument(name, type=type(default), default=default)
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        url = f"sqlite:///{directory}/calls.sqlite3"
        if not options.sqlite:
            url = stack.enter_context(running_postgres(fsync=True))
        os.environ |= {"DATABASE_URL": url, "CALLTRACK_DATA": directory}
        os.environ["DJANGO_SETTINGS_MODULE"] = "calltrack.settings"
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
        import django

        django.setup()
        bad = under_fire(directory, url, options)
        at_rest(Path(directory), url)
    sys.exit(bad)


def under_fire(directory, url, options):
    from tests.webhooks.outgoing import trial

    outcome = trial.run(
        directory,
        url,
        calls=options.events // len(trial.STORY),
        kills=options.kills,
        target_kills=options.target_kills,
        fail=options.fail,
        hang=0.0005,
        seconds=1_800,
    )
    print(f"{outcome}\n{outcome.events / outcome.seconds:.0f} events a second", flush=True)
    return bool(outcome.missing or outcome.disordered or outcome.unexpected or outcome.given_up)


def at_rest(directory, url):
    """Latency of single events, then the rate of many, with one worker and nothing failing."""
    from tests.webhooks.outgoing import happenings, trial
    from webhooks.models import Subscription

    Subscription.objects.all().delete()
    (directory / "rest").mkdir()
    resting = trial.Trial(directory / "rest", url, fail=0)
    resting.env["CALLTRACK_DATA"] = str(directory)
    pause = threading.Event()
    with resting.running():
        resting.workers.pop().kill()
        told, numbers = {}, range(1_000_000, 1_000_040)
        for number in numbers:
            happenings.happen(happenings.fact(number, "call.started"))
            told[str(happenings.id_of(number))] = time.time()
            pause.wait(0.73)  # at another moment of the worker's second each time
        resting.wait_for(lambda: len(resting.lines()) >= len(numbers), 60)
        waits = [
            float(at) - told[call] for at, _, _, call in (line.split() for line in resting.lines())
        ]
        waits = waits[len(waits) // 10 :]  # the worker was still starting
        percentiles = ", ".join(f"{trial.percentile(waits, p):.2f}" for p in (0.5, 0.95, 1))
        print(f"commit to arrival, median, p95, longest: {percentiles} s", flush=True)

        begun, before, calls = time.monotonic(), len(resting.lines()), 1_000
        trial.feed(calls, first=2_000_000)
        fed = time.monotonic() - begun
        resting.wait_for(lambda: len(resting.lines()) >= before + calls * len(trial.STORY), 600)
        took = time.monotonic() - begun
        rate = calls * len(trial.STORY) / took
        print(f"one worker, nothing failing: {rate:.0f} a second (fed within {fed:.1f} s)")


if __name__ == "__main__":
    main()
