"""Group commit: what is waiting to be written goes into one transaction."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from queue import Empty, SimpleQueue
from threading import TIMEOUT_MAX, Lock, Thread
from time import monotonic

from django.db import close_old_connections

from calls.ledger import Saying

from .models import Delivery

logger = logging.getLogger(__name__)

BATCH = 256  # deliveries in one transaction
QUEUE = 2_048  # deliveries waiting; beyond it the answer is 503 at once
PATIENCE = 5.0  # seconds that a request waits for its commit
# Seconds that a batch waits, at most, for as many as were about when the last one committed: those
# who were in it send again. 64 senders made batches of 16 without this, now of 30, and each webhook
# costs 0.85 times the CPU. Fewer than a CROWD are not waited for: 500 a second took 11 ms, not 2.
GATHER, CROWD = 0.004, 8
# Seconds without a batch after which the connection goes back to the pool. To give it back and take
# it out again, tried, cost each batch as much as three statements.
FRESH = 1.0

Pair = tuple[Delivery, Saying | None]  # a delivery, and what it says


class Unavailable(Exception):
    """The delivery could not be stored: the provider must hear a 5xx."""


class _Ticket:
    """A delivery that somebody waits for. A bare lock is let go when it is done: an Event, which is
    Python over two of them, cost a third more CPU."""

    __slots__ = ("done", "error", "make")

    def __init__(self, make: Callable[[], Pair]):
        self.make = make
        self.done = Lock()
        self.done.acquire()
        self.error: BaseException | None = None


class Committer:
    """The one thread of a process that writes: it takes everything that is waiting, commits it, and
    lets the waiters go. While one batch commits the next one gathers.

    It makes the deliveries too, and reads what they say: where the threads that wait did that, they
    took Python's lock from it and from each other, and a webhook cost 1.08 times the CPU."""

    def __init__(self, write: Callable[[Sequence[Pair]], None]):
        self._write = write
        self._waiting: deque[_Ticket] = deque()
        self._wanted: float = inf  # so many must be waiting for this to be told
        self._enough: SimpleQueue[None] = SimpleQueue()
        self._about = 1  # who sent lately: those in the last batch, and those behind it
        self._starting = Lock()
        self._thread: Thread | None = None

    def put(self, make: Callable[[], Pair]) -> None:
        """Returns when what `make` gives is committed; raises what it raises, and Unavailable."""
        if len(self._waiting) >= QUEUE:
            raise Unavailable("the queue is full")
        ticket = _Ticket(make)
        self._waiting.append(ticket)
        if len(self._waiting) >= self._wanted:
            self._enough.put(None)
        if self._thread is None or not self._thread.is_alive():
            self._start()
        if not ticket.done.acquire(timeout=PATIENCE):
            raise Unavailable(f"not committed within {PATIENCE:.0f} s")
        if ticket.error is not None:
            raise ticket.error

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="inbox-committer", daemon=True)
                self._thread.start()

    def _take(self) -> list[_Ticket]:
        """Waits for one, then a moment for the others, and takes all that came."""
        if not self._wait_for(1, FRESH):
            self._about = 1
            _give_back()
            self._wait_for(1, TIMEOUT_MAX)
        if self._about >= CROWD:
            self._wait_for(self._about, GATHER)
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]

    def _wait_for(self, count: int, seconds: float) -> bool:
        """Until so many are waiting, if that comes in time. Only who makes it so many wakes this
        thread: where each of them did, a webhook cost 1.03 times the CPU."""
        until = monotonic() + seconds
        self._wanted = count
        try:
            while len(self._waiting) < count:
                self._enough.get(timeout=max(0, until - monotonic()))
        except Empty:
            return False
        finally:
            self._wanted = inf
        return True

    def _run(self) -> None:
        while True:
            batch = self._take()
            error: BaseException | None = None
            try:
                self._write([pair for pair in map(_made, batch) if pair])
            except BaseException as caught:  # noqa: BLE001 — every waiter must be answered
                logger.error("A batch of %d was not stored: %s", len(batch), caught)
                error = caught
                _give_back()
            finally:
                self._about = min(len(batch) + len(self._waiting), BATCH)
                for ticket in batch:
                    if error is not None and ticket.error is None:
                        ticket.error = Unavailable(str(error))
                    ticket.done.release()


def _give_back() -> None:
    """The connection, to the pool. One that cannot even be closed must not end the thread: those
    who came meanwhile would wait for whoever starts it again."""
    try:
        close_old_connections()
    except Exception:
        logger.warning("A connection could not be given back", exc_info=True)


def _made(ticket: _Ticket) -> Pair | None:
    """What is to be written; who asked for what cannot be made is told why, the others go on."""
    try:
        return ticket.make()
    except BaseException as error:  # noqa: BLE001 — to be raised where it was asked for
        ticket.error = error
        return None
