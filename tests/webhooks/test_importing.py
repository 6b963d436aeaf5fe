"""Files of webhook bodies: what is taken of them, and what is refused by its line."""

import json

from django.test import TestCase

from tests import factories
from webhooks.importing import Unusable, deliveries_from

GOOD = {"received_at": "2026-01-31T12:00:00Z", "body": {}}


class LineTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.endpoint = factories.EndpointFactory(account__callerdesk=True)

    def read(self, *lines):
        text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
        return list(deliveries_from(text.encode(), self.endpoint))

    def assert_refused(self, *words, **wrong):
        with self.subTest(wrong), self.assertRaises(Unusable) as caught:
            self.read(GOOD, GOOD | wrong)
        for word in ("line 2", *words):
            self.assertIn(word, str(caught.exception))

    def test_only_a_line_feed_ends_a_line(self):
        body = "a\u2028b\u2029c\u0085d"
        line = json.dumps(GOOD | {"body": body}, ensure_ascii=False)
        first, second = self.read(line + "\r", line)
        self.assertEqual(bytes(first.body).decode(), body)
        self.assertEqual(first.id, second.id)

    def test_a_time_is_kept_in_utc(self):
        for given, kept in {
            "2026-01-31T23:30:00-05:30": "2026-02-01T05:00:00+00:00",
            "1971-01-01T01:00:00+01:00": "1971-01-01T00:00:00+00:00",
            "2099-12-31T23:59:59Z": "2099-12-31T23:59:59+00:00",
        }.items():
            [delivery] = self.read(GOOD | {"received_at": given, "signed_at": given})
            self.assertEqual(delivery.received_at.isoformat(), kept)
            self.assertEqual(delivery.signed_at.isoformat(), kept)
            self.assertEqual(delivery.received_on.isoformat(), kept[:10])

    def test_a_time_that_no_webhook_came_at_is_refused(self):
        for moment in (
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "1971-01-01T00:00:00+00:01",
            "2099-12-31T23:59:59-00:01",
            "2026-02-30T00:00:00Z",
            "2026-01-31T12:00:00",
            ["2026-01-31T12:00:00Z"],
        ):
            self.assert_refused("received_at", received_at=moment)
            self.assert_refused("signed_at", signed_at=moment)

    def test_a_query_that_cannot_be_stored_is_refused(self):
        for query in ("a=\ud800", "a=\0", 7, {"a": "b"}):
            self.assert_refused("query", query=query)

    def test_a_method_is_a_short_word(self):
        for method in ("\ud800", "\0", "POST ", "PROPFINDS", "M-SEARCH", 7, ["GET"], "ÉTÉ"):
            self.assert_refused("method", method=method)
        for method, kept in {"get": "GET", "REST": "REST", None: "POST", "": "POST"}.items():
            [delivery] = self.read(GOOD | {"method": method})
            self.assertEqual(delivery.method, kept)
