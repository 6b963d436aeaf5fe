"""A worker for tests, as a process: `python -m tests.calltrack.job_process`, a lease of a second.

Its jobs leave rows in the audit log, since anything can be written there.
"""

import signal
import threading
from datetime import timedelta
from pathlib import Path

from django.db import transaction

LEASE = timedelta(seconds=1)


def count_up(progress, *, to, name="n", hold=0, inside=False, gate=""):
    """Write each number once. At `hold` say so and wait for a file to appear: inside the
    transaction that writes the number, or after it."""
    for n in range(progress.position.get("n", 0) + 1, to + 1):
        with transaction.atomic():
            leave(name, n)
            progress.save(done=n, total=to, position={"n": n})
            if n == hold and inside:
                wait_for(gate)
        if n == hold and not inside:
            wait_for(gate)
    progress.finish(f"counted to {to}")


def leave(name, n):
    from calltrack.models import AuditEntry

    AuditEntry.objects.create(username=name, action=AuditEntry.Action.PLAY, object_id=str(n))


def wait_for(gate):
    if Path(gate).exists():
        return
    print("holding", flush=True)
    pause = threading.Event()
    while not Path(gate).exists():
        pause.wait(0.02)


def main():
    import django

    django.setup()
    from calltrack.worker import Worker, stopped_by

    with stopped_by(signal.SIGTERM) as stop:
        worker = Worker(
            {"count_up": count_up},
            {},
            lease=LEASE,
            first_retry=timedelta(seconds=0.1),
            stop=stop,
        )
        print("ready", flush=True)
        worker.run()


if __name__ == "__main__":
    main()
