"""A life being told: its clock, its chance, the webhooks it causes and the truth about it."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .truth import Truth

# Seconds that no life outlasts when not stretched: FreeClimb's webhooks carry no time but that of
# their signature, and a signature is good for five minutes.
LONGEST = 150


@dataclass(frozen=True, slots=True)
class Request:
    """A webhook before it is addressed and signed. `at` is when its event happened."""

    provider: str
    at: datetime
    method: str = "POST"
    body: bytes = b""
    query: str = ""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    # The same content sent once more, not byte for byte: it must change nothing.
    variant: "Request | None" = None


@dataclass(slots=True)
class Life:
    kind: str
    requests: list[Request]
    truth: Truth


class Story:
    """`stretch` multiplies the long stretches of a life: talking, waiting in a queue."""

    def __init__(self, kind: str, rng: random.Random, start: datetime, stretch: int = 1):
        self.kind = kind
        self.rng = rng
        self.now = start.astimezone(UTC).replace(microsecond=0)
        self.stretch = stretch
        self.requests: list[Request] = []
        self.truth = Truth()

    def wait(self, least: int, most: int, *, long: bool = False) -> datetime:
        """Let some seconds pass; returns the new time."""
        if long:
            most *= self.stretch
        self.now += timedelta(seconds=self.rng.randint(least, most))
        return self.now

    def id(self, prefix: str) -> str:
        """FreeClimb's way: two letters and 40 hexadecimal digits."""
        return f"{prefix}{self.rng.getrandbits(160):040x}"

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def life(self) -> Life:
        for call in self.truth.calls:
            call.settle()
        return Life(self.kind, self.requests, self.truth)


def seconds_between(earlier: datetime, later: datetime) -> int:
    return int((later - earlier).total_seconds())
