"""Pages over FreeClimb's lists."""

import re
from datetime import timedelta
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.choices import Status
from calls.freeclimb_api import paging
from tests import factories
from tests.calls.freeclimb_client import ACCOUNT, FreeClimbTestCase, cursor_in
from tests.factories import NOON


def after(seconds):
    return NOON + timedelta(seconds=seconds)


class PageTests(FreeClimbTestCase):
    """Pages of three, of rows of which many began at the same moment."""

    def setUp(self):
        # A slow machine takes no fewer steps here.
        for name, value in (("SIZE", 3), ("STEP", 4), ("COUNTED", 30), ("SECONDS", 600)):
            patch = mock.patch.object(paging, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def calls(self, count, **values):
        """Each four began at once."""
        rows = [self.call(begun_at=after(n // 4), **values) for n in range(count)]
        rows.sort(key=lambda row: (row.begun_at, row.pk), reverse=True)
        return [one.provider_call_id for one in rows]

    def test_every_call_is_met_once_in_order(self):
        expected = self.calls(14)
        pages = self.walk("/Calls")
        self.assertEqual([one["callId"] for page in pages for one in page["calls"]], expected)
        told = [
            [page[name] for name in ("total", "start", "end", "page", "numPages", "pageSize")]
            for page in pages
        ]
        self.assertEqual(
            told,
            [
                [14, 0, 2, 0, 5, 3],
                [14, 3, 5, 1, 5, 3],
                [14, 6, 8, 2, 5, 3],
                [14, 9, 11, 3, 5, 3],
                [14, 12, 13, 4, 5, 3],
            ],
        )

    def test_an_empty_list(self):
        self.assertEqual(
            self.get("/Calls"),
            {
                "total": 0,
                "start": 0,
                "end": 0,
                "page": 0,
                "numPages": 0,
                "pageSize": 3,
                "nextPageUri": None,
                "calls": [],
            },
        )

    def test_a_list_too_long_to_count_tells_its_length_at_the_end(self):
        self.calls(31)
        pages = self.walk("/Calls")
        self.assertEqual([page["total"] for page in pages], [None] * 10 + [31])
        self.assertEqual([page["numPages"] for page in pages], [None] * 10 + [11])

    def test_the_same_rows_are_found_in_whatever_steps(self):
        """Most rows of the list are passed over."""
        for _ in range(4):
            self.calls(9)
            self.calls(1, application_id="AP1")
        expected = self.ids("/Calls", applicationId="AP1")
        self.assertEqual(len(expected), 4)
        numbers = {"to": "+13125550100"}
        for steps, seconds in ((1, 60), (30, 60), (30, -1)):
            with (
                mock.patch.object(paging, "STEPS", steps),
                mock.patch.object(paging, "SECONDS", seconds),
            ):
                self.assertEqual(self.ids("/Calls", applicationId="AP1"), expected)
                self.assertEqual(self.ids("/Calls", applicationId="AP1", **numbers), expected)
                pages = self.walk("/Calls", applicationId="AP1")
            self.assertEqual(pages[-1]["total"], 4)
            starts = [page["start"] for page in pages]
            held = [len(page["calls"]) for page in pages]
            self.assertEqual(starts, [sum(held[:n]) for n in range(len(held))])

    def test_the_cursor_keeps_the_filters(self):
        self.calls(5, status=Status.BUSY)
        self.calls(5)
        first = self.get("/Calls", status="busy")
        self.assertEqual(
            first["nextPageUri"].partition("=")[0], f"/Accounts/{ACCOUNT}/Calls?cursor"
        )
        second = self.follow(first["nextPageUri"])
        self.assertEqual({one["status"] for one in second["calls"]}, {"busy"})
        self.assertEqual((len(second["calls"]), second["nextPageUri"]), (2, None))
        cursor = cursor_in(first["nextPageUri"])
        self.assertEqual(self.get("/Calls", cursor=cursor, status="busy"), second)

    def test_a_cursor_is_letters_and_digits_only(self):
        """The vendor's command line reads no others."""
        self.calls(5)
        uri = self.get("/Calls", startTime="2020-01-01 00:00:00")["nextPageUri"]
        self.assertTrue(re.fullmatch("[0-9a-zA-Z]+", uri.partition("cursor=")[2]), uri)

    def test_calls_that_arrive_meanwhile_shift_nothing(self):
        expected = self.calls(8)
        first = self.get("/Calls")
        self.call(begun_at=after(3600))
        second = self.follow(first["nextPageUri"])
        self.assertEqual([one["callId"] for one in second["calls"]], expected[3:6])

    def test_a_page_takes_as_many_queries_whatever_it_holds(self):
        factories.RecordingFactory(call=self.call())
        self.get("/Recordings")  # the key's use is noted once a minute
        with CaptureQueriesContext(connection) as few:
            self.get("/Recordings")
        for _ in range(2):
            factories.RecordingFactory(call=self.call())
        with CaptureQueriesContext(connection) as more:
            self.get("/Recordings")
        self.assertEqual(len(few), len(more))
