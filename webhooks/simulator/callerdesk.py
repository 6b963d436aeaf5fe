"""CallerDesk's side of a call: the Live Calls and the Call Report it sends.

https://docs.callerdesk.io/sample-payload: flat texts by GET, JSON or form, as the account has
chosen; Indian times without a zone, numbers in several national forms, no signature.
"""

import json
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from .story import Request, Story, seconds_between
from .truth import CallTruth, LegTruth, RecordingTruth

CALLERDESK = "callerdesk"

IST = timezone(timedelta(hours=5, minutes=30))
NO_TIME = "0000-00-00 00:00:00"

# Status without its bracket: (our status, our reason). The two words of a failed leg leave the
# status to hangup_cause.
ENDS = {
    "ANSWER": ("completed", "answered"),
    "NOANSWER": ("no_answer", "no_answer"),
    "NO ANSWER": ("no_answer", "no_answer"),
    "CANCEL": ("canceled", "hangup_before_answer"),
    "Cancel-Agent": ("no_answer", "agent_leg_failed"),
    "Cancel-Customer": ("no_answer", "customer_leg_failed"),
    "BUSY": ("busy", "busy"),
    "CONGESTION": ("failed", "congestion"),
    "UN-AVAIL": ("failed", "unreachable"),
    "CHANUNAVAIL": ("failed", "unreachable"),
    "NotConnected": ("no_answer", "ivr_only"),
    "AgentEngaged": ("no_answer", "agent_engaged"),
    "Agentonring": ("no_answer", "agent_ringing"),
    "AbandonedCall": ("no_answer", "abandoned"),
    "VOICEMAIL": ("no_answer", "voicemail"),
}
# Of a failed leg: hangup_cause and the status it stands for.
LEG_FAILURES = {
    "NOANSWER (0-{})": "no_answer",
    "Busy (17-{})": "busy",
    "UN-AVAIL(19-{})": "failed",
}
AGENTS = [
    (name, f"+91900000{place:04d}")
    for place, name in enumerate(["Asha", "Bilal", "Chitra", "Dev", "Esha", "ਗੁਰਪ੍ਰੀਤ"], 1101)
]
LIVE = {"TransferToAgent": "ringing", "Picked": "in_progress"}


