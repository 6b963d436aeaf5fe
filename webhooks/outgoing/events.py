"""What subscriptions can be told of, and which changes that is."""

from collections.abc import Collection
from dataclasses import dataclass

TEST = "test"  # asked for by hand, subscribed to by nobody


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` and `word`: the entries of the changes feed that it follows from. `scope`: what an
    integration needs to be told of it, as for reading the same in the API."""

    kind: str
    word: str
    scope: str
    sentence: str


# Of one change in this order: a call that is new, answered and over at once tells all three.
EVENTS = {
    "call.started": Event(
        "call", "created", "calls:read", "We heard of a call for the first time."
    ),
    "call.answered": Event("call", "answered", "calls:read", "A call was answered."),
    "call.finalized": Event("call", "over", "calls:read", "The end of a call was reported."),
    "call.changed": Event(
        "call", "changed", "calls:read", "Something else about a call changed, also after its end."
    ),
    "recording.ready": Event(
        "recording", "ready", "recordings:read", "The address of a recording became known."
    ),
    "conference.ended": Event("conference", "ended", "calls:read", "A conference ended."),
    "delivery.failed": Event(
        "delivery", "failed", "deliveries:read", "What a provider sent could not be processed."
    ),
}


def events_of(kind: str, words: Collection[str]) -> list[str]:
    """The event types that an entry of the feed stands for, earliest first; none for an erasure."""
    if "erased" in words:
        return []
    found = [name for name, event in EVENTS.items() if event.kind == kind and event.word in words]
    # "Changed" is for what has no event of its own.
    return [name for name in found if name != "call.changed" or len(found) == 1]
