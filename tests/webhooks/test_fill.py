"""`manage.py fill`: rows as the ledger would have written them, many at once."""

import json
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Q
from django.test import TestCase, TransactionTestCase, skipUnlessDBFeature
from django.utils.timezone import now

from calls.choices import Status
from calls.derived import complete
from calls.derived import connection as connection_of
from calls.merge import State as Merged
from calls.models import (
    Agent,
    Call,
    CallDisposition,
    CallNote,
    CallTag,
    Conference,
    Leg,
    MissedCustomer,
    Recording,
    ServiceNumber,
    Tally,
)
from webhooks.filling import Plan, indexes_last
from webhooks.models import Delivery, Endpoint, State

CALLS = 4_000
DERIVED = [
    *("begun_at", "waited_seconds", "talk_seconds", "missed", "flagged", "flags", "is_root"),
    *("customer_number", "customer_digits", "service_number"),
]


class OtherDatabaseTests(TestCase):
    def test_it_says_that_it_needs_postgresql(self):
        if connection.vendor == "postgresql":
            self.skipTest("this is PostgreSQL")
        with self.assertRaisesMessage(CommandError, "This fills PostgreSQL only"):
            call_command("fill", calls=100)


@skipUnlessDBFeature("has_native_uuid_field")  # PostgreSQL
class FillTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.told = fill(CALLS, days=30)

    def test_there_are_as_many_conversations_as_asked_for(self):
        self.assertEqual(Call.objects.filter(is_root=True).count(), CALLS)
        self.assertIn("4,000 of 4,000 calls", self.told)

    def test_columns_are_what_the_ledger_would_compute(self):
        for call in Call.objects.select_related("account"):
            stored = {name: getattr(call, name) for name in DERIVED}
            merged = Merged()
            merged.flags.update(dict.fromkeys(call.flags, ()))
            complete(call, merged, call.account.provider)
            call.is_root = call.parent_id is None
            self.assertEqual({name: getattr(call, name) for name in DERIVED}, stored, call)

    def test_shares_are_lifelike(self):
        roots = Call.objects.filter(is_root=True)
        for name, condition, least, most in [
            ("inbound", Q(direction="inbound"), 0.66, 0.74),
            ("answered", Q(status__in=[Status.COMPLETED, Status.IN_PROGRESS]), 0.68, 0.78),
            ("missed", Q(missed=True), 0.13, 0.22),
            ("flagged", Q(flagged=True), 0.001, 0.02),
            ("dialled on", Q(children__isnull=False), 0.18, 0.30),
            ("with an agent", ~Q(agent_number=""), 0.55, 0.9),
        ]:
            with self.subTest(name):
                share = roots.filter(condition).count() / CALLS
                self.assertTrue(least <= share <= most, share)
        frequent = roots.values("customer_number").annotate(calls=Count("id")).order_by("-calls")
        self.assertGreater(frequent[0]["calls"], 10)
        self.assertEqual(roots.values("account").distinct().count(), 6)

    def test_times_are_in_order_and_not_to_come(self):
        wrong = Q(answered_at__lt=F("started_at")) | Q(ended_at__lt=F("answered_at"))
        for model in (Call, Leg):
            self.assertFalse(model.objects.filter(wrong | Q(ended_at__gt=now())).exists(), model)

    def test_some_calls_go_on_and_have_no_end(self):
        live = Call.objects.filter(is_over=False, is_root=True)
        self.assertEqual(live.count(), 300)
        self.assertFalse(live.exclude(ended_at=None).exists())
        self.assertEqual(
            set(live.values_list("status", flat=True)), {"queued", "ringing", "in_progress"}
        )

    def test_legs_of_freeclimb_are_the_connections_that_calls_are(self):
        for call in Call.objects.filter(account__provider="freeclimb")[:500]:
            expected = connection_of(call, "freeclimb")
            leg = Leg.objects.get(connected_call=call)
            for name in ("call_id", "side", "number", "status", "started_at", "answered_at"):
                self.assertEqual(getattr(leg, name), getattr(expected, name), (name, call))

    def test_what_belongs_to_calls_is_there(self):
        for model in (Recording, Conference, CallNote, CallTag, CallDisposition):
            with self.subTest(model.__name__):
                self.assertTrue(model.objects.exists())
        for recording in Recording.objects.select_related("call")[:100]:
            self.assertEqual(recording.call.status, Status.COMPLETED)

    def test_the_newest_have_deliveries_that_can_be_read(self):
        newest = Delivery.objects.filter(state=State.PROCESSED).order_by("-received_at")
        self.assertGreater(len(newest), CALLS * 0.05)
        for delivery in newest[:50]:
            body = bytes(delivery.body).decode()
            if delivery.provider == "freeclimb":
                self.assertIn("callId", json.loads(body))
            else:
                self.assertIn("CallSid=", body)
            self.assertTrue(Call.objects.filter(pk=delivery.subject).exists())
            self.assertEqual(delivery.received_on, delivery.received_at.date())

    def test_figures_are_counted_ahead(self):
        counted = Tally.objects.filter(dimension=Tally.Dimension.ALL)
        self.assertEqual(sum(counted.values_list("calls", flat=True)), CALLS)
        self.assertTrue(MissedCustomer.objects.exists())
        self.assertEqual((ServiceNumber.objects.count(), Agent.objects.count()), (60, 150))

    def test_a_second_run_leaves_everything_as_it_is(self):
        self.assertIn("already holds 4,000 filled calls", fill(CALLS, days=30))
        self.assertEqual(Call.objects.filter(is_root=True).count(), CALLS)

    def test_more_adds_to_the_same_accounts(self):
        fill(500, "--more", days=5)
        self.assertEqual(Call.objects.filter(is_root=True).count(), CALLS + 500)
        self.assertEqual(Endpoint.objects.count(), 6)


@skipUnlessDBFeature("has_native_uuid_field")
class IndexesLastTests(TransactionTestCase):
    def test_indexes_are_there_again_also_after_a_failure(self):
        before = indexes()
        fill(50, "--indexes-last", days=2)
        self.assertEqual(Call.objects.filter(is_root=True).count(), 50)
        self.assertEqual(indexes(), before)
        with self.assertRaises(KeyboardInterrupt), indexes_last():
            self.assertLess(len(indexes()), len(before))
            raise KeyboardInterrupt
        self.assertEqual(indexes(), before)


def indexes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'calls_%' ORDER BY 1")
        return cursor.fetchall()


@skipUnlessDBFeature("has_native_uuid_field")
class SeedTests(TestCase):
    def test_the_same_seed_makes_the_same_calls(self):
        until = now()
        one = Plan(calls=10, first=0, days=1, until=until, seed="one").parameters
        again = Plan(calls=10, first=0, days=1, until=until, seed="one").parameters
        other = Plan(calls=10, first=0, days=1, until=until, seed="two").parameters
        self.assertEqual(one, again)
        self.assertNotEqual(one["seed"], other["seed"])


def fill(calls, *words, days):
    out = StringIO()
    call_command("fill", "--calls", str(calls), "--days", str(days), *words, stdout=out)
    return out.getvalue()
