"""One event about one call: its values, what they claim, who is who, and what was odd."""

from datetime import datetime

from calls.choices import STATUS_RANK, Direction, Party, Side, Status, Strength
from calls.facts import Claim, EndWord, Number, StatusWord, micros
from calls.numbers import number

from .. import values
from ..base import Context
from . import times, words
from .events import Event
from .request import Fields


class Saying:
    def __init__(
        self, call_id: str, what: Event, fields: Fields, received_at: datetime, context: Context
    ):
        self.call_id = call_id
        self.what = what
        self.report = what.report
        self.fields = fields
        self.received_at = received_at
        self.context = context
        self.zone = times.zone(context.time_zone)
        self.flags: set[str] = set()
        self.oddities: dict[str, list[str]] = {}

        self.direction = self._direction()
        self.word = self.text("Status") or ""
        self.key = words.key(self.word)
        self.cause = words.cause(self.text("hangup_cause") or "")
        self.error_code = self.text("error_code")
        self.status, self.end_reason = self._status()
        self.source = self.number("SourceNumber")
        self.dialled = self.number("DialWhomNumber")
        self.started_at = self.time("StartTime")
        self.a_picked = self.time("LegA_Picked_time")
        self.b_started = self.time("LegB_Start_time")
        self.b_picked = self.time("LegB_Picked_time")
        # A live event is about a call that goes on: what it says of an end is not believed.
        self.ended_at = self.time("EndTime") if self.report else None
        self.name = self.text("receiver_name")

        # A live event with a word of an end: an attempt to reach somebody failed.
        ends = self.key in words.REPORT and self.key not in words.LIVE
        self.attempt_failed = ends and not self.report
        self.claim = self._claim()
        self.leg_claim = self._leg_claim()
        self.parties = self._parties()
        self.customer = self._customer()
        self.agent_side = Side.A if self.parties[0] == Party.AGENT else Side.B

    # Values -----------------------------------------------------------------------------------

    def text(self, name: str) -> str | None:
        value = self.fields[name]
        return values.text(value) if value else None

    def number(self, name: str) -> Number | None:
        raw = self.text(name)
        return number(raw, self.context.region or "IN") if raw else None

    def time(self, name: str) -> datetime | None:
        value = self.fields[name]
        if not value:
            return None
        try:
            return times.moment(value, self.zone)
        except times.BadTime:
            self.flags.add("bad_time")
            self._note("bad times", name)
            return None

    def whole(self, name: str) -> int | None:
        value = self.fields[name]
        if not value:
            return None
        count = values.whole(value)
        if count is None:
            self._note("unread numbers", name)
        return count

    def _note(self, oddity: str, name: str) -> None:
        quoted = f'{name} "{values.text(self.fields[name], 64) or ""}"'
        self.oddities.setdefault(oddity, []).append(quoted)

    def reason(self) -> str:
        """What somebody should look at, in one line; "" for an event like any other."""
        kind = [] if self.what.known else [f'unknown type "{self.what.kind}"']
        return "; ".join([*kind, *(f"{odd}: {', '.join(v)}" for odd, v in self.oddities.items())])

    def _direction(self) -> Direction | None:
        word = self.text("Direction")
        direction = words.DIRECTIONS.get(words.key(word)) if word else None
        if word and not direction:
            self._note("unknown words", "Direction")
        return direction

    def _status(self) -> tuple[StatusWord | None, EndWord | None]:
        """Where the call stands and why it ended; None where this event does not say."""
        if not self.word:
            return (StatusWord(True, Status.UNKNOWN, "") if self.report else None), None
        if self.report:
            status, reason = words.ended(self.word, self.cause, self.error_code or "")
            if status == Status.UNKNOWN:
                self._note("unknown words", "Status")
            return StatusWord(True, status, self.word), EndWord(reason, self.word)
        if self.key in words.LIVE:
            return StatusWord(False, words.LIVE[self.key], self.word), None
        if self.key not in words.REPORT:
            self._note("unknown words", "Status")
        return None, None

    # Claims -----------------------------------------------------------------------------------

    def _claim(self) -> Claim:
        """Nothing is signed, so the time is the provider's own: the end a report tells of."""
        strength = Strength.FINAL if self.report else Strength.PROGRESS
        return Claim(
            strength if self.what.known else Strength.INFERRED,
            micros(self.ended_at or self.received_at),
            STATUS_RANK[self.status.status] if self.status and self.word else -1,
        )

    def _leg_claim(self) -> Claim:
        """A live word of a failed attempt ranks with the ringing that it ends: the later of the two
        stands, the next attempt's ringing too, and a pick-up beats them all."""
        if self.attempt_failed:
            return self.claim._replace(stage=STATUS_RANK[Status.RINGING])
        return self.claim

    # Who is who -------------------------------------------------------------------------------

    def _parties(self) -> tuple[Party | None, Party | None]:
        """Of leg a and of leg b; None where nothing tells. A known agent's number tells best."""
        agents = self.context.agent_numbers
        a_known = self.source is not None and self.source.number in agents
        b_known = self.dialled is not None and self.dialled.number in agents
        if a_known != b_known:
            return (Party.AGENT, Party.CUSTOMER) if a_known else (Party.CUSTOMER, Party.AGENT)
        if self.direction == Direction.INBOUND:
            return Party.CUSTOMER, Party.AGENT
        if self.direction == Direction.OUTBOUND:
            return Party.AGENT, Party.CUSTOMER
        return None, None

    def _customer(self) -> Number | None:
        a, b = self.parties
        if a == Party.CUSTOMER:
            return self.source
        return self.dialled if b == Party.CUSTOMER else None
