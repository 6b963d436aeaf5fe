"""What is told to the database about rows that are there."""

from django.db import connection

from calls.choices import Status
from calls.facts import StatusWord
from calls.models import Call
from calls.upsert import Writes, erase
from tests import factories
from tests.calls.test_ledger import LedgerTestCase, call


class ColumnsOfIndexes(LedgerTestCase):
    """SQLite writes to the indexes of each column that it is told to set."""

    def setUp(self):
        super().setUp()
        if connection.vendor != "sqlite":
            self.skipTest("PostgreSQL compares the values itself")

    def told(self, *facts):
        """Of each row of calls written: which of these columns were set if it was there."""
        columns = ("is_over", "begun_at", "customer_number", "provider_status", "claims")
        driver, heard = connection.connection, []
        driver.set_trace_callback(heard.append)
        try:
            self.say(*facts)
        finally:
            driver.set_trace_callback(None)
        upserts = [text for text in heard if text.startswith('INSERT INTO "calls_call"')]
        return [{c for c in columns if f'"{c}" = EXCLUDED' in text} for text in upserts]

    def test_those_that_are_as_they_were_are_not_set(self):
        self.say(call("CA1"))
        ringing = StatusWord(False, Status.RINGING, "ringing")
        self.assertEqual(self.told(call("CA1", 5, status=ringing)), [{"provider_status", "claims"}])
        over = StatusWord(True, Status.COMPLETED, "completed")
        told = self.told(call("CA1", 9, status=over))
        self.assertEqual(told, [{"is_over", "provider_status", "claims"}])
        row = self.call("CA1")
        self.assertEqual((row.is_over, row.provider_status), (True, "completed"))

    def test_rows_that_differ_in_this_are_written_in_the_same_transaction(self):
        self.say(call("CA1"), call("CA2"))
        over = StatusWord(True, Status.COMPLETED, "completed")
        ringing = StatusWord(False, Status.RINGING, "ringing")
        told = self.told(call("CA1", 5, status=over), call("CA2", 5, status=ringing), call("CA3"))
        self.assertEqual(len(told), 3)
        rows = Call.objects.values_list("provider_call_id", "is_over", "revision")
        self.assertEqual(sorted(rows), [("CA1", True, 2), ("CA2", False, 2), ("CA3", False, 1)])


class Erasing(LedgerTestCase):
    def test_it_tells_how_many_there_were(self):
        rows = factories.CallFactory.create_batch(3)
        writes = Writes()
        writes.insert_new(rows)  # all are there
        self.assertEqual(writes.run("default"), [set()])
        keys = [rows[0].pk, rows[1].pk, factories.CallFactory.build().pk]
        self.assertEqual(erase(Call, keys, using="default"), 2)
        self.assertEqual(list(Call.objects.all()), [rows[2]])
