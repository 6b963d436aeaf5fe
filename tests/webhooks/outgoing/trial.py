"""Workers and a target that get killed, and what arrived in spite of it.

Real `manage.py work` processes, a real HTTP server in a process of its own.
"""

import contextlib
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from django.db import OperationalError

from calls.upsert import Contended
from tests.server import ROOT, environment
from webhooks.models import Message, Subscription
from webhooks.outgoing.signing import new_secret

from .happenings import STORY, fact, happen, id_of, make_account

WORKERS = 2
LEASE, LONGEST = 3, 1  # seconds of a claim, of a request
PACE = 0.01  # of the pauses after failures


@dataclass(frozen=True)
class Outcome:
    events: int
    arrived: int
    missing: int
    unexpected: int
    disordered: int  # calls of which something arrived first that should have come later
    repeated: int
    given_up: int
    kills: int
    target_kills: int
    seconds: float


class Trial:
    def __init__(self, directory, database_url, *, fail, hang=0.0):
        self.journal = Path(directory) / "journal"
        self.journal.touch()
        self.secret = new_secret()
        self.fail, self.hang, self.port = fail, hang, 0
        self.env = environment(directory, database_url) | {
            "OUTGOING_ALLOW_HTTP": "1",
            "OUTGOING_ALLOWED_NETWORKS": "127.0.0.0/8",
            "OUTGOING_SECONDS": str(LONGEST),
            "DJANGO_SETTINGS_MODULE": "calltrack.settings",
            "LOG_LEVEL": "ERROR",
        }
        self.output = open(Path(directory) / "output", "w+")  # noqa: SIM115 closed by `running`
        self.workers, self.target, self.kills, self.target_kills = [], None, 0, 0

    @contextlib.contextmanager
    def running(self):
        """The target, its subscription and the workers; gone afterwards."""
        make_account()
        try:
            self.start_target()
            self.subscription = Subscription.objects.create(
                name="Trial",
                url=f"http://127.0.0.1:{self.port}/calls",
                secret=self.secret,
                events=list(STORY),
            )
            self.workers = [self.start_worker() for _ in range(WORKERS)]
            yield self
        finally:
            for process in filter(None, [*self.workers, self.target]):
                process.kill()
                process.wait()
            self.output.close()

    def start_target(self):
        options = ["--secret", self.secret, "--journal", str(self.journal)]
        options += ["--port", str(self.port), "--fail", str(self.fail), "--hang", str(self.hang)]
        self.target = self.start("-m", "tests.webhooks.outgoing.receiver", *options, say=True)
        line = self.target.stdout.readline()
        assert line, "the target did not start"
        self.port = int(line)

    def start_worker(self):
        options = ["--send-lease", str(LEASE), "--send-pace", str(PACE), "--lease", "2"]
        return self.start("manage.py", "work", *options)

    def start(self, *command, say=False):
        return subprocess.Popen(
            [sys.executable, *command],
            env=self.env,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if say else self.output,
            stderr=self.output,
            start_new_session=True,
        )

    def kill_worker(self):
        """The one that was started longest ago, with another in its place."""
        process = self.workers.pop(0)
        process.kill()
        process.wait()
        self.kills += 1
        self.workers.append(self.start_worker())

    def kill_target(self):
        self.target.kill()
        self.target.wait()
        self.target.stdout.close()
        self.target_kills += 1
        self.start_target()

    def lines(self):
        return self.journal.read_text().splitlines()

    def wait_for(self, condition, seconds):
        pause, deadline = threading.Event(), time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"it never came true: {self.said()}"
            pause.wait(0.02)

    def said(self):
        self.output.flush()
        return Path(self.output.name).read_text()[-4_000:]


def run(directory, database_url, *, calls, kills, target_kills, fail, hang=0.0, seconds=600):
    """`calls` calls of four events each; the kills spread over the arrivals."""
    trial = Trial(directory, database_url, fail=fail, hang=hang)
    begun = time.monotonic()
    with trial.running():
        feeder = threading.Thread(target=feed, args=(calls,))
        feeder.start()
        events = calls * len(STORY)
        for share, kill in schedule(trial, kills, target_kills):
            trial.wait_for(lambda share=share: len(trial.lines()) >= share * events, seconds)
            kill()
        feeder.join()
        trial.wait_for(lambda: all_sent(events), seconds)
        took = time.monotonic() - begun
        return judge(trial, calls, took)


def schedule(trial, kills, target_kills):
    """(share of the events that have arrived, what is killed then), in order."""
    plan = [((n + 0.5) / kills * 0.95, trial.kill_worker) for n in range(kills)]
    plan += [((n + 0.7) / target_kills * 0.95, trial.kill_target) for n in range(target_kills)]
    return sorted(plan, key=lambda each: each[0])


def feed(calls, first=0):
    """All of it happens, several calls interleaved, several in one transaction."""
    from django.db import connection

    try:
        for number in range(first, first + calls, 25):
            numbers = range(number, min(number + 25, first + calls))
            for step in STORY:
                while True:
                    try:
                        happen(*(fact(number, step) for number in numbers))
                        break
                    except (Contended, OperationalError):
                        continue  # SQLite: a worker writes
    finally:
        connection.close()


def all_sent(events):
    if Message.objects.filter(state=Message.State.QUEUED).exists():
        return False
    return Message.objects.count() >= events


def judge(trial, calls, seconds):
    first, repeated = {}, 0
    of_call = defaultdict(list)
    for line in trial.lines():
        _, message, event, call = line.split()
        if message in first:
            repeated += 1
            continue
        first[message] = event, call
        of_call[call].append(event)
    expected = {(event, str(id_of(number))) for number in range(calls) for event in STORY}
    arrived = set(first.values())
    in_order = list(STORY)
    return Outcome(
        events=len(expected),
        arrived=len(first),
        missing=len(expected - arrived),
        unexpected=len(first) - len(expected & arrived),
        disordered=sum(events != in_order for events in of_call.values()),
        repeated=repeated,
        given_up=Message.objects.filter(state=Message.State.FAILED).count(),
        kills=trial.kills,
        target_kills=trial.target_kills,
        seconds=round(seconds, 1),
    )


def percentile(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]
