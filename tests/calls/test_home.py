"""The home page: its figures, and that each is what its link leads to."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.test import override_settings

from calls.choices import Direction, Status
from calls.desk.days import last_days, last_hours
from calls.models import Agent, Call, MissedCustomer
from calls.tallies import recount_everything
from calltrack.models import Profile
from tests import factories
from tests.admin import AdminTestCase
from tests.calls.lively import ANSWERED, counted, links, plant
from tests.people import LADDER, member

CHICAGO, KOLKATA = ZoneInfo("America/Chicago"), ZoneInfo("Asia/Kolkata")
KATHMANDU, UTC_ZONE = ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")
NOW = datetime(2026, 11, 3, 16, 20, 30, tzinfo=UTC)  # Chicago's clocks went back on the 1st


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


class HomeTestCase(AdminTestCase):
    def setUp(self):
        super().setUp()
        travel = time_machine.travel(NOW, tick=False)
        travel.start()
        self.addCleanup(travel.stop)

    def home(self, **parameters):
        return self.open("/admin/", **parameters)

    def live_in(self, zone):
        Profile.objects.update_or_create(user=self.superuser, defaults={"time_zone": zone.key})

    def tile(self, name, page=None):
        tiles = (page or self.home()).context["home"]["tiles"]
        return next(tile for tile in tiles if tile.name == name)


class LinkTests(HomeTestCase):
    def test_each_number_is_what_the_list_behind_it_counts(self):
        plant(NOW, calls=80)
        factories.CallFactory(begun_at=NOW, status=Status.RINGING, is_over=False)
        recount_everything()
        for zone, period in ((CHICAGO, "30"), (KATHMANDU, "today")):
            self.live_in(zone)
            page = self.home(period=period)
            followed = links(page)
            self.assertGreater(len(followed), 200)
            bars = {
                url
                for chart in page.context["home"]["charts"]
                for bar in chart.bars
                for url in (bar.url, f"{bar.url}&outcome=answered", f"{bar.url}&outcome=missed")
            }
            some_bars = sorted(url for url, number in followed if url in bars and number)[::5]
            others = {url for url, _ in followed} - bars
            self.assertGreater(len(some_bars), 5)
            self.assertGreater(len(others), 30)
            for url in {*some_bars, *others}:
                number = counted(self, url)
                with self.subTest(zone=zone.key, url=url):
                    self.assertEqual({n for u, n in followed if u == url}, {number})

    def test_the_bars_count_all_conversations_of_their_time(self):
        planted = plant(NOW)
        for zone in (UTC_ZONE, CHICAGO, KOLKATA, KATHMANDU):
            self.live_in(zone)
            hours, days = self.home().context["home"]["charts"]
            with self.subTest(zone.key):
                bounds = last_days(NOW, 30, zone)
                expected = [
                    sum(start <= call.begun_at < end for call in planted)
                    for start, end in zip(bounds, bounds[1:], strict=False)
                ]
                self.assertEqual([bar.figures.calls for bar in days.bars], expected)
                bounds = last_hours(NOW, 24, zone)
                within = sum(bounds[0] <= call.begun_at < bounds[-1] for call in planted)
                self.assertEqual(sum(bar.figures.calls for bar in hours.bars), within)
                self.assertGreater(within, 40)

    def test_live_now_is_what_the_board_counts(self):
        for hours in (0, 1, 5):
            factories.CallFactory(
                begun_at=NOW - timedelta(hours=hours), is_over=False, status=Status.RINGING
            )
        recount_everything()
        tile = self.tile("Live now")
        self.assertEqual((tile.value, tile.url), ("2", "/admin/live/"))
        self.assertEqual(self.open(tile.url).context["living"], 2)


class FigureTests(HomeTestCase):
    def test_the_tiles_are_a_full_count_of_today(self):
        planted = plant(NOW)
        page = self.home()
        today = [call for call in planted if call.begun_at >= utc(2026, 11, 3)]
        answered = [call for call in today if call.status in ANSWERED]
        inbound = [call for call in answered if call.direction == Direction.INBOUND]
        missed = [call for call in today if call.missed]
        waits = sorted(call.waited_seconds for call in inbound)
        self.assertEqual(self.tile("Calls today", page).value, str(len(today)))
        self.assertEqual(self.tile("Answered", page).value, str(len(answered)))
        self.assertEqual(self.tile("Missed", page).value, str(len(missed)))
        rate = len(inbound) / (len(inbound) + len(missed))
        self.assertEqual(self.tile("Answer rate", page).value, f"{rate * 100:.0f} %")
        told = int(self.tile("Time to answer", page).value.removesuffix(" s"))
        median = waits[(len(waits) + 1) // 2 - 1]
        self.assertAlmostEqual(told, median, delta=median * 0.05 + 0.5)

    def test_today_is_held_against_the_same_time_yesterday_and_a_week_ago(self):
        for when, many in (
            (utc(2026, 11, 3, 16, 10), 6),
            (utc(2026, 11, 2, 16, 20, 29), 4),
            (utc(2026, 11, 2, 16, 20, 31), 9),  # later than now
            (utc(2026, 10, 27, 3), 8),
        ):
            factories.CallFactory.create_batch(many, begun_at=when)
        recount_everything()
        yesterday, week = self.tile("Calls today").notes
        told = [yesterday.arrow, yesterday.before, yesterday.number, yesterday.after]
        self.assertEqual(told, ["↑", "50 % more than ", "4", " yesterday by now"])
        told = [week.arrow, week.before, week.number, week.after]
        self.assertEqual(told, ["↓", "25 % fewer than ", "8", " a week ago by now"])
        self.assertEqual(counted(self, yesterday.url), 4)

    def test_as_many_many_more_and_none_before_are_told_too(self):
        factories.CallFactory.create_batch(40, begun_at=NOW)
        yesterday = NOW - timedelta(days=1, minutes=1)
        factories.CallFactory(begun_at=yesterday)
        recount_everything()
        day, week = self.tile("Calls today").notes
        self.assertEqual((day.arrow, day.before), ("↑", "40 times "))
        self.assertEqual((week.arrow, week.before, week.number), ("", "", "0"))
        factories.CallFactory.create_batch(39, begun_at=yesterday)
        recount_everything()
        self.assertEqual(self.tile("Calls today").notes[0].before, "as many as ")

    def test_a_day_without_calls_is_no_fault(self):
        factories.CallFactory(begun_at=NOW - timedelta(days=3))
        recount_everything()
        page = self.home()
        for name in ("Answer rate", "Time to answer"):
            self.assertEqual(self.tile(name, page).value, "–")
        self.assertEqual(self.tile("Calls today", page).value, "0")
        self.assertContains(page, "No calls in this period")

    def test_old_calls_alone_do_not_greet_as_if_there_were_none(self):
        factories.CallFactory(begun_at=NOW - timedelta(days=300))
        recount_everything()
        self.assertIn("tiles", self.home().context["home"])

    def test_without_any_call_it_says_what_to_do(self):
        page = self.home()
        self.assertContains(page, "No calls yet")
        self.assertContains(page, 'href="/admin/webhooks/endpoint/"')
        self.assertContains(page, "statusCallbackUrl")
        self.assertNotContains(page, "Calls today")

    def test_breakdowns_name_what_they_count(self):
        planted = plant(NOW)
        page = self.home(period="30")
        tables = {table.id: table for table in page.context["home"]["tables"]}
        names = [row.name for row in tables["source"].rows]
        self.assertEqual(
            [sorted(names[:2]), names[2:]], [["Flyer", "Google Ads"], ["No source yet"]]
        )
        self.assertEqual({row.name for row in tables["agent"].rows}, {"Asha", "Vikram", ""})
        first = last_days(NOW, 30, UTC_ZONE)[0]
        calls = sum(call.begun_at >= first for call in planted)
        for name in ("account", "service_number", "source"):
            self.assertEqual(sum(row.figures.calls for row in tables[name].rows), calls, name)

    def test_no_more_than_eight_rows_and_how_many_more(self):
        for place in range(11):
            factories.CallFactory(begun_at=NOW, service_number=f"+131255577{place:02}")
        recount_everything()
        tables = {table.id: table for table in self.home().context["home"]["tables"]}
        self.assertEqual(
            (len(tables["service_number"].rows), tables["service_number"].more), (8, 3)
        )


class MissedTests(HomeTestCase):
    def test_who_was_missed_stands_there_oldest_first_with_who_tried(self):
        account = factories.AccountFactory()
        asha = "+13125550801"

        def call(number, ago, **fields):
            fields = {"status": Status.NO_ANSWER, "missed": True} | fields
            return factories.CallFactory(
                account=account,
                customer_number=number,
                begun_at=NOW - timedelta(days=ago),
                **fields,
            )

        new = call("+13125552001", 1)
        old = [call("+13125552002", ago) for ago in (3, 2)]
        call("+13125552002", 1, direction=Direction.OUTBOUND, missed=False, agent_number=asha)
        call("+13125552003", 40)
        recount_everything()
        Agent.objects.filter(number=asha).update(name="Asha")
        page = self.home()
        lines = page.context["home"]["missed"]
        self.assertEqual([line.missed.last_call for line in lines], [old[1], new])
        self.assertEqual([line.missed.missed_calls for line in lines], [2, 1])
        self.assertContains(page, "1 time by Asha")
        self.assertContains(page, "Not yet")
        self.assertEqual(counted(self, lines[0].missed_url), 2)
        self.assertEqual(counted(self, lines[0].calls_url), 3)
        self.assertContains(page, f"/admin/calls/call/{old[1].pk}/change/")
        with override_settings(RETURN_MISSED_WITHIN=timedelta(days=41)):
            self.assertEqual(len(self.home().context["home"]["missed"]), 3)

    def test_beyond_a_hundred_customers_it_says_so(self):
        for place in range(102):
            call = factories.CallFactory(begun_at=NOW, customer_number=f"+13125553{place:03}")
            MissedCustomer.objects.create(
                id=call.id,
                customer_number=call.customer_number,
                account=call.account,
                first_missed_at=NOW,
                last_missed_at=NOW,
                missed_calls=1,
                last_call=call,
            )
        self.assertContains(self.home(), "100+ customers")


class CostTests(HomeTestCase):
    def test_a_few_queries_however_many_calls(self):
        plant(NOW, calls=20)
        few = self.queries("/admin/")
        Call.objects.all().delete()
        plant(NOW, calls=200, seed=2)
        self.assertEqual(self.queries("/admin/"), few)
        self.assertLessEqual(few, 15)

    def test_a_few_for_everybody(self):
        plant(NOW, calls=20)
        for group in LADDER:
            self.client.force_login(member(group))
            self.assertLessEqual(self.queries("/admin/"), 15, group)


class WhoMayLookTests(HomeTestCase):
    def test_without_full_numbers_none_is_in_the_source(self):
        plant(NOW)
        self.look_only()
        text = self.home(period="30").content.decode()
        for call in Call.objects.all():
            for number in (call.customer_number, call.service_number, call.agent_number):
                if number:
                    self.assertNotIn(number[-9:], text)
        self.assertIn("+1••••••", text)

    def test_without_calls_there_are_no_figures(self):
        plant(NOW, calls=5)
        self.client.force_login(factories.UserFactory())
        page = self.home()
        self.assertNotIn("home", page.context)
        self.assertNotContains(page, "Calls today")
