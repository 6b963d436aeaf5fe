"""Missed calls to return: a customer waits until a later call with that number was answered."""

import random
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock
from uuid import uuid4

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from calls import ledger, tallies
from calls.choices import Direction, Status, Strength
from calls.facts import AgentWord, CallFact, Claim, Number, StatusWord, micros
from calls.ledger import Saying
from calls.models import Agent, MissedCustomer, ServiceNumber, StaleSlot
from calls.tallies import counting
from tests.calls import tallying
from tests.calls.test_ledger import ACCOUNT, NOON, LedgerTestCase, mentioned

CUSTOMER, OTHER, SERVICE = "+13125550123", "+13125550124", "+13125550100"
OVER = {
    "completed": StatusWord(True, Status.COMPLETED, "completed"),
    "missed": StatusWord(True, Status.NO_ANSWER, "noAnswer"),
    "ringing": StatusWord(False, Status.RINGING, "ringing"),
    "talking": StatusWord(False, Status.IN_PROGRESS, "inProgress"),
}


class MissedTestCase(LedgerTestCase):
    def fact(self, call_id, minute, how, customer, direction=Direction.INBOUND, **stated):
        """How it went, as of `minute`; a later saying about the same call may name another."""
        strength = stated.pop("strength", Strength.PROGRESS)
        number = Number(customer, customer)
        ours = Number(SERVICE, SERVICE)
        inbound = direction == Direction.INBOUND
        return CallFact(
            call_id=call_id,
            claim=Claim(strength, micros(NOON + timedelta(minutes=minute))),
            direction=direction,
            status=OVER[how],
            from_number=number if inbound else ours,
            to_number=ours if inbound else number,
            started_at=NOON + timedelta(minutes=minute),
            **stated,
        )

    def rings(self, *details, **stated):
        self.say(self.fact(*details, **stated))
        while tallies.recount():
            pass

    def waiting(self):
        self.assertEqual(tallying.listed(), tallying.waiting())
        return set(MissedCustomer.objects.values_list("customer_number", flat=True))


