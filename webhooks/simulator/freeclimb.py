"""FreeClimb's side of a call: the webhooks it posts and how it signs them.

https://docs.freeclimb.com/reference/webhooks: one JSON object, no time of day in it, `null` where
there is nothing, counts now as numbers and now as text. A call's clock is its signatures'.
"""

import hashlib
import hmac
import json
from datetime import timedelta

from .story import Request, Story, seconds_between
from .truth import CallTruth, ConferenceTruth, LegTruth, ParticipantTruth, RecordingTruth

FREECLIMB = "freeclimb"

STATUSES = {
    "queued": "queued",
    "ringing": "ringing",
    "inProgress": "in_progress",
    "completed": "completed",
    "busy": "busy",
    "noAnswer": "no_answer",
    "canceled": "canceled",
    "failed": "failed",
}
DIRECTIONS = {
    "inbound": "inbound",
    "outbound": "outbound",  # in the pages about webhooks
    "outboundAPI": "outbound",  # in the OpenAPI file, and on the wire
    "outboundDial": "outbound_dial",
}
# callEndedReason: (our word, who hung up where it tells)
END_REASONS = {
    "busy": ("busy", None),
    "failed": ("failed", None),
    "noAnswer": ("no_answer", None),
    "callCanceled": ("canceled", "application"),
    "farEndHangup": ("far_end_hangup", "far_end"),
    "appHangup": ("app_hangup", "application"),
    "appReject": ("app_reject", "application"),
    "appNoPercl": ("app_no_percl", "application"),
    "conferenceTerminated": ("conference_terminated", "application"),
    "conferenceEmptied": ("conference_emptied", "application"),
    "machineDetected": ("machine_detected", "application"),
    "webhookFailed": ("webhook_failed", "provider"),
    "configErrorNoVoiceUrl": ("no_voice_url", "provider"),
    "internalError": ("internal_error", "provider"),
    "maxDuration": ("max_duration", "provider"),
}
CONFERENCE_STATUSES = {
    "creating": "creating",
    "empty": "empty",
    "populated": "populated",
    "inProgress": "in_progress",
    "terminated": "terminated",
    "failed": "failed",
}
# Their pages list no parentCallId.
WITHOUT_PARENT = (
    *("createConference", "conferenceStatus", "conferenceRecordingStatus"),
    *("addToConferenceNotification", "leaveConference"),
    *("addToQueueNotification", "queueWait", "dequeue", "removeFromQueueNotification"),
)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The FreeClimb-Signature header: HMAC-SHA256 over the time, a dot and the raw body."""
    message = str(timestamp).encode() + b"." + body
    digest = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Account:
    """What FreeClimb's webhooks of one account have in common."""

    def __init__(self, account_id: str):
        self.account_id = account_id

    def post(self, story: Story, payload: dict, *, again_after: int = 0) -> None:
        """One webhook, now. `again_after` seconds it may be sent once more, signed anew."""
        body = json.dumps(
            {"accountId": self.account_id, **payload}, separators=(",", ":"), sort_keys=True
        ).encode()
        headers = {"Request-Id": story.id("RQ")}
        common = {"body": body, "content_type": "application/json", "headers": headers}
        variant = None
        if again_after:
            later = story.now + timedelta(seconds=again_after)
            variant = Request(FREECLIMB, later, **common)
        story.requests.append(Request(FREECLIMB, story.now, variant=variant, **common))


