"""Columns computed from a merged row. They are never merged: the same row gives the same values."""

from datetime import timedelta
from operator import attrgetter

from .choices import UNANSWERED, Direction, Party, Provider, Side, Status
from .keys import leg_key
from .merge import State
from .models import Call, Leg
from .numbers import last_digits_first
from .rows import instance

PARENT_LOOP = "parent_loop"

# Providers that count each connection as a call of its own; the others report legs.
CONNECTION_IS_CALL = frozenset({Provider.FREECLIMB})

# Flags that come and go with the row; all others, once set, stay.
DERIVED_FLAGS = frozenset(
    {
        PARENT_LOOP,
        "talk_exceeds_duration",
        "end_without_start",
        "end_before_start",
        "start_conflict",
    }
)


def complete(call: Call, state: State, provider: str) -> None:
    """Fill the derived columns of a call whose merged columns stand. The parent loop is not seen
    from one row: see `place`."""
    if provider in CONNECTION_IS_CALL:
        _parties(call)
    call.customer_digits = last_digits_first(call.customer_number)
    call.begun_at = call.started_at or call.created_at
    unanswered = call.is_over and call.status in UNANSWERED
    until = call.answered_at or (call.ended_at if unanswered else None)
    call.waited_seconds = None
    if call.started_at and until and until >= call.started_at:
        call.waited_seconds = (until - call.started_at) // timedelta(seconds=1)
    if provider in CONNECTION_IS_CALL and "talk_seconds" not in state.entries:
        call.talk_seconds = _observed_talk(call)
    call.missed = (
        call.is_over
        and call.direction == Direction.INBOUND
        and call.status in UNANSWERED
        and call.answered_at is None
    )
    call.flags = sorted(state.flags.keys() | _flags(call, state))
    call.flagged = bool(call.flags)


def place(call: Call, *, in_loop: bool) -> None:
    """Say whether a call's parents form a loop, and list it accordingly."""
    call.is_root = call.parent_id is None or in_loop
    call.flags = sorted({*call.flags} - {PARENT_LOOP} | ({PARENT_LOOP} if in_loop else set()))
    call.flagged = bool(call.flags)


def _observed_talk(call: Call) -> int | None:
    """From the answer to the end, as webhooks told of them, until the provider says a length."""
    if not call.is_over or not call.answered_at or not call.ended_at:
        return None
    return max(0, (call.ended_at - call.answered_at) // timedelta(seconds=1))


def _parties(call: Call) -> None:
    """FreeClimb says from and to; who of them is the customer follows from the direction."""
    if call.direction == Direction.INBOUND:
        call.customer_number, call.service_number = call.from_number, call.to_number
    elif call.direction in (Direction.OUTBOUND, Direction.OUTBOUND_DIAL):
        call.customer_number, call.service_number = call.to_number, call.from_number


def _flags(call: Call, state: State) -> set[str]:
    flags = set()
    if (
        "talk_seconds" in state.entries
        and call.talk_seconds is not None
        and call.duration_seconds is not None
        and call.talk_seconds > call.duration_seconds
    ):
        flags.add("talk_exceeds_duration")
    if call.ended_at and not call.started_at:
        flags.add("end_without_start")
    if call.ended_at and call.started_at and call.ended_at < call.started_at:
        flags.add("end_before_start")
    least, most = state.entries.get("start_least"), state.entries.get("start_most")
    if least and most and most.value - least.value > timedelta(days=1):
        flags.add("start_conflict")
    return flags


def connection(call: Call, provider: str) -> Leg | None:
    """The leg that a call is, where each connection is a call: its own leg a, or its parent's b."""
    if provider not in CONNECTION_IS_CALL:
        return None
    child = call.parent_id is not None and not call.is_root
    owner, side = (call.parent_id, Side.B) if child else (call.id, Side.A)
    inbound = call.direction == Direction.INBOUND
    known = call.direction != Direction.UNKNOWN and not child
    columns = {
        "id": leg_key(owner, side, call.id),
        "call_id": owner,
        "side": side,
        "connected_call_id": call.id,
        "party": Party.CUSTOMER if known else Party.UNKNOWN,
        "number": call.from_number if inbound else call.to_number,
        "raw_number": call.from_raw if inbound else call.to_raw,
        "status": call.status or Status.UNKNOWN,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "strength": call.strength,
        "created_at": call.created_at,
    }
    return instance(Leg, columns)


# What two such legs with the same key may differ in.
given_by_call = attrgetter(
    "party",
    "number",
    "raw_number",
    "status",
    "started_at",
    "answered_at",
    "ended_at",
    "strength",
    "created_at",
)
