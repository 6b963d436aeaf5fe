"""The table of deliveries on PostgreSQL: partitions by the day of receipt."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import SimpleTestCase, TransactionTestCase, override_settings
from django.utils.timezone import now

from calls.sizes import estimated_rows
from tests import factories
from tests.webhooks.retaining import WHOLE, a_table_without_days, forgotten, made, to_the_newest
from webhooks import inbox, partitions
from webhooks.deliveries import build
from webhooks.models import Delivery
from webhooks.partitions import DAY, Partition

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only PostgreSQL has partitions"
)
SPLIT = ("webhooks", "0007_partitions")
INDEXES = {
    "webhooks_delivery_pkey": "(id, received_on)",
    "delivery_newest_first": "(received_at DESC, id DESC, received_on)",
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
        to_the_newest()

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
        to_the_newest()
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


def held():
    """partition → rows"""
    rows = asked("SELECT tableoid::regclass::text, count(*) FROM webhooks_delivery GROUP BY 1")
    return {name.removeprefix("webhooks_delivery_"): many for name, many in rows}


def to_date(text):
    return date.fromisoformat(text)


class MissingTests(SimpleTestCase):
    """Which partitions are to be made."""

    def missing(self, there, today):
        """Months and days, like 11-29."""
        there = [Partition(to_date(a), to_date(b), "") for a, b in there]
        found = partitions.missing(there, to_date(today))
        return [(f"{since:%m-%d}", f"{until:%m-%d}") for since, until in found]

    @override_settings(DELIVERIES_KEPT_DAYS=30)
    def test_a_day_each_two_weeks_ahead(self):
        found = self.missing([("0001-01-01", "2026-11-22")], "2026-11-21")
        self.assertEqual(len(found), 13)
        self.assertEqual([found[0], found[-1]], [("11-22", "11-23"), ("12-04", "12-05")])

    @override_settings(DELIVERIES_KEPT_DAYS=0)
    def test_a_month_each_where_everything_is_kept(self):
        there = [("0001-01-01", "2026-11-22")]
        found = self.missing(there, "2026-11-21")
        self.assertEqual(found, [("11-22", "12-01"), ("12-01", "01-01")])

    def test_more_days_than_there_are_is_for_ever(self):
        for days in (0, 10_000_000):
            with override_settings(DELIVERIES_KEPT_DAYS=days):
                self.assertEqual(partitions.forgotten_until(to_date("2026-11-21")), date.min)

    @override_settings(DELIVERIES_KEPT_DAYS=30)
    def test_where_months_gave_way_to_days(self):
        there = [("0001-01-01", "2026-11-22"), ("2026-11-22", "2026-12-01")]
        self.assertEqual(self.missing(there, "2026-11-21")[0], ("12-01", "12-02"))

    @override_settings(DELIVERIES_KEPT_DAYS=0)
    def test_after_a_pause_days_that_are_over_are_covered_and_today_is_not(self):
        there = [("0001-01-01", "2026-11-01"), ("2026-12-05", "2027-01-01")]
        found = self.missing(there, "2026-12-02")
        self.assertEqual(found, [("11-01", "12-01"), ("12-01", "12-02"), ("12-03", "12-05")])

    @override_settings(DELIVERIES_KEPT_DAYS=2)
    def test_days_that_were_dropped_are_not_made_again(self):
        there = [("2026-11-01", "2026-11-02"), ("2026-11-21", "2026-12-05")]
        self.assertEqual(
            self.missing(there, "2026-11-21"), [("11-19", "11-20"), ("11-20", "11-21")]
        )
        there.insert(1, ("2026-11-19", "2026-11-21"))
        self.assertEqual(self.missing(there, "2026-11-21"), [])


@on_postgresql
@override_settings(DELIVERIES_KEPT_DAYS=30)
class PartitionTests(TransactionTestCase):
    """The table begins with the past, which ends with the day of the migration."""

    def setUp(self):
        self.endpoint = factories.EndpointFactory(account__callerdesk=True)
        self.first = partitions.partitions()[0].until

    def tearDown(self):
        a_table_without_days()

    def deliver(self, day, body=b"{}"):
        at = datetime.combine(day, time(9), UTC)
        inbox.store([build(self.endpoint, method="POST", body=body, received_at=at)])

    def name(self, day):
        return f"{day:%Y%m%d}"

    def test_days_are_made_ahead_and_filled(self):
        self.assertEqual(made(self.first - DAY).message, "13 partitions made")
        self.assertEqual(made(self.first - DAY).message, "")
        for day in (self.first - 9 * DAY, self.first, self.first + DAY):
            self.deliver(day)
        names = ["past", self.name(self.first), self.name(self.first + DAY)]
        self.assertEqual(held(), dict.fromkeys(names, 1))
        self.assertEqual(
            sorted(indexes(f"webhooks_delivery_{names[1]}").values()), sorted(INDEXES.values())
        )

    def test_a_day_without_a_partition_refuses_nothing_and_gets_one_when_it_is_over(self):
        day = self.first + 60 * DAY
        self.deliver(day - DAY, b"1")
        self.deliver(day, b"2")
        self.deliver(day, b"3")
        self.assertEqual(held(), {"default": 3})
        made(day)
        self.assertEqual(held(), {self.name(day - DAY): 1, "default": 2})
        made(day + DAY)
        self.assertEqual(held(), {self.name(day - DAY): 1, self.name(day): 2})
        self.deliver(day, b"3")
        self.assertEqual(Delivery.objects.count(), 3)

    def test_who_only_reads_does_not_lose_anything(self):
        """A reader in the middle of a long transaction: it is all done later."""
        self.deliver(self.first)
        reading, done = threading.Event(), threading.Event()

        def read():
            try:
                with partitions.transaction.atomic():
                    list(Delivery.objects.all())
                    reading.set()
                    done.wait(60)
            finally:
                connection.close()

        reader = threading.Thread(target=read)
        reader.start()
        self.assertTrue(reading.wait(60))
        try:
            self.assertIn("later", made(self.first + DAY).message)
            self.assertIn("later", forgotten(self.first + 60 * DAY).message)
            self.deliver(self.first, b"nobody waits for the reader")
        finally:
            done.set()
            reader.join()
        self.assertEqual(held(), {"default": 2})
        made(self.first + DAY)
        self.assertEqual(held(), {self.name(self.first): 2})

    def test_two_workers_and_the_intake_at_once(self):
        days = [self.first + number * DAY for number in range(20)]
        failures, start = [], threading.Barrier(4)

        def together(work):
            try:
                start.wait(60)
                for day in days:
                    work(day)
            except Exception as error:  # noqa: BLE001 — the test shows it
                failures.append(error)
            finally:
                connection.close()

        def insert(thread):
            endpoint = self.endpoint

            def work(day):
                for number in range(10):
                    at = datetime.combine(day, time(9), UTC)
                    body = f"{thread} {number}".encode()
                    inbox.store([build(endpoint, method="POST", body=body, received_at=at)])

            return work

        threads = [
            threading.Thread(target=together, args=[work])
            for work in (made, made, insert(1), insert(2))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        made(days[-1] + DAY)
        self.assertEqual(held(), {self.name(day): 20 for day in days})

    def test_staff_are_told(self):
        self.assertIn("Tomorrow", partitions.trouble(self.first - DAY))
        made(self.first - DAY)
        self.assertEqual(partitions.trouble(self.first - DAY), "")
        self.assertEqual(partitions.trouble(self.first + 11 * DAY), "")
        self.assertIn("Tomorrow", partitions.trouble(self.first + 12 * DAY))
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE webhooks_delivery_{self.name(self.first)}")
        self.assertEqual(partitions.trouble(self.first), "")
        self.assertIn("past days", partitions.trouble(self.first + DAY))

    def test_the_size_of_the_table_is_that_of_its_partitions(self):
        made(self.first - DAY)
        for day in (self.first - DAY, self.first, self.first + DAY, self.first + 90 * DAY):
            self.deliver(day)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE webhooks_delivery")
        self.assertEqual(estimated_rows(Delivery), 4)
