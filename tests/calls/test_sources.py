"""Calls by source, campaign and service number."""

from datetime import UTC, datetime, timedelta

import time_machine

from calls.models import ServiceNumber
from calls.tallies import recount_everything
from calltrack.models import Profile
from tests import factories
from tests.admin import AdminTestCase
from tests.calls.lively import counted, links, plant

NOW = datetime(2026, 11, 3, 16, 20, 30, tzinfo=UTC)


class SourcesTests(AdminTestCase):
    url = "/admin/sources/"

    def setUp(self):
        super().setUp()
        travel = time_machine.travel(NOW, tick=False)
        travel.start()
        self.addCleanup(travel.stop)

    def call(self, number, ago=timedelta(0), many=1, account=None, **said):
        calls = factories.CallFactory.create_batch(
            many, service_number=number, begun_at=NOW - ago, account=account or self.account
        )
        recount_everything()
        if said:
            numbers = ServiceNumber.objects.filter(account=calls[0].account, number=number)
            self.assertEqual(numbers.update(**said), 1)

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory()

    def groups(self, **parameters):
        return self.open(self.url, **parameters).context["groups"]

    def test_sources_hold_campaigns_and_these_numbers(self):
        other = factories.AccountFactory(callerdesk=True)
        self.call("+13125550001", many=2, source="Google Ads", campaign="Spring", label="Line 1")
        self.call("+13125550002", many=3, source="Google Ads", campaign="Spring")
        self.call("+13125550003", many=1, source="Google Ads")
        self.call("+13125550003", many=4, account=other, source="Flyer")
        self.call("+13125550004", many=20)
        told = [
            (
                group.name,
                group.figures.calls,
                [
                    (campaign.name, [(row.name, row.figures.calls) for row in campaign.rows])
                    for campaign in group.rows
                ],
            )
            for group in self.groups()
        ]
        self.assertEqual(
            told,
            [
                ("Google Ads", 6, [("Spring", [("", 3), ("Line 1", 2)]), ("", [("", 1)])]),
                ("Flyer", 4, [("", [("", 4)])]),
                ("No source yet", 20, [("", [("", 20)])]),
            ],
        )

    def test_each_number_is_what_the_list_behind_it_counts(self):
        plant(NOW, calls=60)
        Profile.objects.create(user=self.superuser, time_zone="America/Chicago")
        page = self.open(self.url)
        followed = links(page)
        self.assertGreater(len(followed), 20)
        for url, number in followed:
            with self.subTest(url):
                self.assertEqual(counted(self, url), number)

    def test_numbers_without_a_source_can_be_named_by_those_who_may(self):
        self.call("+13125550004")
        edit = f"/admin/calls/servicenumber/{ServiceNumber.objects.get().pk}/change/"
        self.assertContains(self.open(self.url), edit)
        self.look_only()
        self.assertNotContains(self.open(self.url), edit)

    def test_the_period_is_in_days_of_the_viewer(self):
        for ago in (0, 5, 20, 45):
            self.call("+13125550001", timedelta(days=ago), source="Flyer")

        def calls(**parameters):
            return sum(group.figures.calls for group in self.groups(**parameters))

        self.assertEqual([calls(period=name) for name in ("today", "7", "30")], [1, 2, 3])
        self.assertEqual(calls(), 3)
        self.assertEqual(calls(first="2026-10-14", last="2026-10-29"), 2)
        # 16:20 UTC on 2026-10-29 is the day after in Kiritimati.
        Profile.objects.create(user=self.superuser, time_zone="Pacific/Kiritimati")
        self.assertEqual(calls(first="2026-10-30", last="2026-10-30"), 1)

    def test_a_period_that_is_none_is_told_and_the_usual_one_shown(self):
        self.call("+13125550001")
        for asked, told in {
            ("2026-11-03", "2026-11-01"): "The last day lies before the first.",
            ("2020-01-01", "2026-11-01"): "Choose at most 400 days.",
            ("yesterday", "2026-11-01"): "From: Enter a valid date.",
            ("2026-11-01", ""): "To: This field is required.",
            ("9999-12-31", "9999-12-31"): "Choose years from 1970 to 2199.",
            ("0001-01-01", "0001-01-01"): "Choose years from 1970 to 2199.",
        }.items():
            with self.subTest(asked):
                page = self.open(self.url, first=asked[0], last=asked[1])
                self.assertContains(page, told)
                self.assertEqual(page.context["span"].name, "30")

    def test_no_calls_are_an_empty_page(self):
        self.assertContains(self.open(self.url), "No calls in this period")

    def test_queries_do_not_grow_with_the_numbers(self):
        plant(NOW, calls=10)
        few = self.queries(self.url)
        for place in range(30):
            factories.CallFactory(begun_at=NOW, service_number=f"+131255530{place:02}")
        recount_everything()
        self.assertEqual(self.queries(self.url), few)
        self.assertLessEqual(few, 15)

    def test_without_full_numbers_none_is_in_the_source(self):
        self.call("+13125550001", source="Flyer", label="Line 1")
        self.call("+13125550002")
        self.look_only()
        text = self.open(self.url).content.decode()
        self.assertNotIn("3125550001", text)
        self.assertNotIn("3125550002", text)
        self.assertIn("+1••••••0001", text)

    def test_it_takes_the_permission(self):
        self.client.force_login(factories.UserFactory(may=["view_call"]))
        self.assertEqual(self.client.get(self.url).status_code, 403)
