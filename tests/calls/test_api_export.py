"""The bulk export: the list's objects, all of them, in flat memory."""

import tracemalloc
from datetime import timedelta
from unittest import mock

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.serializers import FloatField

from calls import api_keys, lean, streams
from calls.models import Call
from tests import factories
from tests.calls.exporting import BLIND, ExportTestCase
from tests.factories import NOON


class ObjectTests(ExportTestCase):
    def test_a_line_is_the_object_that_the_list_shows(self):
        self.varied_calls()
        self.assertEqual(self.objects(), self.get("calls")["results"])

    def test_masked_for_those_who_do_not_see_numbers(self):
        self.varied_calls()
        _, text = api_keys.create("blind", BLIND)
        headers = {"Authorization": f"Bearer {text}"}
        listed = self.client.get("/api/v1/calls", headers=headers).json()["results"]
        self.assertEqual(self.objects(headers=headers), listed)
        for hidden in (b"5550177", b"555 0144", b"5550166", b"5550111"):
            self.assertNotIn(hidden, self.body)

    def test_chosen_fields_are_those_of_the_list(self):
        self.varied_calls()
        for fields in ("id", "status,begun_at", "account,provider", "tags,agent_label,parent"):
            with self.subTest(fields):
                wanted = self.get("calls", fields=fields)["results"]
                self.assertEqual(self.objects(fields=fields), wanted)

    def test_any_filter_of_the_list(self):
        calls = [self.call(status="busy"), self.call(status="no_answer"), self.call()]
        for filters in (
            {"status__in": "busy,no_answer"},
            {"number": calls[2].from_number},
            {"begun_at__gte": calls[1].begun_at.isoformat()},
            {"talk_seconds__gte": "10"},
            {"is_root": "true"},
        ):
            with self.subTest(filters):
                self.assertEqual(self.objects(**filters), self.get("calls", **filters)["results"])

    def test_batches_join_without_a_seam_also_among_equal_times(self):
        for place in range(23):
            self.call(begun_at=NOON + timedelta(seconds=place // 5))
        wanted = self.get("calls")["results"]
        for size in (1, 2, 5, 23, 24):
            with self.subTest(size), mock.patch.object(lean, "BATCH", size):
                self.assertEqual(self.objects(), wanted)
                with mock.patch.object(streams, "PIECE", 2):
                    self.assertEqual(self.objects(), wanted)

    @override_settings(ROWS_A_PAGE_LOOKS_AT=3)
    def test_a_refining_filter_is_walked_to_the_end(self):
        for place in range(20):
            self.call(talk_seconds=60 if place % 9 == 0 else 1, begun_at=NOON)
        with mock.patch.object(lean, "BATCH", 2):
            found = self.objects(talk_seconds__gte="30", is_root="true")
        self.assertEqual(len(found), 3)
        self.assertEqual({one["talk_seconds"] for one in found}, {60})

    def test_nothing_is_an_empty_stream(self):
        self.assertEqual(self.objects(), [])
        self.assertEqual(self.body, b"")

    def test_a_kind_of_field_that_it_does_not_know_is_told_at_once(self):
        known = lean.LeanCalls({"sees_numbers": True})
        with self.assertRaisesRegex(TypeError, "talk_seconds is shown by FloatField"):
            field = FloatField()
            field.bind("talk_seconds", known.serializer)
            known._show("talk_seconds", field)

    def test_queries_do_not_grow_with_the_rows_of_a_batch(self):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                self.export()
            return len(captured)

        self.call()
        self.export()
        one = queries()
        for _ in range(20):
            self.call()
        self.assertEqual(queries(), one)


class CsvTests(ExportTestCase):
    def test_the_header_has_the_apis_names_and_times_are_utc(self):
        [_, rich, *_] = self.varied_calls()
        rows = {row["id"]: row for row in self.table()}
        row = rows[str(rich.pk)]
        self.assertEqual(row["begun_at"], "2026-03-14T12:00:00.000120Z")
        self.assertEqual(row["account.name"], "Shop")
        self.assertEqual(row["account.provider"], "freeclimb")
        self.assertEqual(row["flags"], "end_without_start,number +13125550111")
        self.assertEqual((row["talk_seconds"], row["waited_seconds"]), ("0", ""))
        self.assertEqual((row["agent_answered"], row["missed"]), ("true", "false"))
        self.assertEqual(row["agent_name"], rich.agent_name)

    def test_what_a_spreadsheet_would_run_has_an_apostrophe_unless_told_not_to(self):
        self.call(from_number="+13125550142", agent_name="=1+1")
        for safe, mark in (("true", "'"), ("false", "")):
            with self.subTest(safe):
                [row] = self.table(safe=safe)
                self.assertEqual(row["from_number"], f"{mark}+13125550142")
                self.assertEqual(row["agent_name"], f"{mark}=1+1")

    def test_chosen_fields_are_the_columns(self):
        self.call()
        self.export(format="csv", fields="status,account,missed")
        header, row = self.body.decode().splitlines()
        self.assertEqual(
            header,
            "account.id,account.provider,account.name,account.provider_account_id,status,missed",
        )
        self.assertIn("Shop", row)

    def test_no_call_is_a_header(self):
        self.assertEqual(self.table(), [])
        self.assertTrue(self.body.startswith(b"id,account.id,"))
        self.assertTrue(self.body.endswith(b"\n"))


class MemoryTests(ExportTestCase):
    def test_a_batch_is_all_that_is_in_memory(self):
        """Nine times the rows take less than twice the memory."""
        peaks = []
        with mock.patch.object(lean, "BATCH", 100):
            for number in (300, 2_400):
                Call.objects.bulk_create(
                    factories.CallFactory.build_batch(number, account=self.account, begun_at=NOON)
                )
                self.take()  # warm
                tracemalloc.start()
                self.take()
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
        self.assertLess(peaks[1], 2 * peaks[0])

    def take(self):
        response = self.client.get("/api/v1/calls/export", headers=self.headers)
        for _ in response.streaming_content:
            pass
