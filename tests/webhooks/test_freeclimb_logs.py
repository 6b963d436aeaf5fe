"""The webhooks about a call, told as FreeClimb's logs."""

import json

from calls import api_keys
from calls.facts import micros
from calls.models import Integration
from tests import factories
from tests.calls.freeclimb_client import ACCOUNT, FreeClimbTestCase
from webhooks.models import State
from webhooks.payloads import HIDDEN, WITHHELD

REQUEST_ID = "RQ" + "0" * 40


class LogTests(FreeClimbTestCase):
    scopes = tuple(api_keys.SCOPES)

    def setUp(self):
        self.row = self.call()
        self.endpoint = factories.EndpointFactory(account=self.account)
        self.path = f"/Calls/{self.row.provider_call_id}/Logs"

    def delivery(self, body, **values):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return factories.DeliveryFactory(
            endpoint=self.endpoint, subject=self.row.pk, body=body, **values
        )

    def logs(self):
        return self.get(self.path)["logs"]

    def test_a_webhook_is_an_entry(self):
        body = {
            "requestType": "callStatus",
            "callId": self.row.provider_call_id,
            "from": "+13125550123",
            "recordingUrl": "https://recordings.example/RE1",
            "callDuration": 1.5,
        }
        headers = {
            "Request-Id": REQUEST_ID,
            "User-Agent": "FreeClimb",
            "FreeClimb-Signature": "t=1,v1=00",
            "Remote-Addr": "192.0.2.1",
        }
        row = self.delivery(body, headers=headers)
        self.assertEqual(
            self.logs(),
            [
                {
                    "timestamp": micros(row.received_at),
                    "level": "info",
                    "requestId": REQUEST_ID,
                    "accountId": ACCOUNT,
                    "callId": self.row.provider_call_id,
                    "message": "Customer Request : POST /webhooks/freeclimb/",
                    "metadata": {
                        "requestHeaders": {"User-Agent": "FreeClimb", "Request-Id": REQUEST_ID},
                        "requestBody": body,
                        "state": "processed",
                        "reason": None,
                    },
                }
            ],
        )

    def test_the_newest_comes_first_and_nobody_elses(self):
        rows = [self.delivery({"n": n}) for n in range(3)]
        factories.DeliveryFactory(endpoint=self.endpoint)
        told = [one["timestamp"] for one in self.logs()]
        self.assertEqual(told, [micros(row.received_at) for row in reversed(rows)])

    def test_the_level_tells_what_became_of_it(self):
        self.delivery({}, state=State.FAILED, reason="a parser failed")
        self.delivery({}, state=State.IGNORED, reason="it names no call")
        self.delivery({}, state=State.PROCESSED, reason="answered without a script")
        self.delivery({}, state=State.RECEIVED)
        levels = [one["level"] for one in self.logs()]
        self.assertEqual(levels, ["info", "warning", "warning", "error"])
        self.assertEqual(self.logs()[3]["metadata"]["reason"], "a parser failed")

    def test_whatever_was_sent_can_be_told(self):
        deep, deeper = (b"[" * levels + b"]" * levels for levels in (60, 30_000))
        bodies = {
            b"": "",
            b"\xff not text": "\\xff not text",
            b"[1, 2]": [1, 2],
            b'"\\ud800"': "\ud800",
            b'{"a": NaN, "b": 1e999, "c": -Infinity}': {"a": "NaN", "b": "1e999", "c": "-Infinity"},
            deep: deep.decode(),  # as text
            deeper: deeper.decode(),
            b"1" * 5000: "1" * 5000,
            b'{"callId": 5, "requestId": ["x"]}': {"callId": 5, "requestId": ["x"]},
            b'{"x": "a\\u0000b"}': {"x": "a\x00b"},
        }
        for body, told in bodies.items():
            with self.subTest(body[:20]):
                row = self.delivery(body)
                [shown] = self.logs()
                self.assertEqual(shown["metadata"]["requestBody"], told)
                self.assertIsNone(shown["callId"])
                self.assertIsNone(shown["requestId"])
                row.delete()

    def test_numbers_and_addresses_are_for_those_who_may_have_them(self):
        body = {"from": "+13125550123", "recordingUrl": "https://recordings.example/RE1"}
        self.delivery(body, reason="from +13125550123")
        self.delivery("call +13125550123 back".encode("utf-16"))
        Integration.objects.update(scopes=["calls:read", "deliveries:read"])
        utf16, shown = (one["metadata"] for one in self.logs())
        self.assertEqual(shown["requestBody"]["from"], "+1••••••0123")
        self.assertEqual(shown["requestBody"]["recordingUrl"], WITHHELD)
        self.assertEqual(shown["reason"], "from +1••••••0123")
        self.assertEqual(utf16["requestBody"], HIDDEN)
        Integration.objects.update(scopes=["calls:read", "deliveries:read", "numbers:full"])
        shown = self.logs()[1]["metadata"]["requestBody"]
        self.assertEqual(shown, body | {"recordingUrl": WITHHELD})

    def test_the_providers_own_record_is_no_request(self):
        self.delivery({"callId": "CA1"}, kind="rest:call", method="REST")
        self.assertNotIn("Customer Request", self.logs()[0]["message"])
