"""The bulk export: who may, what is written down, and that it is never cut in silence."""

import csv
import io
import json
from unittest import mock

from django.test import override_settings

from calls import api_keys, lean
from calls.views import export
from calltrack.models import AuditEntry
from tests import factories
from tests.calls.exporting import ExportTestCase, abandon


class MannersTests(ExportTestCase):
    def test_headers(self):
        for kind, told in (("ndjson", "application/x-ndjson"), ("csv", "text/csv; charset=utf-8")):
            response = self.export(format=kind)
            self.assertEqual(response["Content-Type"], told)
            self.assertRegex(
                response["Content-Disposition"], rf'attachment; filename="calls-[-0-9]+\.{kind}"'
            )
            self.assertNotIn("Content-Encoding", response)
            self.assertIn("private", response["Cache-Control"])

    def test_all_faults_at_once(self):
        told = self.refused(
            format="xlsx", safe="maybe", colour="red", status="lost", page_size="5", fields="heat"
        )
        self.assertEqual(told, {"format", "safe", "colour", "status", "page_size", "fields"})
        self.assertEqual(AuditEntry.objects.count(), 0)

    def test_parameters_of_pages_mean_nothing_here(self):
        for name in ("cursor", "count", "expand"):
            with self.subTest(name):
                self.assertEqual(self.refused(**{name: "legs"}), {name})

    def test_what_no_index_answers_wants_a_period(self):
        self.call()
        with override_settings(PERIOD_NEEDED_ABOVE_ROWS=-1):
            self.assertEqual(self.refused(talk_seconds__gte="60"), {"talk_seconds__gte"})

    def test_format_means_drfs_own_elsewhere(self):
        self.assertEqual(
            self.client.get("/api/v1/calls?format=json", headers=self.headers).status_code, 200
        )
        page = self.client.get("/api/v1/calls?format=api", headers=self.headers)
        self.assertEqual(page["Content-Type"], "text/html; charset=utf-8")

    def test_any_accept_header_gets_the_stream(self):
        self.call()
        for accept in ("text/csv", "application/x-ndjson", "text/html", "image/png"):
            self.export(headers=self.headers | {"Accept": accept})
            self.assertTrue(self.body.startswith(b'{"id":'))

    def test_who_may(self):
        _, text = api_keys.create("reader", ["calls:read", "numbers:full"])
        self.refused(403, headers={"Authorization": f"Bearer {text}"})
        self.client.force_login(factories.UserFactory(may=["export_call"]))
        self.refused(403, headers={"Accept": "*/*"})
        user = factories.UserFactory(may=["export_call", "view_call"])
        self.client.force_login(user)
        self.export(headers={"Accept": "*/*"})
        self.assertEqual(AuditEntry.objects.first().user, user)

    def test_beside_too_many_others_it_is_asked_to_come_again(self):
        others = []
        while export._places.take(f"other {len(others)}", most=8, each=1):
            others.append(f"other {len(others)}")
        try:
            with override_settings(SERVER_THREADS=64):
                response = self.client.get("/api/v1/calls/export", headers=self.headers)
        finally:
            for other in others:
                export._places.leave(other)
        self.assertEqual((response.status_code, response["Retry-After"]), (503, "30"))
        self.assertEqual(AuditEntry.objects.count(), 0)
        self.export()

    def test_nobody_takes_the_places_of_all(self):
        with override_settings(SERVER_THREADS=64):
            open_ones = [
                self.client.get("/api/v1/calls/export", headers=self.headers) for _ in range(2)
            ]
            _, text = api_keys.create("another", ["export"])
            other = {"Authorization": f"Bearer {text}"}
            try:
                second_key = api_keys.add(self.key.integration)[1]
                for mine in (self.headers, {"Authorization": f"Bearer {second_key}"}):
                    third = self.client.get("/api/v1/calls/export", headers=mine)
                    self.assertEqual((third.status_code, third["Retry-After"]), (429, "30"))
                self.export(headers=other)
            finally:
                for response in open_ones:
                    abandon(response)
        self.export()

    def test_a_place_is_given_back_however_it_ends(self):
        for _ in range(export.settings.SERVER_THREADS):
            response = self.client.get("/api/v1/calls/export", headers=self.headers)
            self.assertEqual(response.status_code, 200)
            abandon(response)  # nobody took a byte
        self.assertEqual(
            self.client.head("/api/v1/calls/export", headers=self.headers).status_code, 200
        )


class WrittenDownTests(ExportTestCase):
    def test_who_what_and_how_many_but_no_number(self):
        for _ in range(3):
            self.call(from_number="+13125550142")
        self.objects(number="+13125550142", status="completed")
        begun, ended = AuditEntry.objects.order_by("at")
        for entry in (begun, ended):
            self.assertEqual((entry.action, entry.username, entry.user), ("export", "a test", None))
            self.assertEqual(entry.details["format"], "ndjson")
            self.assertEqual(entry.details["filter"], ["number: +1••••••0142", "status: completed"])
        self.assertEqual((ended.details["rows"], ended.details["complete"]), (3, True))
        self.assertEqual(ended.object_id, str(begun.pk))

    def test_the_end_of_a_number_is_hidden_too(self):
        self.objects(number="0142")
        self.assertEqual(AuditEntry.objects.first().details["filter"], ["number: ••••"])

    def test_one_that_was_broken_off_is_said_to_be_cut(self):
        for _ in range(4):
            self.call()
        with mock.patch.object(lean, "BATCH", 2):
            response = self.client.get("/api/v1/calls/export", headers=self.headers)
            self.assertEqual(AuditEntry.objects.count(), 1)  # before the first byte
            first = next(response._iterator)  # as the server does
            abandon(response)
        self.assertFalse(first.endswith(b"\n"))
        ended = AuditEntry.objects.latest("at")
        self.assertEqual((ended.details["rows"], ended.details["complete"]), (2, False))


class BrokenTests(ExportTestCase):
    def broken(self, **parameters):
        for _ in range(4):
            self.call()
        whole = lean.LeanCalls.batches

        def breaks(self, *args):
            yield next(whole(self, *args))
            raise RuntimeError("the database went away")

        with (
            mock.patch.object(lean, "BATCH", 2),
            mock.patch.object(lean.LeanCalls, "batches", breaks),
            self.assertLogs("calls.streams", "ERROR") as logs,
        ):
            self.export(**parameters)
        self.assertIn("broke off after 2 rows", logs.output[0])
        self.assertFalse(self.body.endswith(b"\n"))
        self.assertFalse(AuditEntry.objects.latest("at").details["complete"])
        return self.body.decode()

    def test_no_reader_of_json_takes_it_for_whole(self):
        *rows, last = self.broken().split("\n")
        self.assertEqual(len([json.loads(row) for row in rows]), 2)
        with self.assertRaises(ValueError):
            json.loads(last)

    def test_a_strict_reader_of_csv_does_not_either(self):
        text = self.broken(format="csv")
        with self.assertRaisesRegex(csv.Error, "unexpected end of data"):
            list(csv.reader(io.StringIO(text, newline=""), strict=True))

    def test_a_whole_one_ends_with_a_line_break(self):
        self.call()
        for kind in ("ndjson", "csv"):
            self.export(format=kind)
            self.assertTrue(self.body.endswith(b"\n"))
            self.assertFalse(self.body.endswith(b"\n\n"))