class MissedTests(MissedTestCase):
    def test_a_customer_waits_from_the_first_missed_call_since_the_last_answered_one(self):
        self.rings("CA1", 0, "missed", CUSTOMER)
        self.rings("CA2", 10, "completed", CUSTOMER)
        self.assertEqual(self.waiting(), set())
        self.rings("CA3", 20, "missed", CUSTOMER)
        self.rings("CA4", 90, "missed", CUSTOMER)
        self.assertEqual(self.waiting(), {CUSTOMER})
        row = MissedCustomer.objects.get()
        self.assertEqual(row.first_missed_at, NOON + timedelta(minutes=20))
        self.assertEqual((row.missed_calls, row.service_number), (2, SERVICE))
        self.assertEqual(row.last_call.provider_call_id, "CA4")

    def test_who_tried_is_told_until_somebody_reached_the_customer(self):
        out = {"direction": Direction.OUTBOUND}
        asha, bilal = (AgentWord(True, f"+1312555019{n}", "") for n in (1, 2))
        self.rings("CA0", 0, "missed", CUSTOMER, agent=bilal, **out)  # before: no attempt to return
        self.rings("CA1", 5, "missed", CUSTOMER)
        for number, agent in enumerate((asha, bilal, asha), start=2):
            self.rings(f"CA{number}", 10 * number, "missed", CUSTOMER, agent=agent, **out)
        self.rings("CA5", 50, "ringing", CUSTOMER, agent=asha, **out)
        self.assertEqual(self.waiting(), {CUSTOMER})
        row = MissedCustomer.objects.get()
        self.assertEqual((row.attempts, row.tried_by), (3, [asha.number, bilal.number]))
        self.assertEqual(row.last_attempt_at, NOON + timedelta(minutes=40))
        self.rings("CA5", 51, "talking", CUSTOMER, agent=asha, **out)
        self.assertEqual(self.waiting(), set())

    def test_a_call_that_a_dialled_call_answers_counts_too(self):
        self.rings("CA1", 0, "missed", CUSTOMER)
        self.rings("CA2", 8, "completed", OTHER, Direction.OUTBOUND)
        self.rings("CA3", 9, "completed", CUSTOMER, Direction.OUTBOUND_DIAL, parent="CA2")
        self.assertEqual(self.waiting(), set())

    def test_withheld_numbers_cannot_be_returned(self):
        for number, withheld in enumerate(("anonymous", "", "+266696687", "0000")):
            self.rings(f"CA{number}", 0, "missed", withheld)
        self.assertFalse(MissedCustomer.objects.exists())
        self.assertEqual([len(note.customers) for note in StaleSlot.objects.all()], [])

    def test_a_call_that_turns_out_to_be_another_customers_counts_for_that_one(self):
        self.rings("CA1", 0, "missed", CUSTOMER)
        self.rings("CA2", 5, "missed", OTHER)
        self.rings("CA3", 9, "completed", CUSTOMER)
        self.assertEqual(self.waiting(), {OTHER})
        self.rings("CA3", 9, "completed", OTHER, strength=Strength.RECORD)
        self.assertEqual(self.waiting(), {CUSTOMER})

    def test_any_calls_of_a_few_customers_in_any_order(self):
        rng = random.Random(5)
        directions = [Direction.INBOUND] * 3 + [Direction.OUTBOUND, Direction.OUTBOUND_DIAL]
        customers = [f"+1312555020{n}" for n in range(6)]
        facts = [
            self.fact(
                f"CA{rng.randrange(60)}",
                rng.randrange(600),
                rng.choice([*OVER, "missed", "missed"]),
                rng.choice(customers),
                rng.choice(directions),
                strength=rng.choice(list(Strength)),
                agent=AgentWord(True, f"+1312555019{rng.randrange(3)}", ""),
                parent="CA0" if rng.random() < 0.1 else None,
            )
            for _ in range(150)
        ]
        seen = set()
        while facts:
            share, facts = facts[:15], facts[15:]
            self.say(mentioned("CA0"), *share)
            while tallies.recount(3):
                pass
            waiting = self.waiting()
            seen.add(len(waiting))
        self.assertGreater(len(seen), 1)
        listed = tallying.listed()
        MissedCustomer.objects.filter(customer_number__in=list(waiting)[:1]).delete()
        MissedCustomer.objects.update(missed_calls=99)
        tallies.recount_everything()
        self.assertEqual(tallying.listed(), listed)

    def test_many_customers_take_no_more_queries_than_one(self):
        taken = []
        for count, slot in ((1, 0), (50, 60)):
            self.say(
                *(
                    self.fact(f"CA{slot}{n}", slot, "missed", f"+1312555{1000 + n}")
                    for n in range(count)
                )
            )
            with CaptureQueriesContext(
                connection,
            ) as queries:
                self.assertEqual(tallies.recount(), 1)
            taken.append(len(queries))
        self.assertEqual(len(self.waiting()), 50)
        self.assertLessEqual(taken[1], taken[0])

    def test_customers_of_a_count_that_broke_off_are_looked_at_again(self):
        self.say(self.fact("CA1", 0, "missed", "+13125551001"))
        with (
            mock.patch.object(counting, "_count", side_effect=RuntimeError),
            self.assertRaises(RuntimeError),
        ):
            tallies.recount()
        self.assertEqual(len(self.waiting()), 1)
        MissedCustomer.objects.all().delete()
        self.assertEqual(tallies.recount(), 1)
        self.assertEqual(len(self.waiting()), 1)

    def test_nobody_is_kept_from_writing_by_more_than_a_hundred_customers(self):
        facts = (self.fact(f"CA{n}", 0, "missed", f"+1312555{1000 + n}") for n in range(250))
        self.say(*facts)
        written = []

        @contextmanager
        def atomic():
            before = MissedCustomer.objects.count()
            with transaction.atomic():
                yield
            written.append(MissedCustomer.objects.count() - before)

        with mock.patch.object(counting, "transaction", mock.Mock(atomic=atomic)):
            self.assertEqual(tallies.recount(), 1)
        self.assertEqual([count for count in written if count], [100, 100, 50])


