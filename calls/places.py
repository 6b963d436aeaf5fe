"""Places for requests that hold a thread of the server for long, shared out among those who ask."""

from collections import Counter
from threading import Lock


class Places:
    """Those of one process. A holder has a name: permissions.who()."""

    def __init__(self):
        self._held: Counter[str] = Counter()
        self._lock = Lock()

    @property
    def taken(self) -> int:
        return self._held.total()

    def held_by(self, holder: str) -> int:
        return self._held[holder]

    def take(self, holder: str, *, most: int, each: int) -> bool:
        """Whether there was one, of so many in all and so many for each holder."""
        with self._lock:
            if self.taken >= most or self._held[holder] >= each:
                return False
            self._held[holder] += 1
            return True

    def leave(self, holder: str) -> None:
        with self._lock:
            self._held[holder] -= 1
            if not self._held[holder]:
                del self._held[holder]
