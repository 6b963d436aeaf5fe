"""What a Call Report or a Live Call says, as facts.

Fields: https://docs.callerdesk.io/sample-payload. On incoming calls the source is the customer and
leg a, the number dialled the agent and leg b; on outgoing ones it is the other way round.
"""

from collections.abc import Iterator
from datetime import datetime

from calls.choices import Direction, RecordingState, Status, Strength
from calls.facts import CallFact, RecordingFact

from .. import values
from ..base import Context, Reading
from . import events, recordings, times, words
from .legs import agent, legs, statuses
from .request import Fields
from .saying import Saying

_DAY = 24 * 60 * 60  # seconds; a longer call is more likely a wrong clock
_TOLERANCE = 2  # seconds by which CallerDesk's duration may differ from its own times


def parse(fields: Fields, what: events.Event, received_at: datetime, context: Context) -> Reading:
    """Facts about the call, its legs and its recording. Raises Unreadable."""
    call_id = values.identifier(fields["CallSid"], "CallSid")
    if call_id is None:
        if what.kind == events.PING:
            return Reading(reason="ping: no CallSid")
        return Reading(reason=f"no CallSid: {what.kind}")
    said = Saying(call_id, what, fields, received_at, context)
    url = recordings.address(fields)
    odd = recordings.flags(url)
    status = statuses(said)
    facts = [
        *_call(said, odd),
        *agent(said, status),
        *legs(said, status),
        *_recording(said, url, odd),
    ]
    return Reading(facts, said.reason())


def _call(said: Saying, odd: frozenset[str]) -> Iterator[CallFact]:
    service = said.number("DestinationNumber")
    duration = said.whole("CallDuration") if said.report else None
    talk = said.whole("TalkDuration") if said.report else None
    cost = said.whole("coins") if said.report else None
    elapsed = _elapsed(said)
    if None not in (elapsed, duration) and abs(elapsed - duration) > _TOLERANCE:
        said.flags.add("duration_mismatch")
    if said.report and _answer_disagrees(said):
        said.flags.add("answer_disagrees")
    said.flags |= odd
    yield CallFact(
        call_id=said.call_id,
        claim=said.claim,
        direction=said.direction,
        status=said.status,
        end_reason=said.end_reason,
        provider_error_code=said.error_code,
        hangup_by=words.hangup_by(said.cause, said.direction) if said.report else None,
        from_number=said.source,
        to_number=said.dialled,
        customer_number=said.customer.number if said.customer else None,
        service_number=service.number if service else None,
        provider_request_id=said.text("campid"),
        group_name=said.text("call_group"),
        ivr_keys=said.text("key_press"),
        started_at=said.started_at,
        answered_at=said.b_picked,
        ended_at=said.ended_at,
        duration_seconds=duration,
        talk_seconds=talk,
        cost_amount=cost,
        cost_unit="coin" if cost is not None else None,
        flags=frozenset(said.flags),
    )
    if duration is None and elapsed is not None and 0 <= elapsed <= _DAY:
        inferred = said.claim._replace(strength=Strength.INFERRED)
        yield CallFact(call_id=said.call_id, claim=inferred, duration_seconds=elapsed)


def _elapsed(said: Saying) -> int | None:
    if not said.started_at or not said.ended_at:
        return None
    return int((said.ended_at - said.started_at).total_seconds())


def _answer_disagrees(said: Saying) -> bool:
    """Status says answered and the times of picking up do not, or the reverse; the word stands."""
    outbound = said.direction == Direction.OUTBOUND
    if said.status.status == Status.COMPLETED:
        tried = said.b_started or (outbound and said.a_picked)
        return bool(tried) and times.is_null(said.fields["LegB_Picked_time"])
    both_picked = said.b_picked and (said.a_picked or not outbound)
    return bool(both_picked) and said.status.status != Status.UNKNOWN


def _recording(said: Saying, url: str | None, odd: frozenset[str]) -> Iterator[RecordingFact]:
    if not url:
        return
    fits = recordings.fits(url)
    yield RecordingFact(
        key=said.call_id,
        claim=said.claim,
        call=said.call_id,
        url=url if fits else None,
        format=recordings.audio_format(url) if fits else None,
        state=RecordingState.AVAILABLE if fits else RecordingState.ANNOUNCED,
        flags=odd,
    )