class NoteTests(MissedTestCase):
    def test_a_write_notes_the_slots_of_what_changed_once_each(self):
        self.say(
            *(
                self.fact(f"CA{n}", minute, "missed", CUSTOMER)
                for n, minute in enumerate((1, 2, 31))
            )
        )
        notes = {note.begins_at: note for note in StaleSlot.objects.all()}
        self.assertEqual(set(notes), {NOON, NOON + timedelta(minutes=30)})
        self.assertEqual(len(notes), StaleSlot.objects.count())
        self.assertEqual(notes[NOON].customers, [CUSTOMER])

    def test_a_call_that_moves_leaves_a_note_in_either_slot(self):
        self.rings("CA1", 40, "missed", CUSTOMER)
        self.say(self.fact("CA1", 3, "missed", OTHER, strength=Strength.RECORD))
        noted = StaleSlot.objects.order_by("begins_at").values_list("begins_at", "customers")
        moved = [(NOON, [OTHER]), (NOON + timedelta(minutes=30), [CUSTOMER])]
        self.assertEqual(list(noted), moved)

    def test_what_makes_no_difference_is_not_noted(self):
        self.rings("CA1", 0, "missed", CUSTOMER)
        self.say(CallFact(call_id="CA1", claim=Claim(Strength.RECORD, 1), cost_amount=3))
        saying = Saying(
            ACCOUNT, "freeclimb", uuid4(), NOON, [self.fact("CA1", 0, "missed", CUSTOMER)]
        )
        ledger.record([saying])
        self.assertFalse(StaleSlot.objects.exists())

    def test_a_loop_that_makes_roots_of_calls_is_noted(self):
        one = self.fact("CA1", 0, "missed", CUSTOMER, parent="CA2")
        two = self.fact("CA2", 0, "missed", OTHER, parent="CA1")
        self.rings("CA3", 0, "missed", OTHER)
        self.say(one, mentioned("CA2"))
        self.say(two)
        while tallies.recount():
            pass
        self.assertEqual(tallies.figures(NOON, NOON + timedelta(minutes=30)).calls, 3)


class HeardTests(MissedTestCase):
    def test_what_people_wrote_on_a_number_stays(self):
        asha = AgentWord(True, "+13125550191", "Asha")
        self.rings("CA1", 0, "completed", CUSTOMER, agent=asha)
        ServiceNumber.objects.update(label="Front desk", source="Flyer")
        Agent.objects.update(name="Asha from Sales")
        self.rings("CA2", 40, "completed", CUSTOMER, agent=asha._replace(name="Asha K."))
        number, agent = ServiceNumber.objects.get(), Agent.objects.get()
        self.assertEqual(
            (number.number, number.label, number.source), (SERVICE, "Front desk", "Flyer")
        )
        self.assertEqual((agent.name, agent.heard_name), ("Asha from Sales", "Asha K."))
        self.rings("CA3", 1, "completed", CUSTOMER, agent=asha._replace(name="A."))  # came late
        self.assertEqual(Agent.objects.get().heard_name, "Asha K.")

    def test_a_name_that_is_told_with_the_end_of_a_call_is_heard(self):
        asha = AgentWord(True, "+13125550191", "")
        self.rings("CA1", 0, "completed", CUSTOMER, agent=asha)
        self.assertEqual(Agent.objects.get().heard_name, "")
        named = asha._replace(name="Asha")
        self.rings("CA1", 0, "completed", CUSTOMER, agent=named, strength=Strength.FINAL)
        self.assertEqual(Agent.objects.get().heard_name, "Asha")
