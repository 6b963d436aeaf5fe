"""What an event says of the two connections that make a call.

Leg a rings or calls first: the caller of an incoming call, the agent of an outgoing one. Leg b is
dialled for it: https://docs.callerdesk.io/outgoing-call-reports-status
"""

from collections.abc import Iterator

from calls.choices import UNANSWERED, Direction, Party, Side, Status
from calls.facts import AgentWord, CallFact, LegFact

from . import words
from .saying import Saying

# Where leg a and leg b stand; None where the event does not say.
Statuses = tuple[Status | None, Status | None]


def statuses(said: Saying) -> Statuses:
    return _in_report(said) if said.report else _in_live_event(said)


def legs(said: Saying, status: Statuses) -> Iterator[LegFact]:
    """Leg a, and leg b where something is said about it."""
    a_party, b_party = said.parties
    a_status, b_status = status
    name = said.name
    yield LegFact(
        call_id=said.call_id,
        side=Side.A,
        claim=said.leg_claim,
        party=a_party,
        number=said.source,
        name=name if said.agent_side == Side.A else None,
        status=a_status,
        started_at=said.started_at,
        answered_at=said.a_picked,
        ended_at=said.ended_at,
    )
    if not _speaks_of_b(said) and not (said.attempt_failed and b_status):
        return
    connected = said.b_started or said.b_picked or b_status == Status.COMPLETED
    yield LegFact(
        call_id=said.call_id,
        side=Side.B,
        claim=said.leg_claim,
        party=b_party,
        number=said.dialled,
        name=name if said.agent_side == Side.B else None,
        status=b_status,
        started_at=said.b_started,
        answered_at=said.b_picked,
        ended_at=said.ended_at if connected else None,
    )


def agent(said: Saying, status: Statuses) -> Iterator[CallFact]:
    """Who of ours took the call, or where it rang."""
    if said.parties == (None, None):
        return
    on_a = said.agent_side == Side.A
    number, name = said.source if on_a else said.dialled, said.name
    if not number and not name:
        return
    picked, now = (said.a_picked, status[0]) if on_a else (said.b_picked, status[1])
    word = AgentWord(
        answered=bool(picked) or now in (Status.IN_PROGRESS, Status.COMPLETED),
        number=number.number if number else "",
        name=name or "",
    )
    yield CallFact(call_id=said.call_id, claim=said.leg_claim, agent=word)


def _speaks_of_b(said: Saying) -> bool:
    named = said.agent_side == Side.B and said.name
    return any((said.dialled, said.b_started, said.b_picked, named)) or _tried_in_vain(said)


def _tried_in_vain(said: Saying) -> bool:
    """An incoming call that nobody took was offered to somebody, though the report may not name
    whom: without this a leg b that a live event told of would ring for ever."""
    unanswered = said.report and said.status.status in UNANSWERED and said.key != words.IVR_ONLY
    return unanswered and said.direction == Direction.INBOUND


def _in_report(said: Saying) -> Statuses:
    """What was picked up is completed, the leg on which the call failed has the call's status, and
    of another nothing is said."""
    end = said.status.status
    answered = end == Status.COMPLETED
    a = Status.COMPLETED if answered or said.a_picked else None
    b = Status.COMPLETED if answered or said.b_picked else None
    if answered or end == Status.UNKNOWN:
        return a, b
    if _failed_side(said) == Side.A or not _speaks_of_b(said):
        return a or end, b
    return a, b or end


def _in_live_event(said: Saying) -> Statuses:
    if said.attempt_failed:
        failed = words.ended(said.word, said.cause, said.error_code or "")[0]
        if said.key == words.IVR_ONLY:
            return None, None  # nobody was dialled
        return (failed, None) if _failed_side(said) == Side.A else (None, failed)
    if not said.status:
        return None, None
    now = said.status.status
    if said.key == words.LEG_A_ANSWER:
        return Status.IN_PROGRESS, None
    on_the_line = now == Status.IN_PROGRESS or said.direction == Direction.INBOUND
    return (Status.IN_PROGRESS if on_the_line else None), now


def _failed_side(said: Saying) -> Side:
    """The leg that kept the call from being answered: as the words name it, else as times tell."""
    customer_side = Side.A if said.agent_side == Side.B else Side.B
    if said.key == words.AGENT_FAILED:
        return said.agent_side
    if said.key == words.CUSTOMER_FAILED:
        return customer_side
    if said.direction != Direction.OUTBOUND:
        return Side.B
    if said.cause.party and said.cause.code != words.NORMAL_END:
        return said.agent_side if said.cause.party == Party.AGENT else customer_side
    return Side.A if said.report and not said.a_picked else Side.B
