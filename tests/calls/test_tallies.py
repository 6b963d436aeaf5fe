"""Figures: percentiles, periods, series, and counting everything."""

import io
import random
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.core.management import call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.test.utils import CaptureQueriesContext

from calls import tallies
from calls.models import Call, MissedCustomer, StaleSlot, Tally
from calls.tallies import counting
from calls.tallies.counting import alone
from calls.tallies.days import OF_DAY
from calls.tallies.figures import total, with_waits
from tests.calls import tallying
from tests.factories import AccountFactory, CallFactory

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class HistogramTests(SimpleTestCase):
    def test_each_wait_is_within_five_percent_of_what_its_bucket_stands_for(self):
        for seconds in [*range(20_000), *(7**n for n in range(6, 20))]:
            found = tallies.seconds_of(tallies.bucket(seconds))
            if seconds <= 20:
                self.assertEqual(found, seconds)
            self.assertLessEqual(abs(found - seconds), 0.05 * seconds, seconds)

    def test_buckets_are_few_and_in_order(self):
        buckets = [tallies.bucket(seconds) for seconds in range(86_400)]
        self.assertEqual(buckets, sorted(buckets))
        self.assertLess(buckets[-1], 120)

    def test_percentiles_are_within_five_percent(self):
        rng = random.Random(3)
        for size in (1, 2, 9, 10, 500):
            waits = sorted(int(rng.expovariate(1 / 40)) for _ in range(size))
            figures = with_waits()
            for wait in waits:
                figures.waits[tallies.bucket(wait)] += 1
            for found, share in ((figures.median_wait, 0.5), (figures.p90_wait, 0.9)):
                exact = tallying.percentile(waits, share)
                self.assertLessEqual(abs(found - exact), 0.05 * exact)

    def test_figures_add_up_and_those_without_waits_have_no_percentile(self):
        one = tallies.Figures(calls=2, inbound=2, inbound_answered=1, missed=1, talk_seconds=5)
        two = total([one, one])
        self.assertEqual((two.calls, two.talk_seconds, two.answer_rate), (4, 10, 0.5))
        with self.assertRaises(LookupError):
            _ = two.median_wait
        nothing = with_waits()
        self.assertEqual((nothing.answer_rate, nothing.median_wait), (None, None))


class Calls(TestCase):
    @classmethod
    def setUpTestData(cls):
        """300 calls of two accounts within three days."""
        rng = random.Random(1)
        accounts = AccountFactory.create_batch(2)
        for _ in range(300):
            status, waited = rng.choice(["completed", "no_answer", "failed"]), rng.randrange(90)
            CallFactory(
                account=rng.choice(accounts),
                begun_at=NOON + timedelta(seconds=rng.randrange(3 * 86_400)),
                status=status,
                missed=status == "no_answer",
                waited_seconds=waited,
                talk_seconds=rng.choice([None, 30]),
                to_number=f"+1312555010{rng.randrange(4)}",
                agent_number=rng.choice(["", "+13125550191"]),
            )


def of_slots():
    return Tally.objects.filter(dimension__in=OF_DAY)


class PeriodTests(Calls):
    def setUp(self):
        tallies.recount_everything()

    def counts(self, figures):
        return [tallying.counts_of(one) for one in figures]

    def test_a_series_of_days_or_odd_hours_equals_a_full_count(self):
        (account, *_) = Call.objects.values_list("account", flat=True)
        for step, first, taken in (
            (DAY, NOON, 1),
            (timedelta(minutes=30), NOON + timedelta(minutes=30), 1),
            (DAY, NOON - timedelta(minutes=15), 2),  # Nepal's days begin at a quarter past
            (timedelta(minutes=50), NOON, 2),
        ):
            bounds = [first + n * step for n in range(8)]
            for whose in (None, account):
                with self.assertNumQueries(taken):
                    found = tallies.series(bounds, whose, waits=True)
                pairs = zip(bounds, bounds[1:], strict=False)
                true = [tallying.conversations(a, b, whose) for a, b in pairs]
                self.assertEqual(self.counts(found), [tallying.counts(some) for some in true])
                self.assertEqual(
                    [one.waits.total() for one in found], [len(tallying.waits(t)) for t in true]
                )
                plain = tallies.series(bounds, whose)
                self.assertEqual(self.counts(plain), self.counts(found))

    def test_periods_may_overlap_and_take_two_queries(self):
        now = NOON + timedelta(days=2, hours=5, minutes=11)
        wanted = [(now - n * DAY - timedelta(hours=30), now - n * DAY) for n in (0, 1, 2)]
        with self.assertNumQueries(2):
            found = tallies.periods([*wanted, (now, now), (now, NOON)])
        true = [tallying.counts(tallying.conversations(*period)) for period in wanted]
        self.assertEqual(self.counts(found[:3]), true)
        self.assertEqual([one.calls for one in found[3:]], [0, 0])
        self.assertEqual(tallies.periods([]), [])

    def test_a_breakdown_by_what_is_not_counted_by_is_refused(self):
        with self.assertRaises(ValueError):
            tallies.breakdown("group_name", NOON, NOON + timedelta(minutes=5))

    def test_whole_slots_come_from_the_tallies_alone(self):
        Call.objects.all().delete()
        self.assertEqual(tallies.figures(NOON, NOON + 3 * DAY).calls, 300)
        tallies.recount_everything()
        self.assertEqual(tallies.figures(NOON, NOON + 3 * DAY).calls, 0)
        self.assertFalse(Tally.objects.exists())
        self.assertFalse(MissedCustomer.objects.exists())

    def test_a_breakdown_reads_whole_days_where_it_can(self):
        first, last = NOON.replace(hour=0) + DAY, NOON.replace(hour=0) + 3 * DAY
        of_slots().filter(begins_at__gte=first, begins_at__lt=last).delete()
        start, end = NOON + timedelta(minutes=40), last + timedelta(hours=7, minutes=10)
        true = tallying.conversations(start, end)
        for dimension, column in (
            ("account", None),
            (Tally.Dimension.SERVICE_NUMBER, "service_number"),
            (Tally.Dimension.AGENT, "agent_number"),
        ):
            with self.assertNumQueries(2):
                found = tallies.breakdown(dimension, start, end)
            self.assertEqual(
                {(account, value): tallying.counts_of(part) for account, value, part in found},
                tallying.by(column, true),
            )
        self.assertEqual(tallies.breakdown("account", first, first + DAY / 2), [])