class FreeClimbCall:
    """One connection, which FreeClimb counts as a call."""

    def __init__(
        self,
        story: Story,
        account: Account,
        direction: str,
        from_number: str,
        to_number: str,
        parent: "FreeClimbCall | None" = None,
    ):
        """It starts now. `direction` is a key of DIRECTIONS."""
        self.story, self.account, self.direction, self.parent = story, account, direction, parent
        inbound = direction == "inbound"
        self.truth = CallTruth(
            provider=FREECLIMB,
            life=story.kind,
            provider_call_id=story.id("CA"),
            parent_provider_call_id=parent.id if parent else None,
            direction=DIRECTIONS[direction],
            from_number=from_number,
            from_raw=from_number,
            to_number=to_number,
            to_raw=to_number,
            customer_number=from_number if inbound else to_number,
            service_number=to_number if inbound else from_number,
            started_at=story.now,
        )
        story.truth.calls.append(self.truth)

    @property
    def id(self) -> str:
        return self.truth.provider_call_id

    def base(self, request_type: str, status: str, /, **more) -> dict:
        parent = {"parentCallId": self.truth.parent_provider_call_id}
        return {
            "requestType": request_type,
            "callId": self.id,
            "from": self.truth.from_number,
            "to": self.truth.to_number,
            "callStatus": status,
            "direction": self.direction,
            "conferenceId": None,
            "queueId": None,
            **({} if request_type in WITHOUT_PARENT else parent),
            **more,
        }

    def post(self, request_type: str, status: str = "inProgress", /, **more) -> None:
        if status == "inProgress" and self.truth.answered_at is None:
            self.truth.answered_at = self.story.now  # the first that a receiver can see of it
        self._stand(status)
        self.account.post(self.story, self.base(request_type, status, **more))

    def tell(self, request_type: str, **more) -> None:
        """One of the few that say nothing of the call but its id, and some its numbers."""
        named = {"requestType": request_type, "callId": self.id}
        if request_type != "callControl":
            named |= {"from": self.truth.from_number, "to": self.truth.to_number}
        self.account.post(self.story, named | more)

    def _stand(self, status: str) -> None:
        if not self.truth.is_over:
            self.truth.status, self.truth.provider_status = STATUSES[status], status

    def dial(self, from_number: str, to_number: str) -> "FreeClimbCall":
        """OutDial: it returns at once, and the child goes its own way."""
        story = self.story
        child = FreeClimbCall(story, self.account, "outboundDial", from_number, to_number, self)
        self.post("outDialStart", dialCallId=child.id)
        return child

    def connect(self, status: str = "inProgress") -> None:
        """How the attempt to reach the far end went, well or not."""
        name = "outDialApiConnect" if self.truth.direction == "outbound" else "outDialConnect"
        self.post(name, status, dialCallStatus=status)
        self._tell_parent()
        if status != "inProgress":
            self.truth.is_over = True  # its end is seen only with a callStatus

    def end(self, status: str, reason: str, recording: dict | None = None) -> None:
        """The callStatus webhook. `recording`: its three fields, where one was asked for."""
        story, truth = self.story, self.truth
        seconds = seconds_between(truth.started_at, story.now)
        truth.is_over = False
        self._stand(status)
        truth.is_over = True
        truth.ended_at = story.now
        truth.duration_seconds = seconds
        truth.provider_end_reason = reason
        truth.end_reason, truth.hangup_by = END_REASONS[reason]
        payload = self.base(
            "callStatus",
            status,
            callEndedReason=reason,
            callDuration=story.rng.choice([seconds, str(seconds)]),
            **(recording or {}),
        )
        self.account.post(story, payload, again_after=story.rng.randint(1, 15))
        self._tell_parent()

    def _tell_parent(self) -> None:
        """Whoever answered first took it; else it is shown where it rang first."""
        if self.parent is None:
            return
        truth, answered = self.parent.truth, self.truth.answered_at is not None
        if truth.agent_number is None or (answered and not truth.agent_answered):
            truth.agent_answered, truth.agent_number = answered, self.truth.to_number

    def recording(self, seconds: int, **more) -> dict:
        """A new recording of this call, as the fields that tell of it."""
        fields, truth = recording_fields(self.story, self.account, seconds)
        truth.provider_call_id = self.id
        for name, value in more.items():
            setattr(truth, name, value)
        return fields

    def tell_legs(self) -> None:
        """Every call is a connection: leg a of itself, or leg b of the call that dialled it."""
        truth, child = self.truth, self.truth.parent_provider_call_id is not None
        far_end = truth.from_number if truth.direction == "inbound" else truth.to_number
        self.story.truth.legs.append(
            LegTruth(
                provider_call_id=truth.parent_provider_call_id or self.id,
                side="b" if child else "a",
                connected_provider_call_id=self.id,
                party="unknown" if child else "customer",
                number=far_end,
                raw_number=far_end,
                status=truth.status,
                started_at=truth.started_at,
                answered_at=truth.answered_at,
                ended_at=truth.ended_at,
            )
        )


def recording_fields(story: Story, account: Account, seconds: int) -> tuple[dict, RecordingTruth]:
    """The three fields in which a recording is told of, and the truth, of nothing as yet."""
    key = story.id("RE")
    path = f"/Accounts/{account.account_id}/Recordings/{key}/Download"
    host = story.rng.choice(["https://www.freeclimb.com/apiserver", ""])
    truth = RecordingTruth(provider_recording_id=key, url=host + path, duration_seconds=seconds)
    story.truth.recordings.append(truth)
    told = story.rng.choice([seconds, str(seconds)])
    return {"recordingUrl": truth.url, "recordingId": key, "recordingDurationSec": told}, truth


class FreeClimbConference:
    """A conference. Its own webhooks come in the context of the call that made it, or of none."""

    def __init__(self, call: FreeClimbCall):
        self.story, self.call = call.story, call
        self.truth = ConferenceTruth(
            provider_conference_id=self.story.id("CF"), status="creating", provider_status=None
        )
        self.story.truth.conferences.append(self.truth)
        self.told_with_call = self.story.chance(0.7)
        self.members: dict[str, ParticipantTruth] = {}
        call.post("createConference", conferenceId=self.id)

    @property
    def id(self) -> str:
        return self.truth.provider_conference_id

    def tell(self, status: str, request_type: str = "conferenceStatus", **recording) -> None:
        over = self.truth.status == "terminated"
        if not over:
            self.truth.status, self.truth.provider_status = CONFERENCE_STATUSES[status], status
        if status in ("populated", "inProgress") and self.truth.started_at is None:
            self.truth.started_at = self.story.now
        if status == "terminated" and not over:
            self.truth.ended_at = self.story.now
        nothing = {"recordingUrl": None, "recordingId": None, "recordingDurationSec": None}
        call = self.call
        now = "completed" if call.truth.is_over else "inProgress"
        payload = call.base(request_type, now, conferenceId=self.id, status=status)
        if not self.told_with_call:
            payload |= dict.fromkeys(["callId", "from", "to", "callStatus", "direction"])
        call.account.post(self.story, payload | nothing | recording)

    def join(self, call: FreeClimbCall) -> None:
        member = ParticipantTruth(
            provider_conference_id=self.id,
            provider_call_id=call.id,
            state="joined",
            joined_at=self.story.now,
        )
        self.members[call.id] = member
        self.story.truth.participants.append(member)
        call.post("addToConferenceNotification", conferenceId=self.id)

    def leave(self, call: FreeClimbCall) -> None:
        member = self.members[call.id]
        member.state, member.left_at = "left", self.story.now
        call.post("leaveConference", conferenceId=self.id)

    def recorded(self, seconds: int) -> None:
        """The recording is ready, often after everything else is over."""
        fields, truth = recording_fields(self.story, self.call.account, seconds)
        truth.provider_conference_id = self.id
        truth.provider_call_id = self.call.id if self.told_with_call else None
        fields["recordingDurationSec"] = seconds  # always a number, here
        last = self.truth.provider_status
        self.tell(last, "conferenceRecordingStatus", **fields)
