"""Waiting for changes: one thread of a process looks for all its requests that wait."""

import logging
import time
from collections.abc import Callable
from threading import Condition, Event, Thread

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from calls.places import Places
from calltrack import stopping

from . import positions

logger = logging.getLogger(__name__)

EVERY = 0.25  # seconds between two looks, while somebody waits


class Watch:
    """`look` gives the last position, in a thread of ours that runs while somebody has a place."""

    def __init__(self, look: Callable[[], int]):
        self._look = look
        self._changed = Condition()
        self._places = Places()  # each a thread of the server that waits
        self._seen = 0  # the last position
        self._thread: Thread | None = None
        self._over = Event()
        stopping.when_told(self.stop)

    @property
    def taken(self) -> int:
        return self._places.taken

    def take(self, holder: str) -> bool:
        """A place to wait at: a quarter of the process's threads may, the others answer; and a
        quarter of those for one holder, so that nobody keeps all others from waiting."""
        most = settings.SERVER_THREADS // 4
        with self._changed:
            if self._over.is_set():
                return False
            if not self._places.take(holder, most=most, each=max(most // 4, 1)):
                return False
            if self._thread is None:
                self._seen = 0
                self._thread = Thread(target=self._run, name="changes-watch", daemon=True)
                self._thread.start()
            return True

    def leave(self, holder: str) -> None:
        """Give the place back."""
        with self._changed:
            self._places.leave(holder)

    def wait(self, position: int, until: float) -> bool:
        """Whether there is something beyond a position before that time (of time.monotonic)."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._seen > position or self._over.is_set(), until - time.monotonic()
            )
            return self._seen > position and not self._over.is_set()

    def stop(self) -> None:
        """The process is to end: nobody waits any longer."""
        self._over.set()
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self.taken or self._over.is_set():
                    self._thread = None
                    return
            seen = self._look_once()
            if seen is not None and seen != self._seen:
                with self._changed:
                    self._seen = seen
                    self._changed.notify_all()
            self._over.wait(EVERY)

    def _look_once(self) -> int | None:
        try:
            return self._look()
        except (DatabaseError, InterfaceError) as error:  # who waits will be told by his own query
            logger.warning("no look at the changes: %s", error)
            return None
        finally:
            connection.close()


def _look() -> int:
    while positions.give_positions() == positions.MOST:
        pass
    return positions.last()


watch = Watch(_look)
