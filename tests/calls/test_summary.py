"""What happened in a call, in words."""

from datetime import timedelta
from types import SimpleNamespace

from django.test import TestCase
from django.utils.timezone import now

from calls.choices import AnsweredBy, Direction, EndReason, Status, Strength
from calls.desk.summary import heading, summary
from calls.models import Call
from calls.viewer import Viewer


def viewer(sees=True):
    return Viewer(SimpleNamespace(), sees_numbers=sees, zone=None)


def call(**known):
    given = {
        "direction": Direction.INBOUND,
        "status": Status.COMPLETED,
        "is_over": True,
        "customer_number": "+13125550142",
        "service_number": "+13125550100",
        "from_number": "+13125550142",
        "to_number": "+13125550100",
        "begun_at": now(),
        "strength": Strength.FINAL,
    }
    return Call(**given | known)


def ago(seconds):
    return now() - timedelta(seconds=seconds)


ANSWERED = {
    "answered_at": ago(200),
    "waited_seconds": 12,
    "talk_seconds": 200,
    "agent_name": "Asha",
    "agent_answered": True,
}


class SummaryTests(TestCase):
    def told(self, *, sees=True, service="", recorded=False, agent="", **known):
        return summary(call(**known), viewer(sees), service=service, recorded=recorded, agent=agent)

    def test_an_answered_call(self):
        self.assertEqual(
            self.told(**ANSWERED, service="Support line", recorded=True),
            "Inbound from +13125550142 to Support line, waited 12 s, answered by Asha, "
            "talked 3 min 20 s, recorded.",
        )

    def test_numbers_are_not_for_every_eye(self):
        told = self.told(
            **ANSWERED | {"agent_name": "", "agent_number": "+13125550177"}, sees=False
        )
        self.assertEqual(
            told,
            "Inbound from +1••••••0142 to +1••••••0100, waited 12 s, answered by +1••••••0177, "
            "talked 3 min 20 s.",
        )
        self.assertEqual(heading(call(), viewer(False)), "Inbound call from +1••••••0142")

    def test_our_name_of_an_agent_counts_more_than_the_providers(self):
        self.assertIn("answered by Asha K.", self.told(**ANSWERED, agent="Asha K."))

    def test_calls_that_nobody_answered(self):
        for known, said in {
            (Status.NO_ANSWER, True, 25): "rang 25 s, nobody answered, missed.",
            (Status.BUSY, False, None): "busy.",
            (Status.CANCELED, False, 4): "rang 4 s, given up before an answer.",
            (Status.FAILED, False, None): "failed (the provider's internal error).",
            (Status.UNKNOWN, False, None): "over, in a way that we do not know.",
        }.items():
            status, missed, waited = known
            with self.subTest(status):
                told = self.told(
                    status=status,
                    missed=missed,
                    waited_seconds=waited,
                    end_reason=EndReason.INTERNAL_ERROR if status == Status.FAILED else "",
                )
                self.assertEqual(told.split(", ", 1)[1], said)

    def test_where_it_only_rang(self):
        told = self.told(
            status=Status.NO_ANSWER, waited_seconds=9, agent_name="Dev", agent_answered=False
        )
        self.assertIn("rang 9 s at Dev, nobody answered", told)

    def test_a_machine(self):
        self.assertIn(
            "answered by a machine", self.told(**ANSWERED, answered_by=AnsweredBy.MACHINE)
        )

    def test_live_calls(self):
        ringing = {"is_over": False, "status": Status.RINGING, "begun_at": ago(30)}
        self.assertRegex(self.told(**ringing), r", ringing for (29|30|31) s\.$")
        self.assertRegex(self.told(**ringing | {"status": Status.QUEUED}), r", queued for 3\d s\.$")
        talking = ringing | {"status": Status.IN_PROGRESS, "answered_at": ago(20)}
        self.assertRegex(self.told(**talking), r", answered, talking for (19|20|21) s\.$")
        self.assertIn("not over yet", self.told(**ringing | {"status": Status.UNKNOWN}))

    def test_a_call_whose_end_nobody_saw(self):
        told = self.told(is_over=False, status=Status.RINGING, begun_at=ago(90_000))
        self.assertTrue(told.endswith(", no end seen."), told)

    def test_other_directions(self):
        for direction, said in {
            Direction.OUTBOUND: "Outbound from +13125550100 to +13125550142",
            Direction.OUTBOUND_DIAL: "Dialled for another call from +13125550100 to +13125550142",
            Direction.UNKNOWN: "Call, direction unknown from +13125550142 to +13125550100",
        }.items():
            with self.subTest(direction):
                self.assertTrue(self.told(direction=direction).startswith(said))

    def test_a_call_of_which_nothing_is_known(self):
        nothing = {
            "direction": Direction.UNKNOWN,
            "status": Status.UNKNOWN,
            "strength": Strength.INFERRED,
            **dict.fromkeys(("customer_number", "service_number", "from_number", "to_number"), ""),
        }
        self.assertEqual(
            self.told(**nothing),
            "A call of which no number is known, over, in a way that we do not know, "
            "known only from what was said of other calls.",
        )
        self.assertEqual(heading(call(**nothing), viewer()), "Call")