class CallerDeskCall:
    """One call with its legs: a rings first or calls, b is dialled for it."""

    def __init__(self, story: Story, direction: str, call_sid: str, campid: str = ""):
        """It starts now. `direction` is IVR (in) or WEBOBD (out, by click-to-call)."""
        self.story, self.direction = story, direction
        inbound = direction == "IVR"
        self.customer = regular(mobile(story))
        self.service = f"+91120400{story.rng.randrange(10, 30):04d}"
        self.agent_name, self.agent = story.rng.choice(AGENTS)
        self.style = story.rng.choice(["json", "json", "json", "form", "get"])
        self.dialled = False  # somebody was to be reached on leg b
        self.a_picked: datetime | None = None
        self.b_started: datetime | None = None
        self.b_picked: datetime | None = None
        self.truth = CallTruth(
            provider=CALLERDESK,
            life=story.kind,
            provider_call_id=call_sid,
            direction="inbound" if inbound else "outbound",
            customer_number=self.customer,
            service_number=self.service,
            started_at=story.now,
            provider_request_id=campid or None,
        )
        story.truth.calls.append(self.truth)
        self.source = self.customer if inbound else self.agent
        self.far = self.agent if inbound else self.customer
        self.group = story.rng.choice(["", "Sales", "Support"])

    def pick_a(self) -> None:
        self.a_picked = self.story.now

    def dial_b(self) -> None:
        self.b_started, self.dialled = self.story.now, True

    def pick_b(self) -> None:
        self.b_picked = self.truth.answered_at = self.story.now

    def live(self, word: str) -> None:
        """A Live Call: the call's progress, which its report outranks."""
        self.truth.status, self.truth.provider_status = LIVE[word], word
        fields = self._parties() | {
            "Status": word,
            "StartTime": self._time(self.truth.started_at),
            "CallSid": self.truth.provider_call_id,
            "Direction": self.direction,
        }
        if self.truth.provider_request_id:
            fields["campid"] = self.truth.provider_request_id
        if self.story.chance(0.6):
            fields["type"] = "live_call"  # integrations expect it, the page does not have it
        self._send(fields)

    def report(
        self, word: str, *, cause: str = "", code: str = "", keys: str = "", audio: bool = False
    ) -> None:
        """The Call Report, once, when the call is over."""
        story, truth = self.story, self.truth
        truth.is_over = True
        truth.provider_status = truth.provider_end_reason = word
        truth.status, truth.end_reason = ENDS[word]
        for template, status in LEG_FAILURES.items():
            if word.startswith("Cancel-") and cause in (
                template.format("agent"),
                template.format("customer"),
            ):
                truth.status = status
        truth.ended_at = story.now
        truth.duration_seconds = seconds_between(truth.started_at, story.now)
        talk = seconds_between(self.b_picked, story.now) if self.b_picked else 0
        truth.talk_seconds = talk if self.b_picked or story.chance(0.5) else None
        truth.cost_amount = truth.duration_seconds // 60 + 1 if self.a_picked else 0
        truth.cost_unit = "coin"
        truth.group_name = self.group or None
        truth.ivr_keys = keys or None
        truth.provider_error_code = code or None
        truth.hangup_by = self._hung_up(cause)
        url = self._audio() if audio else ""
        parties = self._parties()
        truth.from_raw, truth.from_number = parties["SourceNumber"], self.source
        if self.dialled:
            truth.to_raw, truth.to_number = parties["DialWhomNumber"], self.far
        if self._agent_known():
            outbound = self.direction == "WEBOBD"
            truth.agent_answered = (self.a_picked if outbound else self.b_picked) is not None
            truth.agent_number, truth.agent_name = self.agent, self.agent_name
        fields = parties | {
            "CallDuration": str(truth.duration_seconds),
            "TalkDuration": "" if truth.talk_seconds is None else str(talk),
            "coins": str(truth.cost_amount),
            "Status": word,
            "StartTime": self._time(truth.started_at),
            "EndTime": self._time(story.now),
            "CallSid": truth.provider_call_id,
            "CallRecordingUrl": url,
            "Direction": self.direction,
            "campid": truth.provider_request_id or "",
            "call_group": self.group,
            "receiver_name": self.agent_name if self._agent_known() else "",
            "error_code": code,
            "LegA_Picked_time": self._time(self.a_picked),
            "LegB_Start_time": self._time(self.b_started),
            "LegB_Picked_time": self._time(self.b_picked),
            "key_press": keys,
            "hangup_cause": cause,
        }
        if story.chance(0.7):
            fields["type"] = "call_report"
        if truth.provider_call_id.isdigit():
            fields["Uniqueid"] = truth.provider_call_id
        self._send(fields)
        self._tell_legs()

    def _agent_known(self) -> bool:
        return self.direction == "WEBOBD" or self.dialled

    def _parties(self) -> dict[str, str]:
        story = self.story
        return {
            "SourceNumber": national(story, self.source),
            "DestinationNumber": national(story, self.service),
            "DialWhomNumber": national(story, self.far) if self.dialled else "",
        }

    def _hung_up(self, cause: str) -> str | None:
        if "16" not in cause:
            return None  # the party is who was not reached, not who hung up
        for party in ("customer", "agent"):
            if party in cause:
                return party
        return "customer" if self.direction == "WEBOBD" else None

    def _audio(self) -> str:
        way = "incoming" if self.direction == "IVR" else "outgoing"
        name = f"{self.story.now:%m_%Y}/{self.story.rng.getrandbits(64):016x}"
        form = self.story.rng.choice(["wav", "wav", None])
        url = f"https://callrecords.callerdesk.io/{way}/{name}" + (f".{form}" if form else "")
        self.story.truth.recordings.append(
            RecordingTruth(provider_call_id=self.truth.provider_call_id, url=url, format=form)
        )
        return url

    def _time(self, moment: datetime | None) -> str:
        """As CallerDesk writes it: Indian time, sometimes with two blanks or a literal n."""
        if moment is None:
            return self.story.rng.choice(["", NO_TIME])
        text = f"{moment.astimezone(IST):%Y-%m-%d %H:%M:%S}"
        blank = self.story.rng.choice([" "] * 8 + ["  ", "n" if self.style == "get" else "T"])
        return text.replace(" ", blank)

    def _send(self, fields: dict[str, str]) -> None:
        """By the way the account has chosen; once more by another way changes nothing."""
        request, other = (
            _request(self.story, fields, style)
            for style in (self.style, "form" if self.style == "get" else "get")
        )
        self.story.requests.append(Request(**request, variant=Request(**other)))

    def _tell_legs(self) -> None:
        call, outbound = self.truth, self.direction == "WEBOBD"
        answered = call.status == "completed"
        failed_on_a = outbound and self.a_picked is None
        # Nobody took it: somebody was rung, though the report may not say who.
        rung = self.dialled or not (outbound or answered or call.end_reason == "ivr_only")
        a_status = "completed" if answered or self.a_picked else "unknown"
        if a_status == "unknown" and (failed_on_a or not rung):
            a_status = call.status
        b_status = "completed" if self.b_picked else "unknown" if failed_on_a else call.status
        common = {
            "provider_call_id": call.provider_call_id,
            "connected_provider_call_id": call.provider_call_id,
        }
        legs = self.story.truth.legs
        legs.append(
            LegTruth(
                **common,
                side="a",
                party="agent" if outbound else "customer",
                number=self.source,
                raw_number=call.from_raw,
                name=self.agent_name if outbound else None,
                status=a_status,
                started_at=call.started_at,
                answered_at=self.a_picked,
                ended_at=call.ended_at,
            )
        )
        if rung:
            legs.append(
                LegTruth(
                    **common,
                    side="b",
                    party="customer" if outbound else "agent",
                    number=self.far if self.dialled else None,
                    raw_number=call.to_raw,
                    name=self.agent_name if self.dialled and not outbound else None,
                    status=b_status,
                    started_at=self.b_started,
                    answered_at=self.b_picked,
                    ended_at=call.ended_at if self.b_started else None,
                )
            )


