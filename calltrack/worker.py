"""A worker: takes one job after the other until it is told to stop."""

import contextlib
import logging
import os
import queue
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from uuid import uuid4

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from . import jobs
from .models import Job

logger = logging.getLogger(__name__)

SLICE = 5.0  # seconds after which a job makes room, when others wait
REST = 9  # times as long as a recurring job took it rests: a tenth of a processor at most
IDLE = 1.0  # seconds at most between looks for work
FIRST_RETRY = timedelta(seconds=5)  # after an error of the database; doubled each time
_NO_DATABASE = (OperationalError, InterfaceError)


class Worker:
    """`handlers`: kind → function of a Progress and the job's arguments. `recurring`: kind → how
    long after the end of one run the next one begins."""

    def __init__(
        self,
        handlers: Mapping[str, Callable],
        recurring: Mapping[str, timedelta],
        *,
        lease: timedelta = jobs.LEASE,
        first_retry: timedelta = FIRST_RETRY,
        stop: threading.Event | None = None,
    ):
        self.handlers = handlers
        self.recurring = recurring
        self.lease = lease
        self.first_retry = first_retry
        self.stop = stop or threading.Event()
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid4().hex[:8]}"

    def run(self) -> None:
        """Until told to stop. A database that is away is waited for."""
        pause = 0.05
        while not self.stop.is_set():
            if self.with_database(self.run_one):
                pause = 0.05
            else:
                self.stop.wait(pause)
                pause = min(2 * pause, IDLE)

    def run_due(self) -> int:
        """What is due now and while at it; how many runs that were."""
        runs = 0
        while not self.stop.is_set() and self.run_one():
            runs += 1
        return runs

    def run_one(self) -> bool:
        jobs.keep_recurring(self.recurring)
        job = jobs.claim(self.name, self.handlers, self.lease)
        if job is None:
            return False
        settle = self.perform(job)
        if not self.with_database(settle, give_up=True):
            logger.warning("%s %s: another worker has taken it over", job.kind, job.id)
        return True

    def perform(self, job: Job) -> Callable[[], bool]:
        """Run it, as far as it gets; what is to be written about that."""
        begun = time.monotonic()
        level = logging.DEBUG if job.kind in self.recurring else logging.INFO
        logger.log(level, "%s %s: begun, try %d", job.kind, job.id, job.attempts)
        progress = jobs.Progress(job, lease=self.lease, interrupted=self.interrupter(begun))
        try:
            self.handlers[job.kind](progress, **job.arguments)
        except jobs.LeaseLost:
            return lambda: False
        except jobs.Interrupted:
            logger.log(level, "%s %s: goes on later", job.kind, job.id)
            return lambda: jobs.put_back(job)
        except Exception as error:  # a job that fails must not take the others along
            tries = 1 if progress.further else job.attempts
            message = f"{type(error).__name__}: {error}"
            if _of_the_database(error) and tries < jobs.TRIES:
                delay = self.first_retry * 2 ** (tries - 1)
                logger.warning("%s %s: again in %s: %s", job.kind, job.id, delay, message)
                return lambda: jobs.try_again(job, message, delay)
            logger.exception("%s %s failed", job.kind, job.id)
            return lambda: jobs.fail(job, message)
        seconds = time.monotonic() - begun
        logger.log(level, "%s %s: done in %.2f s", job.kind, job.id, seconds)
        every = self.recurring.get(job.kind)
        if every is not None:
            every = max(every, timedelta(seconds=REST * seconds))
        return lambda: jobs.finish(job, progress.message, every)

    def interrupter(self, begun: float) -> Callable[[], bool]:
        until = begun + SLICE

        def interrupted() -> bool:
            nonlocal until
            if self.stop.is_set():
                return True
            if time.monotonic() < until:
                return False
            until = time.monotonic() + SLICE
            jobs.keep_recurring(self.recurring)
            return jobs.due(self.handlers)

        return interrupted

    def with_database(self, work: Callable[[], bool], *, give_up: bool = False) -> bool:
        """Do it, again and again until the database is there. Told to stop, only once more."""
        pause = 0.1
        while True:
            if not connection.in_atomic_block:  # a test's transaction
                close_old_connections()
            try:
                return work()
            except _NO_DATABASE as error:
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                logger.warning("The database cannot be used, waiting: %s", reason)
                connection.close()
            if self.stop.wait(pause):
                return give_up
            pause = min(2 * pause, IDLE)


def _of_the_database(error: BaseException | None) -> bool:
    """Whether it, or what it was raised from, says that the database was not there or was busy."""
    while error is not None:
        if isinstance(error, _NO_DATABASE):
            return True
        error = error.__cause__
    return False


@contextlib.contextmanager
def stopped_by(*signals: signal.Signals) -> Iterator[threading.Event]:
    """An event that these signals set. A second Ctrl-C ends the process at once."""
    stop, said = threading.Event(), queue.SimpleQueue()

    def watch():
        while number := said.get():
            if stop.is_set() and number == signal.SIGINT:
                os._exit(1)
            stop.set()

    # A handler that set the event itself could meet the lock of who waits for it.
    before = {
        number: signal.signal(number, lambda number, _: said.put(number)) for number in signals
    }
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        said.put(0)
        watcher.join()