class RecountTests(Calls):
    def test_days_follow_their_slots(self):
        tallies.recount_everything()
        call = Call.objects.filter(begun_at__gte=NOON + DAY).first()
        day = call.begun_at.replace(hour=0, minute=0, second=0)
        Call.objects.filter(begun_at__gte=day, begun_at__lt=day + DAY).exclude(pk=call.pk).delete()
        for slot in of_slots().filter(begins_at__gte=day, begins_at__lt=day + DAY):
            StaleSlot.objects.get_or_create(begins_at=slot.begins_at, changed_at=NOON)
        tallies.recount()
        kept = Tally.objects.filter(dimension=Tally.Dimension.ALL_OF_DAY, begins_at=day)
        self.assertEqual([(one.account_id, one.calls) for one in kept], [(call.account_id, 1)])

    def test_the_command_counts_everything(self):
        out = io.StringIO()
        call_command("recount", stdout=out)
        slots = of_slots().values("begins_at").distinct().count()
        self.assertIn(f"{slots} half hours counted", out.getvalue())
        end = NOON + 3 * DAY
        self.assertEqual(
            tallying.counts_of(tallies.figures(NOON, end)),
            tallying.counts(tallying.conversations(NOON, end)),
        )
        self.assertEqual(tallying.listed(), tallying.waiting())
        self.assertTrue(MissedCustomer.objects.exists())
        counted = tallying.tallied()
        Tally.objects.update(calls=7)
        call_command("recount", stdout=out)
        self.assertEqual(tallying.tallied(), counted)

    def test_only_the_slots_that_were_noted_are_counted_newest_first(self):
        first, second = NOON, NOON + timedelta(minutes=30)
        for slot in (first, second, first):
            StaleSlot.objects.create(begins_at=slot, changed_at=NOON)
        self.assertEqual(tallies.recount(limit=1), 1)
        self.assertEqual({note.begins_at for note in StaleSlot.objects.all()}, {first})
        self.assertEqual({tally.begins_at for tally in of_slots()}, {second})
        self.assertEqual(tallies.recount(), 1)
        self.assertEqual(tallies.recount(), 0)

    def note(self):
        return StaleSlot.objects.create(begins_at=NOON, changed_at=NOON)

    def test_an_older_count_never_overwrites_a_newer_one(self):
        self.note()
        count, counted = counting._count, []

        def overtaken(slots):
            mine = count(slots)
            if not counted:  # while we count, a call comes, and somebody else counts it
                counted.append(mine)
                CallFactory(begun_at=NOON)
                self.note()
                self.assertEqual(tallies.recount(), 1)
            return mine

        with mock.patch.object(counting, "_count", overtaken):
            self.assertEqual(tallies.recount(), 0)
        self.assertEqual(len(counted), 1)
        self.assertEqual(self.calls_at_noon(), Call.objects.filter(begun_at=NOON).count())
        self.assertFalse(StaleSlot.objects.exists())

    def test_what_is_noted_while_it_counts_is_counted_again(self):
        self.note()
        count = counting._count

        def meanwhile(slots):
            mine = count(slots)
            CallFactory(begun_at=NOON)
            self.note()
            return mine

        with mock.patch.object(counting, "_count", meanwhile):
            self.assertEqual(tallies.recount(), 1)
        self.assertLess(self.calls_at_noon(), Call.objects.filter(begun_at=NOON).count())
        self.assertEqual(tallies.recount(), 1)
        self.assertEqual(self.calls_at_noon(), Call.objects.filter(begun_at=NOON).count())

    def calls_at_noon(self):
        within = {"begun_at__gt": NOON, "begun_at__lt": NOON + timedelta(minutes=30)}
        others = Call.objects.filter(**within, is_root=True).count()
        slot = of_slots().filter(dimension=Tally.Dimension.ALL, begins_at=NOON)
        return sum(slot.values_list("calls", flat=True)) - others

    def test_a_slot_of_many_calls_takes_no_more_queries_than_one_of_few(self):
        taken = []
        alone(wait=True)  # the first one ever makes the row that stands for the turn
        for begun_at, calls in ((NOON - DAY, 1), (NOON - 2 * DAY, 40)):
            CallFactory.create_batch(calls, begun_at=begun_at, agent_number="+13125550192")
            StaleSlot.objects.create(begins_at=begun_at, changed_at=NOON)
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(tallies.recount(), 1)
            taken.append(len(queries))
        self.assertEqual(*taken)
