"""From one webhook to facts. Types and fields: https://docs.freeclimb.com/reference/webhooks.

FreeClimb sends no time of day: what is observed has the time of the signature, else of receipt.
"""

from datetime import datetime, timedelta

from calls.choices import (
    CONFERENCE_FINAL,
    STATUS_RANK,
    TERMINAL,
    AnsweredBy,
    ConferenceStatus,
    ParticipantState,
    QueueState,
    Status,
    Strength,
)
from calls.facts import (
    AnyFact,
    CallFact,
    Claim,
    ConferenceFact,
    ConferenceWord,
    EndWord,
    ParticipantFact,
    QueueWord,
    StatusWord,
    micros,
)

from ..base import Context, Message, Reading, Unreadable, take_contents
from ..values import identifier, text
from . import words
from .body import Contents, is_about_conference, is_record, read
from .reader import Reader
from .record import read_record
from .recordings import recording

_OCCUPIED = {ConferenceStatus.POPULATED, ConferenceStatus.IN_PROGRESS}
_QUEUE_LEFT = {"dequeue", "removeFromQueueNotification"}
_PARTICIPANT = {
    "addToConferenceNotification": (Strength.PROGRESS, ParticipantState.JOINED),
    "leaveConference": (Strength.PROGRESS, ParticipantState.LEFT),
    "callControl": (Strength.INFERRED, ParticipantState.JOINED),
    "conferenceCallControl": (Strength.INFERRED, ParticipantState.JOINED),
}


def parse(message: Message, context: Context) -> Reading:
    """What the delivery says. Raises Unreadable."""
    kind, data, notes = contents = take_contents(message, read)
    account = text(data.get("accountId"))
    if account and context.provider_account_id and account != context.provider_account_id:
        ours = context.provider_account_id
        raise Unreadable(f"account id {account} is not this endpoint's, {ours}")
    if is_record(message):
        return read_record(message, data, context, notes)
    if kind in words.MESSAGES:
        return Reading(reason="It is about a text message.")
    return Webhook(message, contents, context).reading()


