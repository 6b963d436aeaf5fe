"""Counters that all processes of one machine share: a small file in memory, no database.

A set of eight slots is found by the hash of a counter's name; a new counter takes the slot whose
time is over, or the one with the least in it. So the file never grows, and under a flood of names
only the smallest counters are forgotten. A window begins with its first request.

Several machines behind one balancer count each for themselves: a key may then do as much on each of
them. Set the rates to a share accordingly, or let the balancer keep one integration on one machine.
"""

import fcntl
import mmap
import os
import struct
import threading
import time
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

_SETS, _WAYS = 2048, 8
_SLOT = struct.Struct("<QdI4x")  # hash of the name, when the window ends, count
_SET_BYTES = _WAYS * _SLOT.size
_MOST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Count:
    count: int  # this request included
    ends_in: float  # seconds until the window is over


class Counters:
    def __init__(self, path: Path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        size = _SETS * _SET_BYTES
        # Under the lock: who opens it at the same time would write over what is counted already.
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            # Written, not stretched: writing to a hole on a full disk would kill the process.
            if os.fstat(self._file).st_size < size:
                os.pwrite(self._file, bytes(size), 0)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._memory = mmap.mmap(self._file, size)
        self._threads = threading.Lock()  # flock() is between open files, not between threads

    def add(
        self, name: str, seconds: float, at: float | None = None, *, prolong: bool = False
    ) -> Count:
        """Count one more of `name` in its window of so many seconds; `prolong`: which begins anew
        each time, so that the name is forgotten so long after its last use."""
        key = _hash(name)
        with self._threads:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                # Not before: who waited here would take a window begun meanwhile for a clock that
                # was set back, and begin it anew.
                at = time.time() if at is None else at
                place, (known, ends, count) = self._slot(key, at)
                # A clock that was set back must not shut somebody out for longer than a window.
                if known != key or not at < ends <= at + seconds:
                    ends, count = at + seconds, 0
                elif prolong:
                    ends = at + seconds
                count = min(count + 1, _MOST)
                _SLOT.pack_into(self._memory, place, key, ends, count)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        return Count(count, ends - at)

    def look(self, name: str, at: float | None = None) -> Count:
        """The count as it stands; 0 where the window is over or was forgotten."""
        at = time.time() if at is None else at
        key = _hash(name)
        with self._threads:
            fcntl.flock(self._file, fcntl.LOCK_SH)
            try:
                _place, (known, ends, count) = self._slot(key, at)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        return Count(count, ends - at) if known == key and ends > at else Count(0, 0.0)

    def _slot(self, key: int, at: float):
        """Where the counter is or may be put, and what stands there."""
        start = key % _SETS * _SET_BYTES
        slots = [
            (place, _SLOT.unpack_from(self._memory, place))
            for place in range(start, start + _SET_BYTES, _SLOT.size)
        ]
        for place, slot in slots:
            if slot[0] == key:
                return place, slot
        return min(slots, key=lambda one: (one[1][1] > at, one[1][2]))


def _hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little") or 1


@cache
def _opened(path: Path, process: int) -> Counters:
    return Counters(path)


def counters(path: Path) -> Counters:
    """Those in a file. A forked process opens it anew: it would share its parent's lock."""
    return _opened(path, os.getpid())
