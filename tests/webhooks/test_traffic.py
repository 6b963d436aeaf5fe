from datetime import timedelta

from django.db import connection
from django.db.models import Sum
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from calltrack import jobs
from calltrack.models import Job
from tests.factories import NOON, DeliveryFactory, EndpointFactory
from webhooks import traffic
from webhooks.models import EndpointHour

HOUR, DAY = traffic.HOUR, traffic.DAY
MINUTE = timedelta(minutes=1)


class Progress(jobs.Progress):
    """Of a job that is really held."""

    def __init__(self):
        job = jobs.enqueue("count_traffic")
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, worker="me")
        job.worker = "me"
        super().__init__(job, lease=jobs.LEASE, interrupted=lambda: False)


def counted():
    hours = EndpointHour.objects.order_by("endpoint__created_at", "begins_at")
    return [(hour.endpoint, hour.begins_at, hour.deliveries) for hour in hours]


class CountTests(TestCase):
    def setUp(self):
        self.desk, self.other = EndpointFactory(), EndpointFactory()

    def deliver(self, at, times=1, endpoint=None):
        return DeliveryFactory.create_batch(times, endpoint=endpoint or self.desk, received_at=at)

    def count(self, at):
        traffic.count(progress := Progress(), at)
        return progress.done

    def test_deliveries_are_counted_by_endpoint_and_hour(self):
        self.deliver(NOON, 2)
        [last] = self.deliver(NOON + 59 * MINUTE)
        self.deliver(NOON + HOUR)
        self.deliver(NOON, 3, self.other)
        self.assertEqual(self.count(NOON + HOUR), 3)
        self.assertEqual(
            counted(), [(self.desk, NOON, 3), (self.desk, NOON + HOUR, 1), (self.other, NOON, 3)]
        )
        hour = EndpointHour.objects.get(endpoint=self.desk, begins_at=NOON)
        self.assertEqual(hour.last_received_at, last.received_at)

    def test_counting_again_meets_the_same_rows_and_writes_what_changed(self):
        self.deliver(NOON)
        self.deliver(NOON, endpoint=self.other)
        self.assertEqual(self.count(NOON + MINUTE), 2)
        self.assertEqual(self.count(NOON + MINUTE), 0)
        self.deliver(NOON + MINUTE)
        self.assertEqual(self.count(NOON + 2 * MINUTE), 1)
        self.assertEqual(counted(), [(self.desk, NOON, 2), (self.other, NOON, 1)])

    def test_the_hour_before_is_looked_at_until_it_is_settled(self):
        self.deliver(NOON)
        self.deliver(NOON + HOUR)
        self.count(NOON + HOUR)
        self.deliver(NOON + 59 * MINUTE)  # committed late
        self.count(NOON + HOUR + 4 * MINUTE)
        self.assertEqual(counted()[0], (self.desk, NOON, 2))
        self.deliver(NOON + 59 * MINUTE)
        self.count(NOON + HOUR + 6 * MINUTE)
        self.assertEqual(counted()[0], (self.desk, NOON, 2))

    def test_after_a_pause_it_catches_up(self):
        self.deliver(NOON)
        self.count(NOON)
        for days in (0, 1, 9):
            self.deliver(NOON + days * DAY + 30 * MINUTE)
        self.count(NOON + 9 * DAY + 40 * MINUTE)
        self.assertEqual(
            counted(),
            [(self.desk, NOON, 2), (self.desk, NOON + DAY, 1), (self.desk, NOON + 9 * DAY, 1)],
        )

    def test_everything_can_be_counted_again(self):
        self.deliver(NOON + DAY)
        self.count(NOON + DAY)
        self.deliver(NOON - 40 * DAY, 2, self.other)  # imported
        self.count(NOON + DAY)
        self.assertEqual(EndpointHour.objects.aggregate(all=Sum("deliveries")), {"all": 1})
        gone = EndpointHour.objects.create(
            id=EndpointFactory.build().id,
            endpoint_id=EndpointFactory.build().id,
            begins_at=NOON,
            last_received_at=NOON,
        )
        traffic.count_all(progress := Progress())
        self.assertEqual(EndpointHour.objects.aggregate(all=Sum("deliveries")), {"all": 3})
        self.assertFalse(EndpointHour.objects.filter(pk=gone.pk).exists())
        self.assertEqual(progress.message, "1 hours counted")

    def test_counting_everything_goes_on_where_it_was_interrupted(self):
        self.deliver(NOON)
        self.deliver(NOON + 5 * DAY)
        progress = Progress()
        progress.position = {"since": (NOON + DAY).isoformat()}
        traffic.count_all(progress)
        self.assertEqual(counted(), [(self.desk, NOON + 5 * DAY, 1)])

    def test_the_deliveries_of_an_hour_are_found_by_index(self):
        if connection.vendor == "postgresql":
            self.skipTest("of so few rows its planner takes whichever index")
        self.deliver(NOON, 20)
        with CaptureQueriesContext(connection) as captured:
            traffic.count_hours(NOON, NOON + HOUR)
        [grouped] = [query["sql"] for query in captured if "GROUP BY" in query["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {grouped}")
            self.assertIn("delivery_newest_first", str(cursor.fetchall()))


class SilenceTests(TestCase):
    """NOON is a Saturday's."""

    def setUp(self):
        self.desk = EndpointFactory()

    def hour(self, at, deliveries, last=None):
        EndpointHour.objects.create(
            id=traffic.uuid5(self.desk.id, at.isoformat()),
            endpoint=self.desk,
            begins_at=at,
            deliveries=deliveries,
            last_received_at=last or at + HOUR - MINUTE,
        )

    def past(self, deliveries, *, hours=(0,), days=range(1, 29)):
        for day in days:
            for hour in hours:
                self.hour(NOON - day * DAY + hour * HOUR, deliveries)

    def heard(self, at):
        self.hour(traffic.hour_of(at), 1, at)

    def silence(self, at):
        return traffic.silences([self.desk], at)[self.desk.id]

    def test_the_usual_gap_is_that_of_the_hour_of_the_weekday(self):
        self.past(60, days=[7, 14, 21, 28])
        self.past(6, days=[1, 2, 8, 9])
        self.assertEqual(traffic.usual_gap(self.desk, NOON + 20 * MINUTE), MINUTE)
        self.assertIsNone(traffic.usual_gap(self.desk, NOON + HOUR))

    def test_one_wild_hour_changes_nothing(self):
        self.past(6, days=[7, 14, 28])
        self.past(6_000, days=[21])
        self.assertEqual(traffic.usual_gap(self.desk, NOON), 10 * MINUTE)

    def test_an_hour_without_a_row_had_none(self):
        self.past(60, days=[28])
        self.assertIsNone(traffic.usual_gap(self.desk, NOON))

    def test_a_young_endpoint_goes_by_any_day(self):
        self.past(20, days=range(1, 7))
        self.past(60, days=[7])  # one Saturday is no habit
        self.assertEqual(traffic.usual_gap(self.desk, NOON), 3 * MINUTE)

    def test_fewer_than_three_say_nothing(self):
        self.past(2)
        self.heard(NOON - 5 * DAY + 3 * HOUR)
        self.assertIsNone(traffic.usual_gap(self.desk, NOON))
        self.assertFalse(self.silence(NOON + 59 * MINUTE).unusual)

    def test_silence_is_unusual_after_five_gaps(self):
        self.past(15, hours=(-2, -1, 0))  # every four minutes
        self.heard(NOON + 10 * MINUTE)
        self.assertFalse(self.silence(NOON + 30 * MINUTE).unusual)
        silence = self.silence(NOON + 31 * MINUTE)
        self.assertTrue(silence.unusual)
        self.assertEqual((silence.last, silence.usual_gap), (NOON + 10 * MINUTE, 4 * MINUTE))

    def test_silence_of_less_than_ten_minutes_is_none(self):
        self.past(600, hours=(-2, -1, 0))
        self.heard(NOON + 10 * MINUTE)
        self.assertFalse(self.silence(NOON + 20 * MINUTE).unusual)
        self.assertTrue(self.silence(NOON + 21 * MINUTE).unusual)

    def test_a_night_is_no_silence_but_the_busy_hours_before_are(self):
        self.past(30, hours=(0,))
        self.assertFalse(self.silence(NOON + 10 * MINUTE).unusual)  # heard a day ago
        self.assertTrue(self.silence(NOON + 11 * MINUTE).unusual)
        self.past(30, hours=(-1,))
        self.assertTrue(self.silence(NOON).unusual)

    def test_what_was_never_heard_is_not_silent(self):
        self.assertEqual(self.silence(NOON), traffic.Silence(None, None, unusual=False))

    def test_all_endpoints_take_one_query(self):
        others = EndpointFactory.create_batch(3)
        self.past(30)
        with self.assertNumQueries(1):
            found = traffic.silences([self.desk, *others], NOON)
        self.assertEqual([silence.last is None for silence in found.values()], [False, *[True] * 3])
