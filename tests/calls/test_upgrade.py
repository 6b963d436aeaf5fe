"""A database that had calls before there were figures: what the migrations make of it."""

from datetime import timedelta

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import TransactionTestCase

from calls import tallies
from calls.models import Call, StaleSlot
from tests.calls import tallying
from tests.factories import NOON, AccountFactory, CallFactory

BEFORE, AFTER = ("calls", "0002_desk"), ("calls", "0005_counting_turn")


def migrate(target):
    executor = MigrationExecutor(connection)
    executor.migrate([target])


class UpgradeTests(TransactionTestCase):
    def tearDown(self):
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())

    def test_old_calls_are_found_by_their_end_flagged_and_counted(self):
        account = AccountFactory()
        for number in range(600):  # more than one batch
            CallFactory(
                account=account,
                begun_at=NOON + timedelta(minutes=number),
                from_number=f"+1312555{number % 200:04d}",
                status="no_answer" if number % 3 else "completed",
                missed=bool(number % 3),
                flags=["bad_time"] if number % 7 == 0 else [],
            )
        migrate(BEFORE)
        self.assertEqual(Call.objects.filter(flagged=True).count(), 0)
        migrate(AFTER)
        for call in Call.objects.all():
            self.assertEqual(call.customer_digits, call.customer_number.lstrip("+")[::-1])
            self.assertEqual(call.flagged, bool(call.flags))
        self.assertEqual(StaleSlot.objects.count(), 600 // 30)
        while tallies.recount():
            pass
        end = NOON + timedelta(minutes=600)
        self.assertEqual(tallies.figures(NOON, end).calls, 600)
        self.assertTrue(tallying.listed())
        self.assertEqual(tallying.listed(), tallying.waiting())

    def test_what_was_counted_before_is_summed_by_days(self):
        for number in range(60):
            CallFactory(begun_at=NOON + timedelta(hours=number), agent_number="+13125550191")
        tallies.recount_everything()
        counted = tallying.tallied()
        self.assertIn("agent_of_day", {row["dimension"] for row in counted.values()})
        migrate(("calls", "0009_fewer_indexes"))
        self.assertEqual(
            {row["dimension"] for row in tallying.tallied().values()},
            {"all", "service_number", "agent"},
        )
        migrate(("calls", "0010_days_and_last_digits"))
        self.assertEqual(tallying.tallied(), counted)
