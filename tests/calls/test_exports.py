"""Exports: what the list shows, whole, safe in a spreadsheet, within memory."""

import csv
import io
import tracemalloc
from datetime import timedelta
from unittest import mock

import openpyxl
from django.test import override_settings

from calls import exports
from calls.models import Call, CallTag, Tag
from calltrack.models import AuditEntry, Profile
from tests import factories
from tests.admin import AdminTestCase, address
from tests.calls.directory import agent, service_number
from tests.factories import NOON

EXPORT = address(Call, "export")


class ExportTestCase(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory(name="Shop")

    def call(self, **columns):
        return factories.CallFactory(account=self.account, **columns)

    def csv(self, **filters):
        response = self.client.get(EXPORT, filters | {"format": "csv"})
        self.assertEqual(response.status_code, 200)
        self.body = b"".join(response.streaming_content)
        return list(csv.reader(io.StringIO(self.body.decode(), newline="")))

    def rows(self, **filters):
        heads, *rows = self.csv(**filters)
        return [dict(zip(heads, row, strict=True)) for row in rows]

    def book(self, **filters):
        response = self.client.get(EXPORT, filters | {"format": "xlsx"})
        self.assertEqual(response.status_code, 200)
        book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
        return list(book.active.iter_rows())


class WhatIsExportedTests(ExportTestCase):
    def test_a_row_has_what_the_list_shows_in_the_viewers_time_zone(self):
        Profile.objects.create(user=self.superuser, time_zone="Asia/Kolkata")
        service_number(self.account, "+13125550100", label="Shop line")
        agent(self.account, "+13125550199", name="Asha")
        call = self.call(
            from_number="+13125550042",
            to_number="+13125550100",
            agent_number="+13125550199",
            agent_answered=True,
            begun_at=NOON,
            waited_seconds=12,
            talk_seconds=200,
            flags=["end_without_start"],
            flagged=True,
        )
        factories.RecordingFactory(call=call)
        for name in ("Urgent", "Complaint"):
            CallTag.objects.create(call=call, tag=Tag.objects.create(name=name))
        self.assertEqual(
            self.rows(),
            [
                {
                    "When (Asia/Kolkata)": "2026-03-14 17:30:00",
                    "Direction": "Inbound",
                    "Customer": "'+13125550042",
                    "Service number": "'+13125550100",
                    "Label": "Shop line",
                    "Agent": "Asha",
                    "Agent took it": "yes",
                    "Status": "Completed",
                    "Waited (s)": "12",
                    "Talked (s)": "200",
                    "Recorded": "yes",
                    "In a conference": "no",
                    "Looks wrong": "end without start",
                    "Provider": "FreeClimb",
                    "Account": "Shop",
                    "Tags": "Complaint, Urgent",
                    "Disposition": "",
                    "Provider's call id": call.provider_call_id,
                }
            ],
        )

    def test_a_conversation_is_one_row_however_many_legs_and_dialled_calls_it_has(self):
        call = self.call()
        child = self.call(parent=call)
        factories.LegFactory(call=call, side="a")
        factories.LegFactory(call=call, side="b", connected_call=child)
        factories.RecordingFactory(call=child)  # the list marks the conversation as recorded too
        rows = self.rows()
        self.assertEqual([row["Provider's call id"] for row in rows], [call.provider_call_id])
        self.assertEqual(rows[0]["Recorded"], "yes")

    def test_all_pages_of_the_list_in_its_order_also_those_that_began_at_once(self):
        calls = [
            self.call(begun_at=NOON + timedelta(seconds=place // 3), direction="inbound")
            for place in range(20)
        ]
        self.call(direction="outbound")
        wanted = [
            call.provider_call_id
            for call in sorted(calls, key=lambda call: (call.begun_at, call.pk), reverse=True)
        ]
        for size in (1, 7, 20, 2_000):
            with self.subTest(size), mock.patch.object(exports, "BATCH", size):
                got = self.rows(direction="inbound")
                self.assertEqual([row["Provider's call id"] for row in got], wanted)
                self.assertEqual(
                    [row[-1].value for row in self.book(direction="inbound")[1:]], wanted
                )

    def test_an_empty_list_is_a_file_with_headings(self):
        self.assertEqual(len(self.csv()), 1)
        self.assertEqual(len(self.book()), 1)

    def test_the_number_of_queries_does_not_grow_with_the_rows_of_a_batch(self):
        self.call()
        one = self.queries_of_export()
        for _ in range(30):
            factories.RecordingFactory(call=self.call())
        self.assertEqual(self.queries_of_export(), one)

    def queries_of_export(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.csv()
        with CaptureQueriesContext(connection) as captured:
            self.csv()
        return len(captured)


class SpreadsheetTests(ExportTestCase):
    def test_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(self):
        for text in ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1+1"):
            with self.subTest(text):
                self.assertEqual(exports.as_text(text), f"'{text}")
        for text in ("Asha", "1-2", "'", "", "a=1"):
            with self.subTest(text):
                self.assertEqual(exports.as_text(text), text)

    def test_a_number_keeps_its_plus_and_every_digit(self):
        self.call(from_number="+919000001234")
        self.assertEqual(self.rows()[0]["Customer"], "'+919000001234")
        cell = self.book()[1][2]
        self.assertEqual((cell.value, cell.data_type), ("+919000001234", "s"))

    def test_what_a_provider_sent_runs_nowhere(self):
        evil = '=HYPERLINK("http://example.com","x")'
        call = self.call(agent_number="+13125550199", agent_name=evil, agent_answered=True)
        self.assertEqual(self.rows()[0]["Agent"], f"'{evil}")
        cell = self.book()[1][5]
        self.assertEqual((cell.value, cell.data_type), (evil, "s"))
        self.assertEqual(call.agent_name, evil)

    def test_times_and_lengths_are_cells_to_reckon_with(self):
        self.call(begun_at=NOON, talk_seconds=61, waited_seconds=None)
        cells = self.book()[1]
        self.assertEqual((cells[0].value, cells[0].is_date), (NOON.replace(tzinfo=None), True))
        self.assertEqual((cells[8].value, cells[9].value), (None, 61))

    def test_a_name_with_commas_quotes_and_breaks_stays_in_its_cell(self):
        name = 'Asha, "the\r\nbest"'
        self.call(agent_number="+13125550199", agent_name=name, agent_answered=True)
        self.assertEqual(self.rows()[0]["Agent"], name)

    def test_there_is_no_byte_order_mark(self):
        self.csv()
        self.assertTrue(self.body.startswith(b"When (UTC),Direction,"))


class WhoMayExportTests(ExportTestCase):
    def test_it_takes_the_permission_to_export(self):
        self.look_only()
        self.assertEqual(self.client.get(EXPORT).status_code, 403)
        self.assertNotContains(self.open_list(Call), EXPORT)
        self.client.force_login(factories.UserFactory(may=["view_call", "export_call"]))
        self.assertEqual(self.client.get(EXPORT).status_code, 200)
        self.assertContains(self.open_list(Call), EXPORT)

    def test_the_list_links_to_the_export_of_its_filter(self):
        page = self.open_list(Call, direction="inbound")
        self.assertContains(page, f"{EXPORT}?direction=inbound&amp;format=csv")

    def test_numbers_are_masked_for_those_who_do_not_see_them(self):
        self.client.force_login(factories.UserFactory(may=["view_call", "export_call"]))
        self.call(
            from_number="+919000001234", agent_name="Bob +919000005555", agent_number="+91900"
        )
        self.csv()
        for number in (b"9000001234", b"9000005555"):
            self.assertNotIn(number, self.body)
        self.assertEqual(self.rows()[0]["Customer"], "'+91••••••1234")
        self.assertEqual(self.book()[1][2].value, "+91••••••1234")

    def test_an_export_is_written_down_with_its_filter_and_its_rows_but_no_number(self):
        calls = [self.call(from_number="+919000001234") for _ in range(3)]
        self.rows(customer_of=str(calls[0].pk))
        begun, ended = AuditEntry.objects.order_by("at")
        for entry in (begun, ended):
            self.assertEqual((entry.action, entry.username), ("export", self.superuser.username))
            self.assertEqual(entry.details["format"], "csv")
            self.assertEqual(entry.details["filter"], ["Customer: +91••••••1234"])
        self.assertEqual((ended.details["rows"], ended.details["complete"]), (3, True))
        self.assertEqual(ended.object_id, str(begun.pk))
        self.book()
        self.assertEqual(AuditEntry.objects.latest("at").details["rows"], 3)

    def test_a_download_broken_off_is_written_down_as_such(self):
        for _ in range(4):
            self.call()
        with mock.patch.object(exports, "BATCH", 2):
            response = self.client.get(EXPORT, {"format": "csv"})
            body = response._iterator  # as the server does: streaming_content cannot be closed
            self.assertIn(b"Customer", next(body))
            self.assertEqual(AuditEntry.objects.count(), 1)  # before the first row
            next(body)
            next(body)
            body.close()
        ended = AuditEntry.objects.latest("at")
        self.assertFalse(ended.details["complete"])
        self.assertLess(ended.details["rows"], 4)


class RefusedTests(ExportTestCase):
    def test_a_filter_that_needs_a_period_leads_to_the_list_which_says_so(self):
        self.call()
        with override_settings(PERIOD_NEEDED_ABOVE_ROWS=-1):
            response = self.client.get(EXPORT, {"talk_min": "60", "format": "csv"}, follow=True)
            self.assertContains(response, "needs a period of at most 31 days")
        self.assertEqual(AuditEntry.objects.count(), 0)

    def test_a_faulty_filter_leads_to_the_list_which_says_so(self):
        response = self.client.get(EXPORT, {"status": "lost", "format": "csv"}, follow=True)
        self.assertContains(response, "cannot be understood")

    def test_more_rows_than_a_file_for_excel_holds_are_offered_as_csv(self):
        for _ in range(3):
            self.call()
        with mock.patch.object(exports, "XLSX_ROWS", 3):
            self.assertEqual(len(self.book()), 4)
        with mock.patch.object(exports, "XLSX_ROWS", 2):
            response = self.client.get(EXPORT, {"format": "xlsx"}, follow=True)
        self.assertContains(response, "or take CSV")
        self.assertEqual(len(self.rows()), 3)

    def test_posting_is_no_way_to_export(self):
        self.assertEqual(self.client.post(EXPORT).status_code, 405)


class MemoryTests(ExportTestCase):
    def test_a_batch_is_all_that_is_in_memory(self):
        """Ten times the rows take less than twice the memory."""
        columns = {"account": self.account, "begun_at": NOON}
        peaks = []
        for number in (300, 2_700):
            Call.objects.bulk_create(factories.CallFactory.build_batch(number, **columns))
            with mock.patch.object(exports, "BATCH", 100):
                self.client.get(EXPORT, {"format": "csv"})  # warm
                tracemalloc.start()
                response = self.client.get(EXPORT, {"format": "csv"})
                for _ in response.streaming_content:
                    pass
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
        self.assertLess(peaks[1], 2 * peaks[0])
