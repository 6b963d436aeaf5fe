"""What a provider said about one object, in our words. No models, no database.

A fact names its object by the provider's own ids and states only what it knows: None means the
delivery did not say. Times are aware datetimes, lengths are whole seconds. Nobody changes a fact;
frozen, it would take three times as long to make.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from .choices import (
    AnsweredBy,
    ConferenceStatus,
    Direction,
    EndReason,
    HangupBy,
    ParticipantState,
    Party,
    QueueState,
    RecordingState,
    Side,
    Status,
    Strength,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """An aware datetime as whole microseconds since 1970."""
    return (moment - EPOCH) // _MICROSECOND


class Claim(NamedTuple):
    """How strong a saying is, and as of when. Compared field by field, greatest wins."""

    strength: Strength
    time: int  # microseconds since 1970: signature, else the provider's event time, else receipt
    stage: int = -1  # rank of the status that the same delivery reported
    revision: int = -1  # only the provider's own records carry one


class StatusWord(NamedTuple):
    over: bool
    status: Status
    word: str


class EndWord(NamedTuple):
    reason: EndReason
    word: str


class Number(NamedTuple):
    number: str  # E.164 where possible, else the text as sent
    raw: str


class AgentWord(NamedTuple):
    """Who of ours took a call, or where it only rang."""

    answered: bool
    number: str  # E.164 where possible, else as sent
    name: str


class QueueWord(NamedTuple):
    state: QueueState
    queue_id: str


class ConferenceWord(NamedTuple):
    status: ConferenceStatus
    word: str


class Fact:
    """What all facts share: which fields they state."""

    __slots__ = ()
    identity: tuple[str, ...] = ()

    def said(self) -> list[tuple[str, Any]]:
        """(field, value) for each thing this fact states."""
        names, values = _fields(type(self))
        pairs = zip(names, values(self), strict=True)
        return [(name, value) for name, value in pairs if value is not None]


@lru_cache
def _fields(kind: type[Fact]) -> tuple[list[str], attrgetter]:
    """What facts of a kind can state, and how to take it: asked of `dataclasses` each time it took
    ten times as long."""
    others = {*kind.identity, "claim", "flags"}
    names = [field.name for field in fields(kind) if field.name not in others]
    return names, attrgetter(*names)


@dataclass(kw_only=True, slots=True)
class CallFact(Fact):
    identity = ("call_id",)

    call_id: str
    claim: Claim
    parent: str | None = None  # the provider's id of the call that dialled this one
    direction: Direction | None = None
    status: StatusWord | None = None
    end_reason: EndWord | None = None
    provider_error_code: str | None = None
    hangup_by: HangupBy | None = None
    from_number: Number | None = None
    to_number: Number | None = None
    customer_number: str | None = None  # only where direction does not tell it (CallerDesk)
    service_number: str | None = None
    agent: AgentWord | None = None
    phone_number_id: str | None = None
    application_id: str | None = None
    provider_request_id: str | None = None
    group_name: str | None = None
    ivr_keys: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: int | None = None
    talk_seconds: int | None = None
    answered_by: AnsweredBy | None = None
    cost_amount: int | None = None
    cost_unit: str | None = None
    queue: QueueWord | None = None
    provider_created_at: datetime | None = None
    provider_updated_at: datetime | None = None
    provider_revision: int | None = None
    flags: frozenset[str] = frozenset()


@dataclass(kw_only=True, slots=True)
class LegFact(Fact):
    """One party's connection, where the provider reports legs within a call (CallerDesk)."""

    identity = ("call_id", "side")

    call_id: str
    side: Side
    claim: Claim
    party: Party | None = None
    number: Number | None = None
    name: str | None = None
    status: Status | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    flags: frozenset[str] = frozenset()


@dataclass(kw_only=True, slots=True)
class ConferenceFact(Fact):
    identity = ("conference_id",)

    conference_id: str
    claim: Claim
    alias: str | None = None
    status: ConferenceWord | None = None
    started_at: datetime | None = None  # somebody was in it
    ended_at: datetime | None = None  # terminated or failed
    flags: frozenset[str] = frozenset()


@dataclass(kw_only=True, slots=True)
class ParticipantFact(Fact):
    identity = ("conference_id", "call_id")

    conference_id: str
    call_id: str
    claim: Claim
    state: ParticipantState | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    flags: frozenset[str] = frozenset()


@dataclass(kw_only=True, slots=True)
class RecordingFact(Fact):
    """Audio of a call or of a conference."""

    identity = ("key",)

    key: str  # the provider's id, else the id in the URL's path, else the call's id
    claim: Claim
    provider_recording_id: str | None = None
    call: str | None = None  # the provider's id of the call
    conference: str | None = None  # the provider's id of the conference
    url: str | None = None
    duration_seconds: int | None = None
    size_bytes: int | None = None
    format: str | None = None
    state: RecordingState | None = None
    flags: frozenset[str] = frozenset()


AnyFact = CallFact | LegFact | ConferenceFact | ParticipantFact | RecordingFact
