"""Who is customer and who is agent, and what becomes of their legs."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from calls.choices import Direction, Party, Side, Status
from calls.facts import Number
from calls.merge import CALL_RULES, LEG_RULES, State, join, said
from tests.webhooks.callerdesk import INDIA, RECEIVED, call, leg, posted, read

SOURCE, DIALLED = "+919000000001", "+919000000002"
AGENT, CUSTOMER = Party.AGENT, Party.CUSTOMER


def parties(reading):
    return leg(reading, "a").party, leg(reading, "b").party, call(reading).customer_number


@pytest.mark.parametrize(
    ("direction", "ours", "expected"),
    [
        ("IVR", Direction.INBOUND, (CUSTOMER, AGENT, SOURCE)),
        ("ivr", Direction.INBOUND, (CUSTOMER, AGENT, SOURCE)),
        ("WEBOBD", Direction.OUTBOUND, (AGENT, CUSTOMER, DIALLED)),
        ("", None, (None, None, None)),
        (None, None, (None, None, None)),
        ("VOICEOTP", None, (None, None, None)),
    ],
)
def test_the_direction_tells_who_is_who(direction, ours, expected):
    reading = read(posted("report_inbound_answered", Direction=direction))
    assert call(reading).direction == ours
    assert parties(reading) == expected
    unknown = 'unknown words: Direction "VOICEOTP"' if direction == "VOICEOTP" else ""
    assert reading.reason == unknown


@pytest.mark.parametrize("direction", ["IVR", "WEBOBD", "SURVEY", ""])
@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        ({SOURCE}, (AGENT, CUSTOMER, DIALLED)),
        ({DIALLED, "+919000000077"}, (CUSTOMER, AGENT, SOURCE)),
    ],
)
def test_a_known_agents_number_tells_it_better(direction, agents, expected):
    context = INDIA._replace(agent_numbers=frozenset(agents))
    reading = read(posted("report_inbound_answered", Direction=direction), context)
    assert parties(reading) == expected
    named = "a" if expected[0] == AGENT else "b"
    assert leg(reading, named).name == "Ashish"


def test_two_agents_talking_to_each_other_tell_nothing():
    context = INDIA._replace(agent_numbers=frozenset({SOURCE, DIALLED}))
    assert parties(read(posted("report_inbound_answered"), context)) == (CUSTOMER, AGENT, SOURCE)
    reading = read(posted("report_inbound_answered", Direction=""), context)
    assert parties(reading) == (None, None, None)
    assert leg(reading, "b").name == "Ashish"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("9000000001", "+919000000001"),
        ("09000000001", "+919000000001"),
        ("919000000001", "+919000000001"),
        ("+91 90000 00001", "+919000000001"),
        ("90xxxxxx01", "90xxxxxx01"),
        ("*****00001", "*****00001"),
        ("18001234567", "18001234567"),
        ("+14155550100", "+14155550100"),
        ("anonymous", "anonymous"),
    ],
)
def test_a_number_is_e164_or_as_it_was_sent(sent, kept):
    changes = dict.fromkeys(("SourceNumber", "DestinationNumber", "DialWhomNumber"), sent)
    reading = read(posted("report_inbound_answered", **changes))
    assert call(reading).from_number == Number(kept, sent)
    assert call(reading).to_number == Number(kept, sent)
    assert call(reading).service_number == kept
    assert call(reading).customer_number == kept
    assert leg(reading, "b").number == Number(kept, sent)


def test_a_region_other_than_india_is_honoured_and_none_is_india():
    source = {"SourceNumber": "4155550100"}
    here = read(posted("report_inbound_answered", **source), INDIA._replace(region=""))
    assert call(here).from_number.number == "+914155550100"
    there = read(posted("report_inbound_answered", **source), INDIA._replace(region="US"))
    assert call(there).from_number.number in ("+14155550100", "4155550100")


def test_the_agents_name_alone_makes_a_leg_b_of_incoming_calls_only():
    nobody = {"DialWhomNumber": "", "LegB_Start_time": "", "LegB_Picked_time": "", "Status": "BUSY"}
    assert leg(read(posted("report_inbound_answered", **nobody)), "b").name == "Ashish"
    reading = read(posted("report_outbound_answered", **nobody))
    assert leg(reading, "a").name == "Ashish"
    assert leg(reading, "b") is None


@pytest.mark.parametrize(
    ("case", "changes", "a", "b"),
    [
        ("report_inbound_answered", {}, "completed", "completed"),
        ("report_inbound_answered", {"Status": "NOANSWER"}, "completed", "completed"),
        (
            "report_inbound_answered",
            {"Status": "BUSY", "LegB_Picked_time": ""},
            "completed",
            "busy",
        ),
        ("report_inbound_answered", {"Status": "NEW", "LegB_Picked_time": ""}, "completed", None),
        ("report_inbound_abandoned", {"LegA_Picked_time": ""}, None, "no_answer"),
        ("report_inbound_ivr_only", {}, "completed", "-"),
        ("report_outbound_answered", {}, "completed", "completed"),
        ("report_outbound_customer_busy", {"LegA_Picked_time": ""}, None, "busy"),
        ("report_outbound_customer_busy", {"Status": "BUSY"}, "completed", "busy"),
        (
            "report_outbound_customer_busy",
            {"hangup_cause": "", "LegA_Picked_time": ""},
            None,
            "busy",
        ),
        (
            "report_outbound_customer_busy",
            {"Status": "BUSY", "LegA_Picked_time": ""},
            None,
            "busy",
        ),
        (
            "report_outbound_agent_no_answer",
            {"Status": "BUSY", "hangup_cause": "BUSY (16-customer)"},
            "busy",
            None,
        ),
        (
            "report_inbound_answered",
            {"Status": "BUSY", "LegB_Picked_time": "", "LegA_Picked_time": ""}
            | {"hangup_cause": "BUSY (17-customer)"},
            None,
            "busy",
        ),
        (
            "report_outbound_customer_busy",
            {"Status": "BUSY", "hangup_cause": "", "LegA_Picked_time": ""},
            "busy",
            None,
        ),
        ("report_outbound_agent_no_answer", {"Status": "NOANSWER"}, "no_answer", None),
        ("live_inbound_ringing", {}, "in_progress", "ringing"),
        ("live_inbound_ringing", {"Direction": "WEBOBD"}, None, "ringing"),
        ("live_inbound_picked", {}, "in_progress", "in_progress"),
        ("live_inbound_picked", {"DialWhomNumber": ""}, "in_progress", "-"),
        ("live_outbound_picked", {"Status": "LegA Answer"}, "in_progress", None),
        ("live_outbound_picked", {"Status": "Cancel-Agent"}, "no_answer", None),
        ("live_outbound_picked", {"Status": "Cancel-Customer"}, None, "no_answer"),
        ("live_inbound_agent_no_answer", {}, None, "no_answer"),
    ],
)
def test_what_was_picked_up_is_completed_and_what_failed_failed_as_the_call(case, changes, a, b):
    reading = read(posted(case, **changes))
    second = leg(reading, "b")
    assert leg(reading, "a").status == a
    assert (second.status if second else "-") == b


def test_a_leg_that_was_never_dialled_has_no_end():
    reading = read(posted("report_outbound_agent_no_answer"))
    assert leg(reading, "a").ended_at is not None
    assert leg(reading, "b").ended_at is None


def merged(side, *events):
    """What stands for a leg (or, for None, the call) after events, each a minute after another."""
    state = State()
    for minute, request in events:
        request.received_at = RECEIVED + timedelta(minutes=minute)
        reading = read(request)
        fact = leg(reading, side) if side else call(reading)
        rules = LEG_RULES if side else CALL_RULES
        told = said(fact, delivery=UUID(int=minute), received_at=request.received_at)
        state = join(rules, state, told)
    return {name: entry.value for name, entry in state.entries.items()}


def test_of_several_attempts_the_one_that_was_picked_up_is_leg_b():
    first, second = {"DialWhomNumber": "9000000002"}, {"DialWhomNumber": "9000000003"}
    events = [
        (0, posted("live_inbound_ringing", **first)),
        (1, posted("live_inbound_agent_no_answer", **first)),
        (2, posted("live_inbound_ringing", **second)),
        (3, posted("live_inbound_picked", **second)),
    ]
    after = [merged("b", *events[: count + 1])["status"] for count in range(4)]
    assert after == [Status.RINGING, Status.NO_ANSWER, Status.RINGING, Status.IN_PROGRESS]
    for order in permutations(events):
        assert merged("b", *order)["status"] == Status.IN_PROGRESS
        assert merged("b", *order)["number"].number == "+919000000003"


def test_a_report_stands_whatever_live_events_come_before_or_after_it():
    events = [
        (0, posted("live_inbound_ringing")),
        (1, posted("live_inbound_picked")),
        (2, posted("report_inbound_answered")),
        (3, posted("live_inbound_agent_no_answer")),
    ]
    for order in permutations(events):
        assert merged(None, *order)["status"] == (True, Status.COMPLETED, "ANSWER")
        assert merged("b", *order)["status"] == Status.COMPLETED


def test_sides_are_ours():
    reading = read(posted("report_inbound_answered"))
    assert [leg(reading, side).side for side in Side] == [Side.A, Side.B]
