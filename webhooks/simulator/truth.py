"""What really happened, in the words of our API: what it must show once all webhooks have come.

Times are aware datetimes, lengths whole seconds; None is what the provider never told.
"""

from dataclasses import dataclass, field
from datetime import datetime

UNANSWERED = ("busy", "no_answer", "canceled", "failed")


@dataclass(slots=True, kw_only=True)
class CallTruth:
    provider: str
    life: str  # the kind of life it is part of, for people to read
    provider_call_id: str
    parent_provider_call_id: str | None = None
    is_root: bool = True
    direction: str = "unknown"
    status: str = "unknown"
    provider_status: str | None = None
    is_over: bool = False
    end_reason: str | None = None
    provider_end_reason: str | None = None
    provider_error_code: str | None = None
    hangup_by: str | None = None
    missed: bool = False
    flagged: bool = False
    from_number: str | None = None
    from_raw: str | None = None
    to_number: str | None = None
    to_raw: str | None = None
    customer_number: str | None = None
    service_number: str | None = None
    agent_answered: bool | None = None
    agent_number: str | None = None
    agent_name: str | None = None
    begun_at: datetime | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: int | None = None
    talk_seconds: int | None = None
    waited_seconds: int | None = None
    answered_by: str | None = None
    group_name: str | None = None
    ivr_keys: str | None = None
    queue_state: str | None = None
    queue_id: str | None = None
    cost_amount: int | None = None
    cost_unit: str | None = None
    phone_number_id: str | None = None
    application_id: str | None = None
    provider_request_id: str | None = None
    provider_created_at: datetime | None = None
    provider_updated_at: datetime | None = None
    provider_revision: int | None = None
    flags: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Fill in what follows from the rest, once the life is over."""
        self.begun_at = self.started_at
        self.is_root = self.parent_provider_call_id is None
        unanswered = self.is_over and self.status in UNANSWERED
        until = self.answered_at or (self.ended_at if unanswered else None)
        if self.started_at and until:
            self.waited_seconds = int((until - self.started_at).total_seconds())
        if self.provider == "freeclimb" and self.is_over and self.answered_at and self.ended_at:
            self.talk_seconds = int((self.ended_at - self.answered_at).total_seconds())
        self.missed = self.is_over and self.direction == "inbound" and self.status in UNANSWERED
        self.flagged = bool(self.flags)


@dataclass(slots=True, kw_only=True)
class LegTruth:
    provider_call_id: str
    side: str
    connected_provider_call_id: str
    party: str = "unknown"
    number: str | None = None
    raw_number: str | None = None
    name: str | None = None
    status: str = "unknown"
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    flags: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ConferenceTruth:
    provider_conference_id: str
    alias: str | None = None
    status: str = "unknown"
    provider_status: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    flags: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ParticipantTruth:
    provider_conference_id: str
    provider_call_id: str
    state: str | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    flags: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class RecordingTruth:
    provider_recording_id: str | None = None
    provider_call_id: str | None = None
    provider_conference_id: str | None = None
    url: str | None = None
    duration_seconds: int | None = None
    size_bytes: int | None = None
    format: str | None = None
    state: str = "available"
    flags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Truth:
    calls: list[CallTruth] = field(default_factory=list)
    legs: list[LegTruth] = field(default_factory=list)
    conferences: list[ConferenceTruth] = field(default_factory=list)
    participants: list[ParticipantTruth] = field(default_factory=list)
    recordings: list[RecordingTruth] = field(default_factory=list)

    def add(self, other: "Truth") -> None:
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))
