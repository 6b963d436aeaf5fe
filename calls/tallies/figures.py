"""What became of some conversations, in numbers that can be added up. No models, no database."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from calls.choices import Direction, Status

ANSWERED = frozenset({Status.IN_PROGRESS, Status.COMPLETED})

_EXACT = 20  # seconds up to which each has a bucket of its own
_WIDTH = math.log(1.1)  # of the buckets above; the middle of one is less than 5 % from its ends


def bucket(seconds: int) -> int:
    """The bucket of the histogram in which a time to answer falls."""
    if seconds <= _EXACT:
        return seconds
    return _EXACT + 1 + int(math.log(seconds / (_EXACT + 1)) / _WIDTH)


def seconds_of(bucket: int) -> int | float:
    """The time that a bucket stands for: exact up to 20 s, within 5 % above."""
    if bucket <= _EXACT:
        return bucket
    return (_EXACT + 1) * math.exp(_WIDTH * (bucket - _EXACT - 0.5))


class Row(NamedTuple):
    """What is counted of a conversation; the names are the columns'."""

    account_id: UUID
    service_number: str
    agent_number: str
    direction: str
    status: str
    missed: bool
    talk_seconds: int | None
    waited_seconds: int | None


@dataclass(slots=True)
class Figures:
    """Answered: in progress or completed. Missed: inbound, over, and nobody answered.

    `waits` holds the answered inbound conversations by time to answer, None where it was not asked
    for: median and 90th percentile are then not to be had.
    """

    calls: int = 0
    inbound: int = 0
    answered: int = 0
    inbound_answered: int = 0
    missed: int = 0
    failed: int = 0
    talk_seconds: int = 0
    waits: Counter[int] | None = None

    def __add__(self, other: "Figures") -> "Figures":
        waits = None
        if self.waits is not None and other.waits is not None:
            waits = self.waits + other.waits
        return Figures(*(getattr(self, n) + getattr(other, n) for n in COUNTS), waits)

    def count(self, row: Row) -> None:
        """Count one conversation more."""
        inbound = row.direction == Direction.INBOUND
        answered = row.status in ANSWERED
        self.calls += 1
        self.inbound += inbound
        self.answered += answered
        self.inbound_answered += inbound and answered
        self.missed += row.missed
        self.failed += row.status == Status.FAILED
        self.talk_seconds += row.talk_seconds or 0
        if inbound and answered and self.waits is not None and row.waited_seconds is not None:
            self.waits[bucket(row.waited_seconds)] += 1

    @property
    def answer_rate(self) -> float | None:
        """Of the inbound conversations that were answered or missed, the share answered."""
        of = self.inbound_answered + self.missed
        return self.inbound_answered / of if of else None

    @property
    def median_wait(self) -> int | float | None:
        """Seconds until half of the answered inbound conversations were answered."""
        return self.wait(0.5)

    @property
    def p90_wait(self) -> int | float | None:
        return self.wait(0.9)

    def wait(self, share: float) -> int | float | None:
        """The least time within which that share was answered; None if none was."""
        if self.waits is None:
            raise LookupError("these figures were read without waits")
        rank = math.ceil(share * self.waits.total())
        for place in sorted(self.waits):
            rank -= self.waits[place]
            if rank <= 0:
                return seconds_of(place)
        return None


# The columns that add up, in the order in which Figures takes them.
COUNTS = (
    *("calls", "inbound", "answered", "inbound_answered", "missed", "failed"),
    "talk_seconds",
)


def with_waits() -> Figures:
    return Figures(waits=Counter())


def total(several: Iterable[Figures]) -> Figures:
    """All of them in one; waits where all have them."""
    result = with_waits()
    for figures in several:
        result += figures
    return result