def _request(story: Story, fields: dict[str, str], style: str) -> dict:
    common = {"provider": CALLERDESK, "at": story.now}
    if style == "get":
        return common | {"method": "GET", "query": urlencode(fields)}
    if style == "form":
        kind = "application/x-www-form-urlencoded"
        return common | {"body": urlencode(fields).encode(), "content_type": kind}
    kind = story.rng.choice(["application/json"] * 4 + ["text/plain"])  # not to be trusted
    return common | {"body": _json(story, fields).encode(), "content_type": kind}


def _json(story: Story, fields: dict[str, str]) -> str:
    """Values are mostly texts; some come as numbers, and some of those would lose a zero."""
    bare = story.chance(0.15)
    pairs = []
    for name, value in fields.items():
        number = bare and name in ("CallDuration", "coins", "CallSid", "campid") and value
        text = value if number else json.dumps(value)
        pairs.append(f"{json.dumps(name)}:{text}")
    return "{" + ",".join(pairs) + "}"


def regular(number: str) -> str:
    """Some people call again: two customers in five are of eighty."""
    value = int(number[-6:])
    return number if value % 5 > 1 else f"{number[:-6]}{100_000 + value % 80 * 7_919:06d}"


def mobile(story: Story, prefix: str = "+919000") -> str:
    digits = 13 - len(prefix)
    return f"{prefix}{story.rng.randrange(10**digits):0{digits}d}"


def national(story: Story, number: str) -> str:
    """One of the forms in which CallerDesk writes the same number, even within one request."""
    digits = number.removeprefix("+91")
    return story.rng.choice(["0", "0", "", "", "91", "+91"]) + digits
