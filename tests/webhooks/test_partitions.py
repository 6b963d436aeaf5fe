"""The table of deliveries on PostgreSQL: partitions by the day of receipt."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import TransactionTestCase
from django.utils.timezone import now

from tests import factories
from webhooks.models import Delivery

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only PostgreSQL has partitions"
)
WHOLE, SPLIT = ("webhooks", "0006_endpoint_salt"), ("webhooks", "0007_partitions")
INDEXES = {
    "webhooks_delivery_pkey": "(id, received_on)",
    "delivery_newest_first": "(received_at DESC, id DESC)",
    "delivery_by_state": "(state, received_at DESC, id DESC)",
    "delivery_by_subject": "(subject, received_at DESC)",
}


def asked(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def indexes(table):
    """name → columns"""
    rows = asked("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", table)
    return {name: definition[definition.index("(") :] for name, definition in rows}


@on_postgresql
class ConversionTests(TransactionTestCase):
    def tearDown(self):
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())

    def test_rows_stay_and_nothing_is_copied(self):
        MigrationExecutor(connection).migrate([WHOLE])
        self.assertEqual(indexes("webhooks_delivery")["webhooks_delivery_pkey"], "(id)")
        endpoint = factories.EndpointFactory()
        for days in (400, 1, 0, -1, -400):
            factories.DeliveryFactory(endpoint=endpoint, received_at=now() - timedelta(days=days))
        before = list(Delivery.objects.values().order_by("id"))
        file = asked("SELECT pg_relation_filenode('webhooks_delivery')")
        MigrationExecutor(connection).migrate([SPLIT])

        self.assertEqual(list(Delivery.objects.values().order_by("id")), before)
        self.assertEqual(asked("SELECT pg_relation_filenode('webhooks_delivery_past')"), file)
        held = asked("SELECT tableoid::regclass::text, count(*) FROM webhooks_delivery GROUP BY 1")
        self.assertEqual(dict(held), {"webhooks_delivery_past": 3, "webhooks_delivery_default": 2})
        self.assertEqual(indexes("webhooks_delivery"), INDEXES)
        for partition in ("webhooks_delivery_past", "webhooks_delivery_default"):
            self.assertEqual(sorted(indexes(partition).values()), sorted(INDEXES.values()))
            checks = asked(
                "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass",
                partition,
            )
            self.assertEqual(
                {name for (name,) in checks},
                {"delivery_failed_or_ignored_says_why", "webhooks_delivery_attempts_check"},
            )
        MigrationExecutor(connection).migrate([WHOLE])
        self.assertEqual(list(Delivery.objects.values().order_by("id")), before)
