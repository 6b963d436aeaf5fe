"""The join of what was said about an object: pure functions, one rule per field.

A `State` holds, per field, the value that stands and the claim that vouches for it. Every rule is
a total order over (value, claim); the greatest stands and a missing value never takes part. So
`join` is associative, commutative and idempotent: any order, repetition or grouping of the same
facts gives the same state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from .choices import CONFERENCE_FINAL, CONFERENCE_RANK, STATUS_RANK, Status, Strength
from .facts import Claim, Fact, Number, micros


class Entry(NamedTuple):
    """A value, the claim that vouches for it, and the delivery that made the claim."""

    value: Any
    claim: Claim
    delivery: UUID | None


# Of (value, claim, delivery): half the time of Entry(…), and a delivery makes fifty.
entry_of = partial(tuple.__new__, Entry)


@dataclass(slots=True)
class State:
    entries: dict[str, Entry] = field(default_factory=dict)
    # What looks wrong, and the deliveries that showed it first. Who they are is history.
    flags: dict[str, tuple[UUID, ...]] = field(default_factory=dict)


Rule = Callable[[Any, Claim], tuple]


def text(value: Any) -> str:
    """The last tie-break: any total order over values will do, as long as it is one."""
    if isinstance(value, tuple):
        return "\0".join(map(str, value))
    return str(value)


def strongest(value: Any, claim: Claim) -> tuple:
    return (claim.strength, claim.stage, claim.revision, claim.time, text(value))


def earliest(value: datetime, claim: Claim) -> tuple:
    return (claim.strength, -micros(value), claim.stage, claim.revision, claim.time)


def latest(value: datetime, claim: Claim) -> tuple:
    return (claim.strength, micros(value), claim.stage, claim.revision, claim.time)


def least(value: datetime, claim: Claim) -> tuple:
    return (-micros(value), *claim)


def greatest(value: Any, claim: Claim) -> tuple:
    return (micros(value) if isinstance(value, datetime) else value, *claim)


def by_time(value: Any, claim: Claim) -> tuple:
    return (claim.time, claim.strength, claim.stage, claim.revision, text(value))


def call_status(value, claim: Claim) -> tuple:
    """A call that is over stays over; among the words of its life the furthest one stands."""
    rank = STATUS_RANK[value.status]
    if value.over:
        known = value.status != Status.UNKNOWN
        return (
            1,
            claim.strength,
            known,
            claim.revision,
            claim.time,
            rank,
            text(value),
            claim.stage,
        )
    return (0, rank, claim.revision, claim.time, claim.strength, text(value), claim.stage)


def agent(value, claim: Claim) -> tuple:
    """Who took the call stands, wherever else it rang; of several the one said best, then the
    first: a repeat that is signed anew is later and must change nothing."""
    best = (claim.strength, claim.stage, claim.revision, -claim.time)
    return (bool(value.answered), *best, text(value))


def conference_status(value, claim: Claim) -> tuple:
    final = value.status in CONFERENCE_FINAL
    rank = CONFERENCE_RANK[value.status]
    return (final, claim.time, rank, claim.strength, text(value), claim.stage, claim.revision)


# What every object has: how strongly it was ever spoken of, and when we first heard of it.
_COMMON: dict[str, Rule] = {"strength": greatest, "created_at": least}
_TIMES: dict[str, Rule] = {"started_at": earliest, "answered_at": earliest, "ended_at": earliest}

# Fields that are not `strongest`.
CALL_RULES: Mapping[str, Rule] = {
    **_COMMON,
    **_TIMES,
    "status": call_status,
    "agent": agent,
    "queue": by_time,
    "start_least": least,
    "start_most": greatest,
}
LEG_RULES: Mapping[str, Rule] = {**_COMMON, **_TIMES}
CONFERENCE_RULES: Mapping[str, Rule] = {**_COMMON, **_TIMES, "status": conference_status}
PARTICIPANT_RULES: Mapping[str, Rule] = {
    **_COMMON,
    "state": by_time,
    "joined_at": earliest,
    "left_at": latest,
}
RECORDING_RULES: Mapping[str, Rule] = _COMMON

# A second, different value of these was said by somebody: worth a look, whoever won.
CONFLICTS = {
    "from_number": "from_conflict",
    "to_number": "to_conflict",
    "direction": "direction_conflict",
    "parent": "parent_conflict",
}


def said(fact: Fact, *, delivery: UUID, received_at: datetime) -> State:
    """The state of an object of which nothing but this fact is known."""
    claim = fact.claim
    entries = {name: entry_of((value, claim, delivery)) for name, value in fact.said()}
    entries["strength"] = entry_of((int(claim.strength), claim, delivery))
    entries["created_at"] = entry_of((received_at, claim, delivery))
    start = entries.get("started_at")
    if start and claim.strength > Strength.INFERRED:
        entries["start_least"] = entries["start_most"] = start
    return State(entries, dict.fromkeys(fact.flags, (delivery,)))


def join(rules: Mapping[str, Rule], left: State, right: State) -> State:
    """The state that knows what both know: the left one itself where the right one adds nothing.
    Equal claims keep the left one's delivery."""
    flags = left.flags
    if not flags.keys() >= right.flags.keys():
        flags = right.flags | flags
    won = {}
    for name, entry in right.entries.items():
        ours = left.entries.get(name)
        if ours is None:
            won[name] = entry
            continue
        if name in CONFLICTS and _differ(ours.value, entry.value):
            flag = CONFLICTS[name]
            if flag not in flags:
                flags = flags | {flag: (ours.delivery, entry.delivery)}
        rule = rules.get(name, strongest)
        if rule(entry.value, entry.claim) > rule(ours.value, ours.claim):
            won[name] = entry
    if not won and flags is left.flags:
        return left
    return State(left.entries | won, flags)


def _differ(left: Any, right: Any) -> bool:
    if isinstance(left, Number):
        return left.number != right.number
    return left != right
