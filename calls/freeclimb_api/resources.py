"""Our rows as FreeClimb's resources: every property that it documents, those of its OpenAPI file
that the documentation leaves out, and null for what is empty, unknown or not kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from calls.choices import UNANSWERED, Status
from calls.masking import without_numbers
from calls.models import Account, Call, Conference, Participant, Recording
from calls.numbers import masked

from .times import iso, rfc1123
from .words import ANSWERED_BY, CONFERENCE_STATUSES, DIRECTIONS, STATUSES


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose account is read, and what of it."""

    account: Account
    sees_numbers: bool
    may_hear: bool

    def number(self, text: str) -> str | None:
        return (text if self.sees_numbers else masked(text)) or None

    def text(self, text: str) -> str | None:
        return (text if self.sees_numbers else without_numbers(text)) or None

    def uri(self, *parts: str) -> str:
        """Relative to /apiserver."""
        named = [quote(part, safe="") for part in (self.account.provider_account_id, *parts)]
        return "/".join(["", "Accounts", *named])


Shown = dict[str, Any]
Make = Callable[[Any, Reader], Shown]


def call(row: Call, reader: Reader) -> Shown:
    """Until the provider's own record is known, when it was created and updated, and its revision,
    are those of our row."""
    uri = reader.uri("Calls", row.provider_call_id)
    dialled = row.status != Status.QUEUED
    ended_at = row.ended_at if row.is_over else None
    created_at = row.provider_created_at or row.created_at
    updated_at = row.provider_updated_at or row.updated_at
    return {
        "uri": uri,
        "dateCreated": rfc1123(created_at),
        "dateUpdated": rfc1123(updated_at),
        "dateCreatedISO": iso(created_at),
        "dateUpdatedISO": iso(updated_at),
        "revision": row.revision if row.provider_revision is None else row.provider_revision,
        "callId": row.provider_call_id,
        "parentCallId": row.parent_provider_call_id or None,
        "accountId": reader.account.provider_account_id,
        "applicationId": row.application_id or None,
        "to": reader.number(row.to_number),
        "from": reader.number(row.from_number),
        "phoneNumberId": row.phone_number_id or None,
        "status": STATUSES[row.status],
        **_time("startTime", row.started_at if dialled else None),
        **_time("connectTime", row.answered_at if dialled else None),
        **_time("endTime", ended_at),
        **_durations(row, ended_at),
        "audioStreamDuration": None,
        "direction": DIRECTIONS[row.direction],
        "answeredBy": ANSWERED_BY[row.answered_by],
        "callerName": None,
        "callEndedReason": row.provider_end_reason or None,
        "riskScore": None,
        "webRTC": None,
        "subresourceUris": {"logs": f"{uri}/Logs", "recordings": f"{uri}/Recordings"},
    }


def _time(name: str, moment: datetime | None) -> Shown:
    return {name: rfc1123(moment), f"{name}ISO": iso(moment)}


def _durations(row: Call, ended_at: datetime | None) -> Shown:
    """Empty for busy, failed, unanswered and ongoing calls. A length that nobody said is the time
    between start, or answer, and end."""
    if not row.is_over or row.status in UNANSWERED:
        return {"connectDuration": None, "duration": None}
    connected, whole = row.talk_seconds, row.duration_seconds
    return {
        "connectDuration": _between(row.answered_at, ended_at) if connected is None else connected,
        "duration": _between(row.started_at, ended_at) if whole is None else whole,
    }


def _between(start: datetime | None, end: datetime | None) -> int | None:
    if start is None or end is None or end < start:
        return None
    return (end - start) // timedelta(seconds=1)


def recording_id(row: Recording) -> str:
    """The provider's; ours where it gave none, as an address needs one."""
    return row.provider_recording_id or str(row.pk)


def recording(row: Recording, reader: Reader) -> Shown:
    """Of a call, or of a conference: the other id is empty. The file is with FreeClimb, and
    `downloadUrl` is its address there. Needs `with_ids`."""
    return {
        **_dates(row),
        "uri": reader.uri("Recordings", recording_id(row)),
        "recordingId": recording_id(row),
        "accountId": reader.account.provider_account_id,
        "callId": None if row.conference_id else row.shown_call_id,
        "conferenceId": row.shown_conference_id,
        "durationSec": row.duration_seconds,
        "deleted": None,
        "type": None,
        "mimeType": row.format if "/" in row.format else None,
        "downloadUrl": (row.url or None) if reader.may_hear else None,
    }


def conference(row: Conference, reader: Reader) -> Shown:
    uri = reader.uri("Conferences", row.provider_conference_id)
    return {
        **_dates(row),
        "uri": uri,
        "conferenceId": row.provider_conference_id,
        "accountId": reader.account.provider_account_id,
        "alias": reader.text(row.alias),
        "playBeep": None,
        "record": None,
        "status": CONFERENCE_STATUSES[row.status],
        "waitUrl": None,
        "actionUrl": None,
        "statusCallbackUrl": None,
        "subresourceUris": {
            "participants": f"{uri}/Participants",
            "recordings": f"{uri}/Recordings",
        },
    }


def participant(row: Participant, reader: Reader) -> Shown:
    """Needs `with_ids`."""
    conference, call = row.shown_conference_id, row.shown_call_id
    return {
        **_dates(row),
        "uri": reader.uri("Conferences", conference or "", "Participants", call or ""),
        "accountId": reader.account.provider_account_id,
        "conferenceId": conference,
        "callId": call,
        "talk": None,
        "listen": None,
        "dtmfPassThrough": None,
        "startConfOnEnter": None,
    }


def _dates(row: Recording | Conference | Participant) -> Shown:
    return {
        "dateCreated": rfc1123(row.created_at),
        "dateUpdated": rfc1123(row.updated_at),
        "dateCreatedISO": iso(row.created_at),
        "dateUpdatedISO": iso(row.updated_at),
        "revision": row.revision,
    }


def with_ids(rows: Iterable[Recording | Participant]) -> None:
    """Give rows the provider's ids of their calls and conferences: read apart, as the rows may lie
    on other nodes."""
    rows = list(rows)
    calls = _ids(Call, "provider_call_id", {row.call_id for row in rows})
    conferences = _ids(Conference, "provider_conference_id", {row.conference_id for row in rows})
    for row in rows:
        row.shown_call_id = calls.get(row.call_id)
        row.shown_conference_id = conferences.get(row.conference_id)


def _ids(model, column: str, keys: set[UUID | None]) -> dict[UUID | None, str]:
    found = model.objects.filter(pk__in=keys - {None}) if keys - {None} else model.objects.none()
    return dict(found.order_by().values_list("pk", column))
