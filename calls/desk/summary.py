"""What happened in a call, in words."""

from django.conf import settings
from django.utils.timezone import now

from calls.choices import AnsweredBy, Direction, Status
from calls.templatetags.desk import duration


def heading(call, viewer) -> str:
    """What a page about a call is called."""
    kind = {
        Direction.INBOUND: "Inbound call",
        Direction.OUTBOUND: "Outbound call",
        Direction.OUTBOUND_DIAL: "Dialled call",
    }.get(call.direction, "Call")
    if not call.customer_number:
        return kind
    way = "from" if call.direction == Direction.INBOUND else "to"
    if call.direction == Direction.UNKNOWN:
        way = "with"
    return f"{kind} {way} {viewer.number(call.customer_number)}"


def no_end_seen(call) -> bool:
    """Its end was never reported, and it began too long ago to be alive."""
    return not call.is_over and call.begun_at < now() - settings.NO_END_AFTER


def is_live(call) -> bool:
    return not call.is_over and not no_end_seen(call)


def summary(call, viewer, *, service="", agent="", recorded=False) -> str:
    """`service` is our label of the service number, `agent` our name of the agent."""
    service = service or viewer.number(call.service_number)
    agent = viewer.text(agent or call.agent_name) or viewer.number(call.agent_number)
    parts = [_ends(call, viewer, service), *_happened(call, agent)]
    if recorded:
        parts.append("recorded")
    if call.inferred_only:
        parts.append("known only from what was said of other calls")
    return ", ".join(part for part in parts if part) + "."


def _ends(call, viewer, service):
    customer = viewer.number(call.customer_number)
    if call.direction == Direction.INBOUND:
        return f"Inbound{_to('from', customer)}{_to('to', service)}"
    if call.direction == Direction.OUTBOUND:
        return f"Outbound{_to('from', service)}{_to('to', customer)}"
    if call.direction == Direction.OUTBOUND_DIAL:
        return f"Dialled for another call{_to('from', service)}{_to('to', customer)}"
    first = viewer.number(call.from_number) or customer
    second = viewer.number(call.to_number) or service
    if not first and not second:
        return "A call of which no number is known"
    return f"Call, direction unknown{_to('from', first)}{_to('to', second)}"


def _to(word, whom):
    return f" {word} {whom}" if whom else ""


def _happened(call, agent):
    if no_end_seen(call):
        reached = [_answered(call, agent)] if call.answered_at else []
        return [*reached, "no end seen"]
    if not call.is_over:
        return _going_on(call, agent)
    if call.status == Status.COMPLETED:
        return _completed(call, agent)
    return _unanswered(call, agent)


def _going_on(call, agent):
    if call.status == Status.IN_PROGRESS or call.answered_at:
        talking = duration(_seconds(call.answered_at, now())) if call.answered_at else ""
        talks = f"talking for {talking}" if talking else "in progress"
        return [_waited(call), _answered(call, agent), talks]
    since = duration(_seconds(call.begun_at, now()))
    if call.status == Status.RINGING:
        return [f"ringing for {since}" + (f" at {agent}" if agent else "")]
    if call.status == Status.QUEUED:
        return [f"queued for {since}"]
    return ["not over yet as far as we know"]


def _completed(call, agent):
    if call.answered_at is None and call.agent_answered is False:
        rang = f"rang at {agent}" if agent else "rang at an agent"
        return [rang, "who did not answer", _length(call)]
    talked = f"talked {duration(call.talk_seconds)}" if call.talk_seconds is not None else ""
    return [_waited(call), _answered(call, agent), talked or _length(call)]


def _length(call):
    if call.duration_seconds is None:
        return ""
    return f"lasted {duration(call.duration_seconds)}"


def _unanswered(call, agent):
    rang = duration(call.waited_seconds)
    where = f" at {agent}" if agent and not call.agent_answered else ""
    rang = f"rang {rang}{where}" if rang else (f"rang{where}" if where else "")
    reason = call.get_end_reason_display() if call.end_reason else ""
    ends = {
        Status.NO_ANSWER: "nobody answered",
        Status.BUSY: "busy",
        Status.CANCELED: "given up before an answer",
        Status.FAILED: "failed" + (f" ({reason[0].lower()}{reason[1:]})" if reason else ""),
    }
    end = ends.get(call.status, "over, in a way that we do not know")
    if call.answered_at:  # a word that contradicts the answer
        return [_waited(call), _answered(call, agent), end]
    return [rang, end, "missed" if call.missed else ""]


def _waited(call):
    return "" if call.waited_seconds is None else f"waited {duration(call.waited_seconds)}"


def _answered(call, agent):
    if call.answered_by == AnsweredBy.MACHINE:
        return "answered by a machine"
    if agent and call.agent_answered:
        return f"answered by {agent}"
    return "answered" if call.answered_at else ""


def _seconds(since, until):
    return max(0, int((until - since).total_seconds()))
