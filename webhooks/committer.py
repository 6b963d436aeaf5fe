"""Group commit: what is waiting to be written goes into one transaction."""

import logging
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from django.db import close_old_connections

from calls.ledger import Saying

from .models import Delivery

logger = logging.getLogger(__name__)

BATCH = 256  # deliveries in one transaction
QUEUE = 2_048  # deliveries waiting; beyond it the answer is 503 at once
PATIENCE = 5.0  # seconds that a request waits for its commit
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
    lets the waiters go. No timers: while one batch commits the next one gathers.

    It makes the deliveries too, and reads what they say: where the threads that wait did that, they
    took Python's lock from it and from each other, and a webhook cost 1.08 times the CPU."""

    def __init__(self, write: Callable[[Sequence[Pair]], None]):
        self._write = write
        self._waiting: SimpleQueue[_Ticket] = SimpleQueue()
        self._starting = Lock()
        self._thread: Thread | None = None

    def put(self, make: Callable[[], Pair]) -> None:
        """Returns when what `make` gives is committed; raises what it raises, and Unavailable."""
        if self._waiting.qsize() >= QUEUE:
            raise Unavailable("the queue is full")
        ticket = _Ticket(make)
        self._waiting.put(ticket)
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
        """Waits for one, and takes all that came meanwhile."""
        try:
            first = self._waiting.get(timeout=FRESH)
        except Empty:
            close_old_connections()
            first = self._waiting.get()
        more = min(self._waiting.qsize(), BATCH - 1)
        return [first, *(self._waiting.get() for _ in range(more))]

    def _run(self) -> None:
        while True:
            batch = self._take()
            error: BaseException | None = None
            try:
                self._write([pair for pair in map(_made, batch) if pair])
            except BaseException as caught:  # noqa: BLE001 — every waiter must be answered
                logger.error("A batch of %d was not stored: %s", len(batch), caught)
                error = caught
                close_old_connections()
            finally:
                for ticket in batch:
                    if error is not None and ticket.error is None:
                        ticket.error = Unavailable(str(error))
                    ticket.done.release()


def _made(ticket: _Ticket) -> Pair | None:
    """What is to be written; who asked for what cannot be made is told why, the others go on."""
    try:
        return ticket.make()
    except BaseException as error:  # noqa: BLE001 — to be raised where it was asked for
        ticket.error = error
        return None
