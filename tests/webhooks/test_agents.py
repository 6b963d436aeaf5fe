"""Who of ours took a call, or where it only rang: from either provider to the columns."""

import time

import pytest
from django.test import TestCase

from calls.choices import Strength
from calls.facts import AgentWord, CallFact
from calls.models import Call
from tests.calls.test_merge import fact, merged
from tests.webhooks.callerdesk import posted, read
from tests.webhooks.door import Door, call_event, call_report
from webhooks.rebuild import rebuild

TOOK, RANG = AgentWord(True, "+919000000002", "Asha"), AgentWord(False, "+919000000003", "")


def agent(*facts):
    return merged(*facts).entries["agent"].value


def test_who_took_the_call_stands_wherever_else_it_rang():
    rang = fact(agent=RANG, strength=Strength.RECORD, stage=8, revision=4, time=9)
    assert agent(fact(agent=TOOK), rang) == agent(rang, fact(agent=TOOK)) == TOOK


def test_of_several_the_one_that_was_said_best_stands_then_the_first():
    other = TOOK._replace(number="+919000000004")
    final = fact(agent=other, strength=Strength.FINAL, time=9)
    assert agent(fact(agent=TOOK), final) == other
    assert agent(fact(agent=TOOK, time=1), fact(agent=other, time=2)) == TOOK
    assert agent(fact(agent=other, time=1), fact(agent=TOOK, time=2)) == other


def told(case, **changes):
    facts = read(posted(case, **changes)).facts
    words = [f.agent for f in facts if isinstance(f, CallFact) and f.agent]
    return words[0] if words else None


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("report_inbound_answered", AgentWord(True, "+919000000002", "Ashish")),
        ("report_inbound_ivr_only", None),
        ("report_inbound_abandoned", None),
        ("report_outbound_answered", AgentWord(True, "+919000000001", "Ashish")),
        ("report_outbound_customer_busy", AgentWord(True, "+919000000001", "Ashish")),
        ("report_outbound_agent_no_answer", AgentWord(False, "+919000000001", "Ashish")),
        ("live_inbound_ringing", AgentWord(False, "+919000000002", "")),
        ("live_inbound_picked", AgentWord(True, "+919000000002", "")),
        ("live_inbound_agent_no_answer", AgentWord(False, "+919000000002", "")),
        ("live_outbound_picked", AgentWord(True, "+919000000001", "")),
    ],
)
def test_callerdesk_names_the_agent_and_whether_that_leg_was_picked_up(case, expected):
    assert told(case) == expected


def test_callerdesk_tells_no_agent_where_nothing_tells_who_is_who():
    assert told("report_inbound_answered", Direction="") is None


def test_callerdesk_may_name_an_agent_without_a_number():
    assert told("report_inbound_answered", DialWhomNumber="") == AgentWord(True, "", "Ashish")


class AgentTests(Door, TestCase):
    def setUp(self):
        super().setUp()
        self.minute_ago = int(time.time()) - 60

    def agent_of(self, provider_call_id):
        call = Call.objects.get(provider_call_id=provider_call_id)
        return call.agent_answered, call.agent_number, call.agent_name

    def dialled(self, child, word, to, seconds):
        """A call that CA1 dialled: it is answered, rings out or ends."""
        body = call_event(
            "outDialConnect" if word == "inProgress" else "callStatus",
            callId=child,
            parentCallId="CA1",
            direction="outboundDial",
            callStatus=word,
            to=to,
        )
        signed = self.minute_ago + seconds
        self.assertEqual(self.post_freeclimb(body, t=signed).status_code, 200)

    def test_nobody_known_is_null(self):
        self.post_freeclimb(call_event("inboundCall", callId="CA1", direction="inbound"))
        self.assertEqual(self.agent_of("CA1"), (None, "", ""))

    def test_a_freeclimb_call_is_taken_by_the_first_dialled_call_that_was_answered(self):
        """A repeat signed anew is later, and changes nothing."""
        self.dialled("CA2", "noAnswer", "+13125550111", 1)
        self.assertEqual(self.agent_of("CA1"), (False, "+13125550111", ""))
        self.dialled("CA3", "busy", "+13125550112", 2)
        self.assertEqual(self.agent_of("CA1"), (False, "+13125550111", ""))
        self.dialled("CA4", "inProgress", "+13125550113", 3)
        self.dialled("CA5", "completed", "+13125550114", 4)
        self.assertEqual(self.agent_of("CA1"), (True, "+13125550113", ""))
        self.dialled("CA4", "inProgress", "+13125550113", 9)
        self.assertEqual(self.agent_of("CA1"), (True, "+13125550113", ""))
        self.assertEqual(self.agent_of("CA4"), (None, "", ""))
        self.assertEqual(rebuild(verify=True).different, [])

    def test_a_callerdesk_report_names_who_took_it(self):
        self.post_callerdesk(call_report())
        self.assertEqual(self.agent_of("1769860800.120"), (True, "+919000000002", "Asha"))
        self.assertEqual(rebuild(verify=True).different, [])

    def test_rebuild_puts_a_spoiled_agent_right(self):
        self.post_callerdesk(call_report())
        Call.objects.update(agent_answered=None, agent_number="", customer_digits="1")
        lines = {line.partition(":")[0] for _, line in rebuild(verify=True).different}
        self.assertEqual(lines, {"agent_answered", "agent_number", "customer_digits"})
        rebuild(verify=False)
        self.assertEqual(self.agent_of("1769860800.120"), (True, "+919000000002", "Asha"))
        self.assertEqual(rebuild(verify=True).different, [])
