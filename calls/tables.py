"""Which table a fact goes to, and how a merged state lies in its columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from . import merge
from .facts import (
    EPOCH,
    AgentWord,
    CallFact,
    Claim,
    ConferenceFact,
    ConferenceWord,
    EndWord,
    LegFact,
    Number,
    ParticipantFact,
    QueueWord,
    RecordingFact,
    StatusWord,
    micros,
)
from .keys import call_key, conference_key, leg_key, participant_key, recording_key
from .merge import Rule, State, entry_of
from .models import Call, Conference, Leg, Participant, Recording
from .models.base import MergedModel

# Kept for the flags they give; they have no column of their own.
HIDDEN = ("start_least", "start_most")


@dataclass(frozen=True, slots=True)
class Table:
    model: type[MergedModel]
    rules: Mapping[str, Rule]
    # The fields that can be said: field → columns. Two columns hold one value of that type.
    columns: Mapping[str, tuple[str, ...]]
    # fact, account id → (key, the columns that identify the row)
    identify: Callable[[Any, UUID], tuple[UUID, dict[str, Any]]]
    types: Mapping[str, Callable] = field(default_factory=dict)
    conflict: tuple[str, ...] = ("id",)  # the upsert's target: the key, or what holds the root


def _columns(*plain: str, **composite: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in ("strength", "created_at", *plain)} | composite


def _call(fact: CallFact, account: UUID):
    return call_key(account, fact.call_id), {
        "account_id": account,
        "provider_call_id": fact.call_id,
    }


def _leg(fact: LegFact, account: UUID):
    call = call_key(account, fact.call_id)
    return leg_key(call, fact.side, call), {
        "call_id": call,
        "side": fact.side,
        "connected_call_id": call,
    }


def _conference(fact: ConferenceFact, account: UUID):
    return conference_key(account, fact.conference_id), {
        "account_id": account,
        "provider_conference_id": fact.conference_id,
    }


def _participant(fact: ParticipantFact, account: UUID):
    conference = conference_key(account, fact.conference_id)
    call = call_key(account, fact.call_id)
    return participant_key(conference, call), {"conference_id": conference, "call_id": call}


def _recording(fact: RecordingFact, account: UUID):
    return recording_key(account, fact.key), {"account_id": account}


CALLS = Table(
    model=Call,
    rules=merge.CALL_RULES,
    identify=_call,
    columns=_columns(
        "direction",
        "provider_error_code",
        "hangup_by",
        "customer_number",
        "service_number",
        "phone_number_id",
        "application_id",
        "provider_request_id",
        "group_name",
        "ivr_keys",
        "started_at",
        "answered_at",
        "ended_at",
        "duration_seconds",
        "talk_seconds",
        "answered_by",
        "cost_amount",
        "cost_unit",
        "provider_created_at",
        "provider_updated_at",
        "provider_revision",
        parent=("parent_provider_call_id",),
        status=("is_over", "status", "provider_status"),
        end_reason=("end_reason", "provider_end_reason"),
        from_number=("from_number", "from_raw"),
        to_number=("to_number", "to_raw"),
        agent=("agent_answered", "agent_number", "agent_name"),
        queue=("queue_state", "queue_id"),
    ),
    types={
        "status": StatusWord,
        "end_reason": EndWord,
        "from_number": Number,
        "to_number": Number,
        "agent": AgentWord,
        "queue": QueueWord,
    },
)
LEGS = Table(
    model=Leg,
    rules=merge.LEG_RULES,
    identify=_leg,
    columns=_columns(
        "party",
        "name",
        "status",
        "started_at",
        "answered_at",
        "ended_at",
        number=("number", "raw_number"),
    ),
    types={"number": Number},
    conflict=("call_id", "side", "connected_call_id"),
)
CONFERENCES = Table(
    model=Conference,
    rules=merge.CONFERENCE_RULES,
    identify=_conference,
    columns=_columns("alias", "started_at", "ended_at", status=("status", "provider_status")),
    types={"status": ConferenceWord},
)
PARTICIPANTS = Table(
    model=Participant,
    rules=merge.PARTICIPANT_RULES,
    identify=_participant,
    columns=_columns("state", "joined_at", "left_at"),
    conflict=("conference_id", "call_id"),
)
RECORDINGS = Table(
    model=Recording,
    rules=merge.RECORDING_RULES,
    identify=_recording,
    columns=_columns(
        "provider_recording_id",
        "url",
        "duration_seconds",
        "size_bytes",
        "format",
        "state",
        call=("call_id",),
        conference=("conference_id",),
    ),
)

# In the order in which they are written: roots before what points at them.
TABLES: Mapping[type, Table] = {
    CallFact: CALLS,
    LegFact: LEGS,
    ConferenceFact: CONFERENCES,
    ParticipantFact: PARTICIPANTS,
    RecordingFact: RECORDINGS,
}


def load(table: Table, row: MergedModel, derived_flags: frozenset[str]) -> State:
    """The state that a row holds: `claims` tells which columns were said, and by what."""
    claims = [_read_claim(claim) for claim in row.claims.get("c", ())]
    entries, held = {}, row.__dict__
    for name, index in row.claims.get("f", {}).items():
        if name in table.types:
            value = table.types[name](*[held[column] for column in table.columns[name]])
        elif name in HIDDEN:
            value = EPOCH + timedelta(microseconds=row.claims["x"][name])
        else:
            value = held[table.columns[name][0]]
        entries[name] = entry_of((value, *claims[index]))
    shown = row.claims.get("g", {})
    flags = {
        name: tuple(UUID(hex=delivery) for delivery in shown.get(name, ()))
        for name in row.flags
        if name not in derived_flags
    }
    return State(entries, flags)


def lay_out(table: Table, state: State) -> dict[str, Any]:
    """The columns that a state fills, `claims` among them; what nobody said keeps its default."""
    values: dict[str, Any] = {"claims": _write_claims(state)}
    for name, entry in state.entries.items():
        if name in table.types:
            values.update(zip(table.columns[name], entry.value, strict=True))
        elif name not in HIDDEN:
            values[table.columns[name][0]] = entry.value
    return values


def _write_claims(state: State) -> dict[str, Any]:
    """Distinct claims once, fields refer to them by place: they are most of a row's bytes. What one
    delivery says at one time is one claim object: compared by value it took five times as long."""
    places: dict[int, int] = {}
    claims, fields, hidden = [], {}, {}
    for name, (value, claim, delivery) in state.entries.items():
        place = places.get(id(claim))
        if place is None:
            place = places[id(claim)] = len(claims)
            claims.append([*claim, delivery.hex])
        fields[name] = place
        if name in HIDDEN:
            hidden[name] = micros(value)
    written = {"c": claims, "f": fields}
    if hidden:
        written["x"] = hidden
    if state.flags:
        written["g"] = {
            name: [delivery.hex for delivery in state.flags[name]] for name in sorted(state.flags)
        }
    return written


def _read_claim(written: list) -> tuple[Claim, UUID]:
    *claim, delivery = written
    return Claim(*claim), UUID(hex=delivery)
