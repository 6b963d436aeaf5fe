"""From what was said to rows: links, legs, loops, revisions."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.test import TestCase

from calls import ledger
from calls.choices import ConferenceStatus, Direction, Party, Status, Strength
from calls.facts import (
    CallFact,
    Claim,
    ConferenceFact,
    ConferenceWord,
    Number,
    ParticipantFact,
    RecordingFact,
    StatusWord,
    micros,
)
from calls.keys import account_key, call_key
from calls.ledger import Saying
from calls.models import Account, Call, Conference, Leg, Participant, Recording

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ACCOUNT = account_key("freeclimb", "AC1")


def at(seconds, strength=Strength.PROGRESS, stage=-1, revision=-1):
    return Claim(strength, micros(NOON + timedelta(seconds=seconds)), stage, revision)


def call(call_id, seconds=0, strength=Strength.PROGRESS, **stated):
    return CallFact(call_id=call_id, claim=at(seconds, strength), **stated)


def mentioned(call_id, seconds=0):
    return call(call_id, seconds, Strength.INFERRED)


class LedgerTestCase(TestCase):
    provider = "freeclimb"

    def setUp(self):
        Account.objects.create(id=ACCOUNT, provider=self.provider, name="Main")

    def say(self, *facts, seconds=0):
        saying = Saying(
            account=ACCOUNT,
            provider=self.provider,
            delivery=uuid4(),
            received_at=NOON + timedelta(seconds=seconds),
            facts=facts,
        )
        ledger.record([saying])
        return saying

    def call(self, call_id):
        return Call.objects.get(provider_call_id=call_id)

    def child(self, call_id, parent, seconds=0, **stated):
        stated.setdefault("direction", Direction.OUTBOUND_DIAL)
        return call(call_id, seconds, parent=parent, **stated), mentioned(parent, seconds)


class LinkTests(LedgerTestCase):
    def test_a_child_may_be_heard_of_before_its_parent(self):
        self.say(*self.child("CA2", "CA1"))
        parent = self.call("CA1")
        self.assertEqual(self.call("CA2").parent_id, parent.id)
        self.assertTrue(parent.inferred_only)
        self.say(call("CA1", 1, direction=Direction.INBOUND))
        self.assertFalse(self.call("CA1").inferred_only)

    def test_a_call_that_names_itself_as_parent_has_none(self):
        self.say(call("CA1", parent="CA1"))
        self.assertIsNone(self.call("CA1").parent_id)
        self.assertTrue(self.call("CA1").is_root)

    def test_the_same_thing_has_the_same_id_everywhere(self):
        self.say(call("CA1"))
        self.assertEqual(self.call("CA1").id, call_key(ACCOUNT, "CA1"))

    def test_a_loop_of_parents_is_flagged_and_each_is_listed(self):
        for one, other in (("CA1", "CA2"), ("CA2", "CA3"), ("CA3", "CA1")):
            self.say(*self.child(one, other))
        self.say(*self.child("CA4", "CA1"))  # hangs below the loop
        looped = [self.call(f"CA{n}") for n in (1, 2, 3)]
        self.assertTrue(all(c.is_root and "parent_loop" in c.flags for c in looped))
        self.assertFalse(self.call("CA4").is_root)
        self.assertEqual(self.call("CA4").flags, [])
        self.assertEqual([self.call(f"CA{n}").flagged for n in (1, 2, 3, 4)], [True] * 3 + [False])

    def test_a_loop_that_is_resolved_is_a_loop_no_more(self):
        self.say(*self.child("CA1", "CA2"))
        self.say(*self.child("CA2", "CA1"))
        self.assertIn("parent_loop", self.call("CA1").flags)
        record = call("CA2", 9, Strength.RECORD, parent="CA3")
        self.say(record, mentioned("CA3", 9))
        one, two = self.call("CA1"), self.call("CA2")
        self.assertNotIn("parent_loop", one.flags + two.flags)
        self.assertFalse(one.flagged)
        self.assertTrue(two.flagged)  # two parents were named
        self.assertEqual((one.is_root, two.is_root), (False, False))
        self.assertEqual(one.connections.get().call_id, two.id)

    def test_a_loop_closed_in_one_batch_is_seen(self):
        self.say(*self.child("CA1", "CA2"), *self.child("CA2", "CA1"))
        self.assertTrue(self.call("CA1").is_root)
        self.assertTrue(self.call("CA2").is_root)


class LegTests(LedgerTestCase):
    def test_a_call_is_its_own_leg_a_until_its_parent_is_known(self):
        self.say(call("CA2", direction=Direction.OUTBOUND_DIAL, to_number=Number("+1", "+1")))
        leg = Leg.objects.get()
        self.assertEqual((leg.call.provider_call_id, leg.side), ("CA2", "a"))
        self.say(*self.child("CA2", "CA1", 1))
        leg = Leg.objects.get(connected_call=self.call("CA2"))
        self.assertEqual((leg.call.provider_call_id, leg.side), ("CA1", "b"))
        self.assertEqual((leg.number, leg.party), ("+1", Party.UNKNOWN))

    def test_a_leg_moves_when_a_stronger_word_names_another_parent(self):
        self.say(*self.child("CA2", "CA1"))
        self.say(call("CA2", 1, Strength.RECORD, parent="CA9"), mentioned("CA9"))
        leg = Leg.objects.get(connected_call=self.call("CA2"))
        self.assertEqual(leg.call.provider_call_id, "CA9")
        self.assertIn("parent_conflict", self.call("CA2").flags)

    def test_the_far_end_of_an_incoming_call_is_the_customer(self):
        said = Number("+13125550100", "+13125550100")
        self.say(call("CA1", direction=Direction.INBOUND, from_number=said))
        leg = Leg.objects.get()
        self.assertEqual((leg.number, leg.party), ("+13125550100", Party.CUSTOMER))
        self.assertEqual(self.call("CA1").customer_number, "+13125550100")


class RowTests(LedgerTestCase):
    def test_a_revision_counts_the_writes_that_changed_the_row(self):
        first = self.say(call("CA1", status=StatusWord(False, Status.RINGING, "ringing")))
        ledger.record([first])
        self.assertEqual(self.call("CA1").revision, 1)
        self.say(call("CA1", 1, status=StatusWord(True, Status.COMPLETED, "completed")))
        self.assertEqual(self.call("CA1").revision, 2)
        ledger.record([first])
        self.assertEqual(self.call("CA1").revision, 2)

    def test_created_is_the_earliest_receipt_and_begun_the_start_if_known(self):
        self.say(call("CA1"), seconds=60)
        self.say(call("CA1", 1), seconds=30)
        row = self.call("CA1")
        self.assertEqual(row.created_at, NOON + timedelta(seconds=30))
        self.assertEqual(row.begun_at, row.created_at)
        self.say(call("CA1", 2, started_at=NOON))
        self.assertEqual(self.call("CA1").begun_at, NOON)

    def test_missed_is_an_incoming_call_that_ended_unanswered(self):
        over = StatusWord(True, Status.NO_ANSWER, "noAnswer")
        self.say(call("CA1", direction=Direction.INBOUND, status=over))
        self.say(call("CA2", direction=Direction.OUTBOUND, status=over))
        unknown = StatusWord(True, Status.UNKNOWN, "odd")
        self.say(call("CA3", direction=Direction.INBOUND, status=unknown))
        self.assertEqual([self.call(f"CA{n}").missed for n in (1, 2, 3)], [True, False, False])

    def test_odd_times_and_lengths_are_stored_and_flagged(self):
        self.say(call("CA1", talk_seconds=40, duration_seconds=18, ended_at=NOON))
        self.assertEqual(self.call("CA1").flags, ["end_without_start", "talk_exceeds_duration"])
        self.say(call("CA1", started_at=NOON + timedelta(hours=1)))
        self.assertIn("end_before_start", self.call("CA1").flags)
        self.say(call("CA1", started_at=NOON - timedelta(hours=24)))
        self.assertEqual(self.call("CA1").flags, ["start_conflict", "talk_exceeds_duration"])
        self.assertTrue(self.call("CA1").flagged)

    def test_a_customer_is_found_by_the_end_of_the_number(self):
        said = Number("+13125550123", "+1 (312) 555-0123")
        self.say(call("CA1", direction=Direction.INBOUND, from_number=said))
        self.say(call("CA2", direction=Direction.INBOUND, from_number=Number("anonymous", "x")))
        self.assertEqual(self.call("CA1").customer_digits, "32105552131")
        self.assertEqual(self.call("CA2").customer_digits, "")
        self.assertFalse(self.call("CA1").flagged)

    def test_waiting_ends_with_the_answer_or_with_the_call(self):
        start, over = NOON, StatusWord(True, Status.BUSY, "busy")
        completed = StatusWord(True, Status.COMPLETED, "completed")
        answered = start + timedelta(seconds=12)
        self.say(call("CA1", started_at=start, answered_at=answered, status=completed))
        self.say(call("CA2", started_at=start, ended_at=start + timedelta(seconds=30)))
        self.assertEqual(self.call("CA1").waited_seconds, 12)
        self.assertIsNone(self.call("CA2").waited_seconds)
        self.say(call("CA2", status=over))
        self.assertEqual(self.call("CA2").waited_seconds, 30)
        self.say(call("CA3", started_at=start, ended_at=answered, status=completed))
        self.assertIsNone(self.call("CA3").waited_seconds)  # answered, nobody knows when


class ConferenceTests(LedgerTestCase):
    def test_a_recording_that_comes_after_the_end_finds_its_conference_and_call(self):
        ended = ConferenceFact(
            conference_id="CF1",
            claim=at(10),
            status=ConferenceWord(ConferenceStatus.TERMINATED, "terminated"),
            ended_at=NOON + timedelta(seconds=10),
        )
        self.say(ended)
        late = at(60)
        self.say(
            ConferenceFact(conference_id="CF1", claim=late),
            mentioned("CA1", 60),
            ParticipantFact(conference_id="CF1", call_id="CA1", claim=late),
            RecordingFact(
                key="RE1", provider_recording_id="RE1", claim=late, call="CA1", conference="CF1"
            ),
        )
        conference = Conference.objects.get()
        self.assertEqual(conference.status, ConferenceStatus.TERMINATED)
        self.assertEqual(conference.ended_at, NOON + timedelta(seconds=10))
        recording = Recording.objects.get()
        self.assertEqual(recording.conference_id, conference.id)
        self.assertEqual(recording.call_id, self.call("CA1").id)
        self.assertEqual(Participant.objects.get().call_id, self.call("CA1").id)
