"""Long lists of the desk: pages by key both ways, counts with a cap, estimates."""

from datetime import timedelta

from django.contrib import admin
from django.db import connection
from django.test import RequestFactory, TestCase
from django.test.utils import CaptureQueriesContext

from calls.desk.paging import KeysetMixin, Pager, capped_count
from calls.models import Call, Conference, Leg
from calls.sizes import estimated_rows
from calls.viewer import viewer_for
from calltrack.admin import ReadOnlyAdmin
from tests import factories
from tests.factories import NOON


class LegsInPages(KeysetMixin, ReadOnlyAdmin):
    list_per_page = 2
    list_filter = ["side"]


class PagerTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        account = factories.AccountFactory()
        for seconds in [0, 1, *[5] * 6, 9]:
            factories.CallFactory(account=account, begun_at=NOON + timedelta(seconds=seconds))
        cls.all = list(Call.objects.order_by("-begun_at", "-id"))

    def pager(self, query="", size=2):
        request = RequestFactory().get(f"/list/{query}")
        return Pager(request, Call.objects.all(), time="begun_at", size=size)

    def test_there_and_back_every_row_is_met_once_in_order(self):
        for size in (1, 2, 4, 5):
            with self.subTest(size=size):
                pages = [self.pager("?account=7", size)]
                while url := pages[-1].older_url:
                    self.assertIn("account=7", url)
                    pages.append(self.pager(url, size))
                self.assertEqual([row for page in pages for row in page.rows], self.all)
                back = [pages[-1]]
                while url := back[-1].newer_url:
                    back.append(self.pager(url, size))
                met = [row for page in reversed(back) for row in page.rows]
                self.assertEqual(met, self.all)

    def test_the_first_page_leads_only_to_older_ones_the_last_only_to_newer(self):
        first = self.pager(size=5)
        self.assertEqual([first.newer_url, first.newest_url], ["", ""])
        last = self.pager(first.older_url, size=5)
        self.assertEqual([last.older_url, last.newest_url], ["", "?"])
        self.assertTrue(last.newer_url)

    def test_a_cursor_that_is_none_shows_the_first_page(self):
        pager = self.pager("?cursor=%00é:x")
        self.assertEqual([pager.faulty, pager.rows], [True, self.all[:2]])

    def test_a_page_that_is_the_whole_list_needs_no_count(self):
        with self.assertNumQueries(1):
            pager = self.pager(size=9)
            self.assertEqual(str(pager.count(Call.objects.all())), "9")
        self.assertEqual(str(self.pager(size=8).count(Call.objects.all())), "9")


class CountTests(TestCase):
    def test_a_count_stops_at_its_cap_and_says_so(self):
        factories.CallFactory.create_batch(4)
        calls = Call.objects.order_by("-begun_at", "-id")
        self.assertEqual(str(capped_count(calls, 4)), "4")
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual(str(capped_count(calls, 3)), "3+")
        self.assertIn("LIMIT 4", captured[0]["sql"])
        self.assertIn("ORDER BY", captured[0]["sql"])

    def test_an_estimate_is_near_once_the_table_was_analysed(self):
        factories.CallFactory.create_batch(20)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE calls_call, calls_conference")
        self.assertEqual(estimated_rows(Conference), 0)
        self.assertEqual(estimated_rows(Call), 20)


class ChangeListTests(TestCase):
    """Django's own list, turned by key."""

    @classmethod
    def setUpTestData(cls):
        cls.user = factories.UserFactory(is_superuser=True)
        factories.LegFactory.create_batch(5)
        cls.legs = list(Leg.objects.order_by("-created_at", "-id"))

    def open(self, query):
        request = RequestFactory().get(f"/admin/calls/leg/{query}")
        request.user = self.user
        return LegsInPages(Leg, admin.site).get_changelist_instance(request)

    def test_its_pages_follow_each_other(self):
        pages = [self.open("?side__exact=b")]
        while url := pages[-1].pager.older_url:
            pages.append(self.open(url))
        self.assertEqual([leg for page in pages for leg in page.result_list], self.legs)
        self.assertEqual([str(page.count) for page in pages], ["5", "5", "5"])

    def test_another_filter_begins_at_its_first_page(self):
        second = self.open(self.open("?side__exact=b").pager.older_url)
        self.assertNotIn("cursor", second.get_query_string({"side__exact": "a"}))

    def test_a_page_is_drawn(self):
        self.client.force_login(self.user)
        request = RequestFactory().get("/admin/calls/leg/")
        request.user, request.viewer = self.user, viewer_for(self.user)
        response = LegsInPages(Leg, admin.site).changelist_view(request)
        self.assertIn('rel="next"', response.render().content.decode())
