"""The provider's own record of a call: https://docs.freeclimb.com/reference/reference-calls."""

from calls.choices import STATUS_RANK, TERMINAL, Status, Strength
from calls.facts import CallFact, Claim, EndWord, StatusWord, micros

from ..base import Context, Message, Reading
from ..values import identifier, text, whole
from .body import Fields
from .reader import Reader
from .times import moment

# Old records write 0 instead of nothing while a call lasts.
_ONGOING = {Status.QUEUED, Status.RINGING, Status.IN_PROGRESS}


def read_record(message: Message, data: Fields, context: Context, notes: list[str]) -> Reading:
    """One Call resource. Its claim carries the revision, and the time of its last update."""
    reader = Reader(data, context, notes)
    call = identifier(data.get("callId"), "callId")
    if call is None:
        return Reading(reason="It names no call.")
    parent = identifier(data.get("parentCallId") or data.get("parentcallId"), "parentCallId")
    if parent == call:
        parent = None
    status = reader.status("status")
    updated = moment(data.get("dateUpdatedISO"), data.get("dateUpdated"))
    revision = whole(data.get("revision"))
    claim = Claim(
        Strength.RECORD,
        micros(updated or message.received_at),
        STATUS_RANK[status[0]] if status else -1,
        -1 if revision is None else revision,
    )
    ongoing = status is not None and status[0] in _ONGOING
    end_reason, hangup_by = reader.end_reason()
    facts = [
        CallFact(
            call_id=call,
            claim=claim,
            parent=parent,
            direction=reader.direction(),
            status=StatusWord(status[0] in TERMINAL, *status) if status else None,
            end_reason=EndWord(*end_reason) if end_reason else None,
            hangup_by=hangup_by,
            from_number=reader.number("from"),
            to_number=reader.number("to"),
            phone_number_id=text(data.get("phoneNumberId")),
            application_id=text(data.get("applicationId")),
            started_at=moment(data.get("startTimeISO"), data.get("startTime")),
            answered_at=moment(data.get("connectTimeISO"), data.get("connectTime")),
            ended_at=moment(data.get("endTimeISO"), data.get("endTime")),
            duration_seconds=None if ongoing else whole(data.get("duration")),
            talk_seconds=None if ongoing else whole(data.get("connectDuration")),
            answered_by=reader.answered_by(),
            provider_created_at=moment(data.get("dateCreatedISO"), data.get("dateCreated")),
            provider_updated_at=updated,
            provider_revision=revision,
        )
    ]
    if parent:
        facts += _parent(parent, claim, facts[0], reader)
    return Reading(facts, reader.reason())


def _parent(parent: str, claim: Claim, child: CallFact, reader: Reader) -> list[CallFact]:
    """The parent is mentioned as of the record; whom it reached, as of when that was."""
    mentioned = [CallFact(call_id=parent, claim=Claim(Strength.INFERRED, claim.time))]
    if agent := reader.agent(child.status.status if child.status else None):
        reached = child.answered_at or child.started_at
        time = micros(reached) if reached else claim.time
        fact = CallFact(call_id=parent, claim=Claim(Strength.INFERRED, time), agent=agent)
        mentioned.append(fact)
    return mentioned
