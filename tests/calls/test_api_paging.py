"""Pages by key: complete, in order and at the same cost however far one reads."""

import base64
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.models import Call, Disposition, Tag
from tests import factories
from tests.api import ApiTestCase
from tests.factories import NOON


class PagingTests(ApiTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory()
        # Eight at the same microsecond, a few before and after.
        for seconds in [*range(3), *[10] * 8, *range(20, 23)]:
            factories.CallFactory(account=cls.account, begun_at=NOON + timedelta(seconds=seconds))
        newest_first = Call.objects.order_by("-begun_at", "-id").values_list("id", flat=True)
        cls.all_ids = [str(one) for one in newest_first]

    def follow(self, url):
        response = self.client.get(url, headers=self.headers)
        self.assertEqual(response.status_code, 200, response.content)
        return response.json()

    def walk(self, page, direction):
        pages = [page]
        while url := pages[-1][direction]:
            pages.append(self.follow(url))
        return pages

    def shown(self, pages):
        return [one["id"] for page in pages for one in page["results"]]

    def test_a_list_is_next_previous_and_results(self):
        self.assertEqual(list(self.get("calls/")), ["next", "previous", "results"])

    def test_every_row_is_met_once_in_order_whatever_the_size_of_a_page(self):
        for size in range(1, 16):
            with self.subTest(size=size):
                pages = self.walk(self.get("calls/", page_size=size), "next")
                self.assertEqual(self.shown(pages), self.all_ids)

    def test_the_way_back_shows_the_same_pages(self):
        for size in (1, 3, 4, 7):
            with self.subTest(size=size):
                there = self.walk(self.get("calls/", page_size=size), "next")
                back = self.walk(there[-1], "previous")
                self.assertEqual(
                    [page["results"] for page in reversed(back)],
                    [page["results"] for page in there],
                )
                self.assertIsNone(there[0]["previous"])

    def test_a_thousand_rows_of_one_moment_are_each_met_once_both_ways(self):
        made = [
            factories.CallFactory.build(account=self.account, begun_at=NOON - timedelta(hours=1))
            for _ in range(1_000)
        ]
        Call.objects.bulk_create(made)
        there = self.walk(self.get("calls/", page_size=300, fields="id"), "next")
        newest_first = Call.objects.order_by("-begun_at", "-id").values_list("id", flat=True)
        self.assertEqual(self.shown(there), [str(one) for one in newest_first])
        back = self.walk(there[-1], "previous")
        self.assertEqual(self.shown(reversed(back)), self.shown(there))

    def test_rows_that_arrive_meanwhile_shift_nothing(self):
        first = self.get("calls/", page_size=5)
        factories.CallFactory(account=self.account, begun_at=NOON + timedelta(hours=1))
        second = self.follow(first["next"])
        self.assertEqual(self.shown([first, second]), self.all_ids[:10])

    def test_the_filter_stays_in_force_on_further_pages(self):
        factories.CallFactory(begun_at=NOON + timedelta(hours=1))
        pages = self.walk(self.get("calls/", page_size=4, account=self.account.id), "next")
        self.assertEqual(self.shown(pages), self.all_ids)

    def test_a_hundred_rows_unless_told_otherwise(self):
        for _ in range(90):
            factories.CallFactory(account=self.account)
        self.assertEqual(len(self.get("calls/")["results"]), 100)
        self.assertEqual(len(self.get("calls/", page_size=1000)["results"]), 104)

    def test_a_size_that_is_no_size_is_refused(self):
        for size in ("0", "-1", "1001", "ten", "1e2", "²", "9" * 5000):
            with self.subTest(size):
                self.assertEqual(self.faults("calls/", page_size=size), ["page_size"])

    def test_a_cursor_of_somebody_elses_making_is_refused(self):
        cursor = parse_qs(urlsplit(self.get("calls/", page_size=1)["next"]).query)["cursor"][0]
        for forged in (cursor[1:], cursor + "x", "x", ":", "é", "a:b"):
            with self.subTest(forged):
                self.assertEqual(self.faults("calls/", cursor=forged), ["cursor"])

    def test_a_cursor_of_a_list_by_name_holds_no_name(self):
        for path, model in (("tags/", Tag), ("dispositions/", Disposition)):
            with self.subTest(path):
                rows = [model.objects.create(name=f"{n} +1312555017{n}") for n in range(3)]
                page = self.get(path, page_size=1)
                cursor = parse_qs(urlsplit(page["next"]).query)["cursor"][0]
                held = cursor.partition(":")[0]
                held = base64.urlsafe_b64decode(held + "=" * (-len(held) % 4))
                self.assertNotIn(b"1312555", held)
                self.assertEqual(self.ids(path, cursor=cursor), [str(one.pk) for one in rows[1:]])
                rows[0].delete()  # where it began has gone
                self.assertEqual(self.faults(path, cursor=cursor), ["cursor"])

    def test_a_cursor_of_another_list_is_refused(self):
        cursor = parse_qs(urlsplit(self.get("calls/", page_size=1)["next"]).query)["cursor"][0]
        self.assertEqual(self.faults("legs/", cursor=cursor), ["cursor"])

    def test_a_page_counts_nothing_and_skips_nothing(self):
        url = self.get("calls/", page_size=5)["next"]
        with CaptureQueriesContext(connection) as captured:
            self.follow(url)
        statements = " ".join(
            query["sql"] for query in captured if 'FROM "calls_callnote"' not in query["sql"]
        )
        self.assertNotIn("COUNT(", statements)
        self.assertNotIn("OFFSET", statements)
