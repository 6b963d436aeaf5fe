"""Which indexes the inbox is read by."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from factory import Sequence

from calls.keys import call_key
from tests import factories
from tests.webhooks.test_admin_inbox import LIST, InboxTestCase
from webhooks.models import Delivery

# Of a partition it has a name that PostgreSQL made.
BY_TIME = (
    "delivery_newest_first" if connection.vendor == "sqlite" else "received_at_id_received_on_idx"
)


class PlanTests(InboxTestCase):
    def test_the_list_is_read_by_an_index_and_no_fat_column_is_read(self):
        endpoint = factories.EndpointFactory()
        of_a_year = Sequence(lambda number: now() - timedelta(hours=4 * (number % 2_000)))
        rows = factories.DeliveryFactory.build_batch(
            2_000, endpoint=endpoint, received_at=of_a_year
        )
        Delivery.objects.bulk_create(rows)
        if connection.vendor == "postgresql":  # it plans for what it has seen of the rows
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE webhooks_delivery")
        for asked, index in (
            ({}, BY_TIME),
            ({"state": "failed"}, "delivery_by_state"),
            ({"state": "failed", "kind": "callStatus", "period": "30d"}, "delivery_by_state"),
            ({"subject": call_key(factories.AccountFactory().id, "x")}, "delivery_by_subject"),
        ):
            with CaptureQueriesContext(connection) as captured:
                self.open(LIST, **asked)
            read = [q["sql"] for q in captured if 'FROM "webhooks_delivery"' in q["sql"]]
            read = [sql for sql in read if "MAX(rowid)" not in sql]
            with self.subTest(asked):
                self.assertGreater(len(read), 0)
                for sql in read:
                    self.assertNotIn('"webhooks_delivery"."body"', sql)
                    self.assertIn(index, plan(sql, sorting=index != BY_TIME))


def plan(sql, *, sorting):
    """How the database would go about it, on a table that is not as small as this one."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute(f"SET LOCAL enable_sort = {'on' if sorting else 'off'}")
            cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(str(row) for row in cursor.fetchall())
