"""Figures that were counted ahead equal a full count, whatever was delivered in whatever order."""

import random
import threading
import time
from datetime import timedelta

from django.db import connection, connections, transaction
from django.test import TestCase, TransactionTestCase, skipUnlessDBFeature

from calls import tallies
from calls.models import Agent, Call, MissedCustomer, ServiceNumber, StaleSlot, Tally
from calls.tallies.counting import alone
from tests.calls import tallying
from tests.webhooks.lives import NOON, Lives
from webhooks import inbox
from webhooks.endpoints import create_endpoint
from webhooks.rebuild import rebuild


class Delivered:
    """Lives of both providers over two days, delivered in a random order."""

    def setUp(self):
        endpoints = {
            provider: create_endpoint(provider=provider, account="Main")[0]
            for provider in ("freeclimb", "callerdesk")
        }
        self.lives = Lives(endpoints, seed="tallies")
        self.rng = random.Random(11)

    def requests(self, lives):
        found = []
        for number in range(lives):
            start = NOON + timedelta(minutes=37 * number % (2 * 24 * 60))
            found += self.lives.plan.life(number, start).requests
        self.rng.shuffle(found)
        return found

    def store(self, requests):
        inbox.store([self.lives.delivery(request) for request in requests])

    def bounds(self, count):
        for _ in range(count):
            start = NOON + timedelta(seconds=self.rng.randrange(-3_600, 2 * 86_400))
            yield start, start + timedelta(seconds=self.rng.choice([60, 2_000, 5_000, 90_000]))

    def assert_counted(self, bounds):
        accounts = [None, *Call.objects.values_list("account", flat=True).distinct()]
        for start, end in bounds:
            for account in accounts:
                found = tallies.figures(start, end, account)
                calls = tallying.conversations(start, end, account)
                self.assertEqual(tallying.counts_of(found), tallying.counts(calls))
                waits = tallying.waits(calls)
                self.assertEqual(found.waits.total(), len(waits))
                for share in (0.5, 0.9):
                    self.assert_close(found.wait(share), tallying.percentile(waits, share))
            for dimension, column in (
                ("account", None),
                (Tally.Dimension.SERVICE_NUMBER, "service_number"),
                (Tally.Dimension.AGENT, "agent_number"),
            ):
                found = tallies.breakdown(dimension, start, end)
                self.assertEqual(
                    {(account, value): tallying.counts_of(part) for account, value, part in found},
                    tallying.by(column, tallying.conversations(start, end)),
                )
        self.assertEqual(tallying.listed(), tallying.waiting())

    def assert_close(self, found, exact):
        if exact is None:
            self.assertIsNone(found)
        else:
            self.assertLessEqual(abs(found - exact), 0.05 * exact)


class DeliveredTests(Delivered, TestCase):
    def test_figures_equal_a_full_count_on_any_bounds(self):
        requests = self.requests(120)
        while requests:
            batch, requests = requests[:90], requests[90:]
            self.store(batch)
            self.assertGreater(tallies.recount(1_000), 0)
        self.assertFalse(StaleSlot.objects.exists())
        self.assertEqual(tallies.recount(), 0)
        self.assertGreater(MissedCustomer.objects.count(), 5)
        self.assert_counted(self.bounds(12))

        counted = tallying.tallied()
        slots = {row["begins_at"] for row in counted.values() if row["dimension"] == "all"}
        self.assertEqual(tallies.recount_everything(), len(slots))
        self.assertEqual(tallying.tallied(), counted)
        self.assert_counted([])

    def test_after_a_rebuild_they_do_too(self):
        self.store(self.requests(60))
        tallies.recount(1_000)
        counted, waiting = tallying.tallied(), tallying.listed()
        Call.objects.filter(direction="inbound").update(
            begun_at=NOON - timedelta(days=3), customer_number="+13125550000"
        )
        tallies.recount_everything()
        self.assertNotEqual(tallying.tallied(), counted)
        self.assert_counted(self.bounds(3))
        rebuild(verify=False)
        tallies.recount(1_000)
        self.assertEqual(tallying.tallied(), counted)
        self.assertEqual(tallying.listed(), waiting)
        self.assert_counted(self.bounds(3))

    def test_numbers_that_were_heard_of_get_a_row(self):
        self.store(self.requests(60))
        tallies.recount(1_000)
        numbers = set(Call.objects.filter(is_root=True).values_list("account", "service_number"))
        heard = set(ServiceNumber.objects.values_list("account", "number"))
        self.assertEqual(heard, {one for one in numbers if one[1]})
        agents = set(Call.objects.exclude(agent_number="").values_list("account", "agent_number"))
        self.assertEqual(set(Agent.objects.values_list("account", "number")), agents)
        named = Call.objects.exclude(agent_name="").order_by("begun_at", "id")
        names = {(call.account_id, call.agent_number): call.agent_name for call in named}
        self.assertGreater(len(names), 5)
        self.assertEqual(
            {(agent.account_id, agent.number): agent.heard_name for agent in Agent.objects.all()},
            dict.fromkeys(agents, "") | names,
        )


class WorkerTests(Delivered, TransactionTestCase):
    def in_thread(self, work, found):
        def run():
            try:
                found.append(work())
            finally:
                connections.close_all()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    @skipUnlessDBFeature("has_select_for_update")
    def test_while_one_counts_nobody_else_does_so_that_no_old_count_is_written_last(self):
        self.store(self.requests(10))
        noted = StaleSlot.objects.count()
        some, all_ = [], []
        with transaction.atomic():
            alone(wait=True)  # once, so that the row is there which stands for the turn
        with transaction.atomic():
            alone(wait=True)
            self.in_thread(tallies.recount, some).join(60)
            self.assertEqual((some, StaleSlot.objects.count()), ([0], noted))
            everything = self.in_thread(tallies.recount_everything, all_)
            deadline = time.monotonic() + 60
            while not self.somebody_waits() and time.monotonic() < deadline:
                pass
            self.assertTrue(self.somebody_waits())
            self.assertEqual((all_, Tally.objects.count()), ([], 0))
        everything.join(60)
        self.assertGreater(all_[0], 0)
        self.assert_counted(self.bounds(2))

    def somebody_waits(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            return cursor.fetchone() is not None

    @skipUnlessDBFeature("has_select_for_update")
    def test_several_that_count_beside_the_intake_leave_no_old_count(self):
        requests = self.requests(80)
        errors, stop = [], threading.Event()

        def intake(share):
            while share:
                batch, share = share[:7], share[7:]
                self.store(batch)

        def counting():
            while not stop.is_set():
                tallies.recount(3)

        def guarded(work, *arguments):
            try:
                work(*arguments)
            except Exception as error:  # noqa: BLE001 — the test's own thread must hear of it
                errors.append(error)
                stop.set()
            finally:
                connections.close_all()

        writers = [
            threading.Thread(target=guarded, args=(intake, requests[n::3])) for n in range(3)
        ]
        counters = [threading.Thread(target=guarded, args=(counting,)) for _ in range(3)]
        counters.append(threading.Thread(target=guarded, args=(tallies.recount_everything,)))
        for thread in writers + counters:
            thread.start()
        for thread in writers:
            thread.join(120)
        stop.set()
        for thread in counters:
            thread.join(120)
        self.assertEqual(errors, [])
        while tallies.recount(1_000):
            pass
        self.assertFalse(StaleSlot.objects.exists())
        self.assert_counted(self.bounds(5))
        counted, waiting = tallying.tallied(), tallying.listed()
        tallies.recount_everything()
        self.assertEqual((tallying.tallied(), tallying.listed()), (counted, waiting))
