"""What the API refuses on a big table, and how far a page looks for what matches rarely."""

from datetime import timedelta
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.test import override_settings
from django.utils.timezone import now

from calls.choices import Direction
from calls.models import Call
from tests import factories
from tests.api import ApiTestCase
from tests.factories import NOON

MONTH = {"begun_at__gte": "2026-03-01T00:00:00Z", "begun_at__lt": "2026-04-01T00:00:00Z"}


def analyze():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


@override_settings(PERIOD_NEEDED_ABOVE_ROWS=-1)
class RefusalTests(ApiTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.call = factories.CallFactory(group_name="Sales", begun_at=NOON)
        cls.leg = factories.LegFactory(call=cls.call)
        analyze()

    def test_what_refines_wants_a_period_or_a_narrow_filter(self):
        refining = {
            "group": "Sales",
            "direction": "inbound",
            "direction__in": "inbound",
            "provider": "freeclimb",
            "answered_by__in": "human",
            "duration_seconds__gte": "1",
            "talk_seconds__lt": "60",
            "waited_seconds__gt": "1",
            "has_recording": "false",
            "in_conference": "false",
            "provider_request_id": "R1",
            "updated_at__gte": "2026-01-01T00:00:00Z",
            "ended_at__lt": "2027-01-01T00:00:00Z",
            "created_at__gte": "2026-01-01T00:00:00Z",
        }
        for name, value in refining.items():
            with self.subTest(name):
                refused = self.get("calls", 400, **{name: value})
                self.assertEqual([one["parameter"] for one in refused["errors"]], [name])
                self.assertIn("31 days", refused["errors"][0]["detail"])
                self.get("calls", **MONTH, **{name: value})
                self.get("calls", parent=self.call.id, **{name: value})

    def test_what_an_index_answers_is_answered_at_any_time(self):
        call = self.call
        indexed = {
            "begun_at__gte": "2020-01-01T00:00:00Z",
            "account": call.account_id,
            "status": "completed",
            "status__in": "completed,busy",
            "live": "false",
            "missed": "false",
            "flagged": "false",
            "flag": "parent_loop",
            "is_root": "true",
            "number": call.from_number,
            "from_number": call.from_number,
            "customer_number": "+13125550123",
            "agent": "+13125550123",
            "service_number": "+13125550123",
            "source": "Flyer",
            "parent": call.id,
            "conference": call.id,
            "provider_call_id": call.provider_call_id,
            "tag": "VIP",
            "disposition": "Sold",
        }
        for name, value in indexed.items():
            with self.subTest(name):
                self.get("calls", **{name: value})
        self.get("calls", **indexed)

    def test_a_period_is_31_days_at_most_and_may_last_until_now(self):
        long = {"begun_at__gte": "2026-03-01T00:00:00Z", "begun_at__lt": "2026-04-02T00:00:00Z"}
        self.get("calls", 400, group="Sales", **long)
        self.get("calls", 400, group="Sales", begun_at__lt="2026-04-02T00:00:00Z")
        self.get("calls", 400, group="Sales", begun_at__gte="2026-03-01T00:00:00Z")
        self.get("calls", group="Sales", begun_at__gt=(now() - timedelta(days=30)).isoformat())
        within = {"begun_at__gt": MONTH["begun_at__gte"], "begun_at__lte": MONTH["begun_at__lt"]}
        self.assertEqual(self.ids("calls", group="Sales", **within), [str(self.call.id)])

    def test_all_lists_keep_the_rule(self):
        for path, asked in (
            ("legs", {"status": "busy"}),
            ("legs", {"number": "+13125550100"}),
            ("recordings", {"state": "available"}),
            ("participants", {"account": self.call.account_id}),
            ("conferences", {"alias": "x"}),
        ):
            with self.subTest(path, asked=asked):
                refused = self.get(path, 400, **asked)
                self.assertEqual([one["parameter"] for one in refused["errors"]], list(asked))
                self.assertIn("created_at__gte", refused["errors"][0]["detail"])
                self.get(path, call=self.call.id, **asked)
                self.get(path, created_at__gte=now().isoformat(), **asked)

    def test_a_long_list_is_not_counted_exactly(self):
        self.assertEqual(self.faults("calls", count="exact"), ["count"])
        self.assertEqual(self.get("calls", count="exact", **MONTH)["count"], 1)
        self.assertEqual(self.get("legs", count="exact", call=self.call.id)["count"], 1)
        self.assertGreaterEqual(self.get("calls", count="estimate")["count"], 1)


class CountTests(ApiTestCase):
    def test_nothing_is_counted_unless_asked_for(self):
        factories.CallFactory()
        self.assertNotIn("count", self.get("calls"))
        self.assertEqual(self.get("calls", count="exact", status="busy")["count"], 0)
        self.assertEqual(self.get("calls", count="exact", page_size=1)["count"], 1)

    def test_an_estimate_of_few_rows_is_near(self):
        for _ in range(20):
            factories.CallFactory()
        analyze()
        self.assertEqual(self.get("calls", count="estimate", page_size=1)["count"], 20)
        self.get("calls", count="estimate", agent="00000000-0000-0000-0000-000000000000")


@override_settings(ROWS_A_PAGE_LOOKS_AT=10)
class BoundedPageTests(ApiTestCase):
    """45 calls, of which the 5th, 10th and 38th from the newest are outbound; five at a time begin
    at the same moment."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        account = factories.AccountFactory()
        for number in range(45):
            factories.CallFactory(account=account, begun_at=NOON + timedelta(seconds=number // 5))
        newest_first = list(Call.objects.order_by("-begun_at", "-id"))
        cls.rare = [newest_first[place] for place in (4, 9, 37)]
        Call.objects.filter(pk__in=[one.pk for one in cls.rare]).update(
            direction=Direction.OUTBOUND
        )
        cls.wanted = [str(one.pk) for one in cls.rare]

    def walk(self, page, way):
        pages = [page]
        while url := pages[-1][way]:
            cursor = parse_qs(urlsplit(url).query)
            pages.append(self.get("calls", **{name: one[0] for name, one in cursor.items()}))
            self.assertLess(len(pages), 20)
        return pages

    def shown(self, pages):
        return [[one["id"] for one in page["results"]] for page in pages]

    def test_a_page_may_hold_fewer_rows_and_next_leads_on(self):
        pages = self.walk(self.get("calls", direction="outbound"), "next")
        self.assertEqual(self.shown(pages), [self.wanted[:2], [], [], self.wanted[2:], []])
        self.assertIsNone(pages[-1]["next"])

    def test_the_way_back_meets_the_same_rows(self):
        there = self.walk(self.get("calls", direction="outbound"), "next")
        back = self.walk(there[-1], "previous")
        met = [one for page in reversed(self.shown(back)) for one in page]
        self.assertEqual(met, self.wanted)

    def test_every_row_is_met_once_whatever_the_page_and_the_bound(self):
        Call.objects.update(direction=Direction.OUTBOUND)
        every = [
            str(one)
            for one in Call.objects.order_by("-begun_at", "-id").values_list("pk", flat=True)
        ]
        for bound in (1, 4, 10, 50):
            for size in (1, 4, 50) if bound > 1 else (4,):
                with (
                    self.subTest(bound=bound, size=size),
                    self.settings(ROWS_A_PAGE_LOOKS_AT=bound),
                ):
                    first, pages = self.get("calls", direction="outbound", page_size=size), []
                    pages = self.all_pages(first)
                    self.assertEqual([one for page in self.shown(pages) for one in page], every)

    def all_pages(self, page):
        pages = [page]
        while url := pages[-1]["next"]:
            asked = {name: one[0] for name, one in parse_qs(urlsplit(url).query).items()}
            pages.append(self.get("calls", **asked))
        return pages

    def test_what_an_index_leads_to_is_not_bounded(self):
        Call.objects.filter(pk__in=[one.pk for one in self.rare]).update(missed=True)
        for asked in ({"missed": "true"}, {"missed": "true"} | MONTH):
            page = self.get("calls", **asked)
            self.assertEqual((self.shown([page]), page["next"]), ([self.wanted], None))
        only = self.get("calls", customer_number=self.rare[0].customer_number, direction="outbound")
        self.assertIsNone(only["next"])

    def test_a_number_of_many_calls_is_bounded_and_one_of_few_is_not(self):
        number = "+13125550142"
        keys = [one.pk for one in self.rare]
        Call.objects.filter(pk__in=keys).update(from_number=number, agent_number=number)
        few = self.get("calls", number=number)
        self.assertEqual((self.shown([few]), few["next"]), ([self.wanted], None))
        with mock.patch("calls.filtersets.rules.FEW", 2):
            pages = self.all_pages(self.get("calls", number=number))
        self.assertEqual(self.shown(pages), [self.wanted[:2], [], [], self.wanted[2:], []])