class Webhook:
    """One webhook about a call, a conference, or both."""

    def __init__(self, message: Message, contents: Contents, context: Context):
        self.kind, data, notes = contents
        self.data = data
        self.at: datetime = message.signed_at or message.received_at
        self.time = micros(self.at)
        self.notes = notes
        self.reader = Reader(data, context, notes)
        self.call = identifier(data.get("callId"), "callId")
        self.conference = identifier(data.get("conferenceId"), "conferenceId")
        self.strength = Strength.PROGRESS
        if self.kind == words.CALL_STATUS:
            self.strength = Strength.FINAL
        elif self.kind not in words.KNOWN:
            self.strength = Strength.INFERRED
            notes.append(
                f'unknown requestType "{self.kind}"'
                if self.kind
                else "unknown requestType: missing"
            )

    def reading(self) -> Reading:
        if self.call is None and self.conference is None:
            return Reading(reason="; ".join([*self.notes, "It names no call and no conference."]))
        facts: list[AnyFact] = []
        if self.call is not None:
            facts += self._call(self.call)
        if self.conference is not None:
            facts += self._conference(self.conference)
        facts += self._recording()
        if self.kind in words.KNOWN:
            self.reader.look_at_others()
        return Reading(facts, self.reader.reason())

    def _claim(self, strength: Strength, stage: int = -1) -> Claim:
        return Claim(strength, self.time, stage)

    def _mentioned(self, call: str, **stated) -> CallFact:
        return CallFact(call_id=call, claim=self._claim(Strength.INFERRED), **stated)

    def _call(self, call: str) -> list[AnyFact]:
        data, reader = self.data, self.reader
        status = self._status()
        stage = STATUS_RANK[status.status] if status else -1
        end_reason = hangup_by = None
        ended = self.kind == words.CALL_STATUS
        if ended:
            end_reason, hangup_by = reader.end_reason()
        parent = identifier(data.get("parentCallId"), "parentCallId")
        if parent == call:
            parent = None
        answered_by = reader.answered_by()
        if self.kind == "machineDetected":
            answered_by = AnsweredBy.MACHINE
        is_start = self._is_start(status)
        is_in_progress = status is not None and status.status == Status.IN_PROGRESS
        duration = reader.whole("callDuration") if status and status.over else None
        facts: list[AnyFact] = [
            CallFact(
                call_id=call,
                claim=self._claim(self.strength, stage),
                parent=parent,
                direction=reader.direction(),
                status=status,
                end_reason=EndWord(*end_reason) if end_reason else None,
                hangup_by=hangup_by,
                from_number=reader.number("from"),
                to_number=reader.number("to"),
                phone_number_id=reader.text("phoneNumberId"),
                application_id=reader.text("applicationId"),
                started_at=self.at if is_start else None,
                answered_at=self.at if is_in_progress else None,
                ended_at=self.at if ended else None,
                duration_seconds=duration,
                answered_by=answered_by,
            )
        ]
        started_at = None if is_start else self._inferred_start(status, duration)
        if started_at:
            claim = self._claim(Strength.INFERRED, stage)
            facts.append(CallFact(call_id=call, claim=claim, started_at=started_at))
        if queue := self._queue():
            # Within one second, which is all that signatures tell, waiting comes before leaving.
            claim = self._claim(self.strength, int(queue.state == QueueState.LEFT))
            facts.append(CallFact(call_id=call, claim=claim, queue=queue))
        if parent:
            agent = reader.agent(status.status if status else None)
            facts.append(self._mentioned(parent, agent=agent))
        child = identifier(data.get("dialCallId"), "dialCallId")
        if child and child != call:
            facts.append(self._dialled(child, call))
        return facts

    def _dialled(self, child: str, call: str) -> CallFact:
        """OutDial returns at once: outDialStart comes when the child begins to be dialled."""
        if text(self.data.get("direction")) == "outboundDial":
            return self._mentioned(child)  # it was dialled itself, and names its parent: samples do
        started_at = self.at if self.kind == "outDialStart" else None
        return self._mentioned(child, parent=call, started_at=started_at)

    def _status(self) -> StatusWord | None:
        """callStatus tells of an end, whatever its word; other types do where their word does."""
        said = self.reader.status("callStatus", "dialCallStatus")
        if self.kind == words.CALL_STATUS:
            status, word = said or (Status.UNKNOWN, "")
            return StatusWord(True, status if status in TERMINAL else Status.UNKNOWN, word)
        return StatusWord(said[0] in TERMINAL, *said) if said else None

    def _is_start(self, status: StatusWord | None) -> bool:
        """Is this the moment at which the call began to ring?"""
        if self.kind == words.CALL_STATUS:
            return False
        ringing = status is not None and status.status == Status.RINGING
        return self.kind == "inboundCall" or ringing

    def _inferred_start(self, status: StatusWord | None, duration: int | None) -> datetime | None:
        """No later than now. Not told by an end without a duration, nor by a conference's news
        about a call that is over: a recording is ready long after the call."""
        if self.kind == words.CALL_STATUS:
            try:
                return None if duration is None else self.at - timedelta(seconds=duration)
            except OverflowError:
                return None
        late = is_about_conference(self.kind, self.data) and status is not None and status.over
        return None if late else self.at

    def _queue(self) -> QueueWord | None:
        queue = identifier(self.data.get("queueId"), "queueId")
        if queue is None:
            return None
        left = self.kind in _QUEUE_LEFT or self.reader.text("queueResult") is not None
        return QueueWord(QueueState.LEFT if left else QueueState.WAITING, queue)

    def _conference(self, conference: str) -> list[AnyFact]:
        strength, status = Strength.INFERRED, None
        if self.kind in words.CONFERENCE or self.kind == "createConference":
            strength = Strength.PROGRESS
            word = self.reader.word("status", words.CONFERENCE_STATUSES)
            if word:
                status = ConferenceWord(word[0] or ConferenceStatus.UNKNOWN, word[1])
        ours = status.status if status else None
        facts: list[AnyFact] = [
            ConferenceFact(
                conference_id=conference,
                claim=self._claim(strength),
                status=status,
                started_at=self.at if ours in _OCCUPIED else None,
                ended_at=self.at if ours in CONFERENCE_FINAL else None,
            )
        ]
        if self.call is not None:
            strength, state = _PARTICIPANT.get(self.kind, (Strength.INFERRED, None))
            told = strength > Strength.INFERRED
            facts.append(
                ParticipantFact(
                    conference_id=conference,
                    call_id=self.call,
                    claim=self._claim(strength),
                    state=state,
                    joined_at=self.at if told and state == ParticipantState.JOINED else None,
                    left_at=self.at if told and state == ParticipantState.LEFT else None,
                )
            )
        return facts

    def _recording(self) -> list[AnyFact]:
        """A redirect carries the fields of what it redirects, a recording's among them."""
        original = self.kind
        if self.kind == "redirect":
            original = self.reader.text("originalRequestType") or ""
        if original not in words.RECORDING:
            return []
        if not (self.data.get("recordingId") or self.data.get("recordingUrl")):
            return []  # as most
        shared = original in words.CONFERENCE or original == "createConference"
        fact = recording(
            self.data,
            self._claim(self.strength),
            call=self.call,
            conference=self.conference if shared else None,
            notes=self.notes,
        )
        return [fact] if fact else []
