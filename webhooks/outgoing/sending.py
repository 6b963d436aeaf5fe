"""Telling others, beside the background jobs: changes become messages, messages are sent.

One thread talks to the database, many to targets. Results that come back while one transaction
commits are settled together in the next.
"""

import logging
import queue
import threading
import time
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from .claiming import claim, claim_tests, waiting
from .dispatch import dispatch
from .pace import Pace
from .settling import settle
from .trying import Claim, Result, attempt

logger = logging.getLogger(__name__)

IDLE = 1.0  # seconds at most between looks for work
LOOK = 0.25  # seconds at least between looks for changes while messages are sent
LINGER = 0.02  # seconds that a result waits for others, to be settled with them
MARGIN = 45  # seconds of a lease beyond the longest request
ROUNDS = 5  # of changes, before messages are sent again
AFTER_FAULT = 15  # seconds before changes that could not be told are tried again
_NO_DATABASE = (OperationalError, InterfaceError)


def default_lease() -> timedelta:
    return timedelta(seconds=settings.OUTGOING_SECONDS + MARGIN)


class Sender:
    """`name` is the worker's, and nobody else's. Several may run; each sends `threads` messages at
    once, half of them at most to one target."""

    def __init__(
        self,
        name: str,
        stop: threading.Event,
        *,
        lease: timedelta | None = None,
        pace: Pace | None = None,
        threads: int | None = None,
    ):
        self.name = name
        self.stop = stop
        self.lease = lease or default_lease()
        self.pace = pace or Pace()
        self.threads = threads or settings.OUTGOING_THREADS
        self.seconds = settings.OUTGOING_SECONDS
        self._claims: queue.SimpleQueue[Claim | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Result | None] = queue.SimpleQueue()
        self._unsettled: list[Result] = []
        self._busy: Counter = Counter()
        self._look_at = self._dispatch_at = 0.0

    def run(self) -> None:
        """Until told to stop. What is under way then gets its time to come back."""
        self._start()
        threading.Thread(target=self._wake_at_stop, daemon=True).start()
        pause = 0.1
        while not self.stop.is_set():
            try:
                more = self._step_on_fresh_connection()
                pause = 0.1
            except _NO_DATABASE as error:
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                logger.warning("The database cannot be used, waiting: %s", reason)
                connection.close()
                more, pause = True, self._wait(pause)
            except Exception:  # a fault of ours; the next one may be free of it
                logger.exception("Webhooks cannot be sent, waiting")
                more, pause = True, self._wait(pause)
            if not more:
                self._gather(IDLE)
        self._drain()

    def run_due(self) -> int:
        """What is due now and while at it; how many tries that were."""
        self._start()
        tries = 0
        while not self.stop.is_set():
            tries += len(self._unsettled)
            if not self.step():
                if not self._busy.total():
                    break
                self._gather(IDLE)
        self._drain()
        return tries

    def step(self) -> bool:
        """Settle what came back, read on in the changes, send what is due as far as threads are
        free; whether there may be more to do at once."""
        settled = bool(self._unsettled)
        settle(self.name, self._unsettled, self.pace)
        self._unsettled = []
        told = tests = False
        # While messages come and go the next ones are just asked for.
        if not settled or time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK
            there = waiting()
            told = there.changes and self._dispatch()
            tests = there.tests
            if not (told or tests or there.messages):
                return False
        self._claim(tests)
        return told

    def _dispatch(self) -> bool:
        """A change that cannot be told is a fault of ours; what waits already is sent all the
        same."""
        if time.monotonic() < self._dispatch_at:
            return False
        rounds = 0
        try:
            while rounds < ROUNDS and dispatch():
                rounds += 1
        except _NO_DATABASE:
            raise
        except Exception:
            logger.exception("Changes cannot be told, trying again in %d s", AFTER_FAULT)
            self._dispatch_at = time.monotonic() + AFTER_FAULT
        return rounds > 0

    def _claim(self, tests: bool) -> None:
        free, width = self.threads - self._busy.total(), max(self.threads // 2, 1)
        if free <= 0:
            return
        claims = claim_tests(self.name, free, self.lease) if tests else []
        if free > len(claims):
            claims += claim(self.name, free - len(claims), self._busy, width, self.lease)
        for each in claims:
            self._busy[each.subscription] += 1
            self._claims.put(each)

    def _step_on_fresh_connection(self) -> bool:
        close_old_connections()
        self._gather(0)
        return self.step()

    def _gather(self, seconds: float) -> None:
        """Take what comes back; wait so long for the first, and a moment for those close by."""
        until = time.monotonic() + seconds
        while True:
            try:
                result = self._results.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                return
            if not self._unsettled:
                until = min(until, time.monotonic() + LINGER)
            if result is None:  # told to stop
                return
            self._busy[result.claim.subscription] -= 1
            self._unsettled.append(result)
            if not self._busy.total():
                return

    def _wait(self, pause: float) -> float:
        self.stop.wait(pause)
        return min(2 * pause, 5 * IDLE)

    def _drain(self) -> None:
        """What does not come back in time is sent again by another, after its lease."""
        until = time.monotonic() + max(settings.STOP_SECONDS - 1, 1)
        while self._busy.total() and (left := until - time.monotonic()) > 0:
            self._gather(left)
        self._gather(0)
        try:
            settle(self.name, self._unsettled, self.pace)
        except _NO_DATABASE as error:
            logger.warning("%d tries could not be noted: %s", len(self._unsettled), error)
        for _ in range(self.threads):
            self._claims.put(None)

    def _start(self) -> None:
        for _ in range(self.threads):
            # Daemons: a target that hangs must not hold the end of the process.
            threading.Thread(target=self._try_on, daemon=True).start()

    def _try_on(self) -> None:
        while (each := self._claims.get()) is not None:
            self._results.put(attempt(each, self.seconds))

    def _wake_at_stop(self) -> None:
        self.stop.wait()
        self._results.put(None)
