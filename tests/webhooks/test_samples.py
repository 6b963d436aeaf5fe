"""Real input: the payloads of FreeClimb's own SDK tests, posted over HTTP in several orders."""

import http.client
import json
import random
import time
import unittest
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

from django.test import LiveServerTestCase

from calls.content import content
from calls.models import Account, Call, Conference, Participant, Recording
from tests.webhooks.door import SECRET, signature, to_bytes
from webhooks.endpoints import create_endpoint, endpoint_path
from webhooks.models import Delivery, State

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT.parent / "shared" / "providers" / "data" / "freeclimb-sample-payloads.json"
ORDERS = 4


def webhooks() -> list[dict]:
    samples = json.loads(SAMPLES.read_text("utf-8"))["samples"]
    return [s["payload"] for s in samples if s["kind"] == "webhook"]


@unittest.skipUnless(SAMPLES.exists(), "the SDK's sample payloads are not beside the project")
class SampleTests(LiveServerTestCase):
    def setUp(self):
        self.payloads = webhooks()
        # Signed once, whatever the order they are posted in: the time of signing is content.
        start = int(time.time()) - 60
        self.signed = {to_bytes(p): start + place for place, p in enumerate(self.payloads)}
        self.paths = {}
        for account in sorted({p["accountId"] for p in self.payloads}):
            endpoint, token = create_endpoint(
                provider="freeclimb",
                account=account,
                provider_account_id=account,
                secrets=[SECRET],
            )
            self.paths[account] = endpoint_path(endpoint, token)
        self.connection = http.client.HTTPConnection(urlsplit(self.live_server_url).netloc)
        self.addCleanup(self.connection.close)

    def post(self, payload):
        raw = to_bytes(payload)
        self.connection.request(
            "POST",
            self.paths[payload["accountId"]],
            raw,
            {
                "Content-Type": "application/json",
                "FreeClimb-Signature": signature(raw, t=self.signed[raw]),
            },
        )
        response = self.connection.getresponse()
        response.read()
        return response.status

    def about_calls(self):
        """provider's call id → the payloads that are about it."""
        about = defaultdict(list)
        for payload in self.payloads:
            if payload.get("callId") and not payload.get("messageId"):
                about[payload["callId"]].append(payload)
        return about

    def test_all_are_taken_and_every_value_is_one_that_was_sent(self):
        self.assertGreaterEqual(len(self.payloads), 30)
        for order in range(ORDERS):
            with self.subTest(order=order):
                self.empty()
                random.Random(order).shuffle(self.payloads)
                self.assertEqual({self.post(p) for p in self.payloads}, {200})
                failed = Delivery.objects.filter(state=State.FAILED)
                self.assertEqual([d.reason for d in failed], [])
                self.check_named()
                self.check_values()
                self.check_tree()

    def empty(self):
        for model in (Recording, Participant, Conference, Call, Delivery):
            model.objects.all().delete()

    def check_named(self):
        about = self.about_calls()
        named = set(about)
        for payload in self.payloads:
            named |= {payload.get("parentCallId"), payload.get("dialCallId")}
        stored = set(Call.objects.values_list("provider_call_id", flat=True))
        self.assertEqual(stored, named - {None})
        conferences = {p["conferenceId"] for p in self.payloads if p.get("conferenceId")}
        stored = set(Conference.objects.values_list("provider_conference_id", flat=True))
        self.assertEqual(stored, conferences)
        recordings = {p["recordingId"] for p in self.payloads if p.get("recordingId")}
        stored = set(Recording.objects.values_list("provider_recording_id", flat=True))
        self.assertEqual(stored, recordings)

    def check_values(self):
        about = self.about_calls()
        parents = defaultdict(set)
        for payload in self.payloads:
            parents[payload.get("callId")].add(payload.get("parentCallId"))
            parents[payload.get("dialCallId")].add(payload.get("callId"))
        for call in Call.objects.all():
            told = about[call.provider_call_id]

            def words(*names, told=told):
                return {str(p[n]) for p in told for n in names if p.get(n) is not None} | {""}

            self.assertIn(call.from_raw, words("from"))
            self.assertIn(call.to_raw, words("to"))
            self.assertIn(call.provider_status, words("callStatus", "dialCallStatus"))
            self.assertIn(call.queue_id, words("queueId"))
            self.assertIn(str(call.duration_seconds or ""), words("callDuration"))
            if call.parent_provider_call_id:
                self.assertIn(call.parent_provider_call_id, parents[call.provider_call_id])
        for recording in Recording.objects.all():
            told = [
                p for p in self.payloads if p.get("recordingId") == recording.provider_recording_id
            ]
            self.assertIn(recording.url, {p["recordingUrl"] for p in told})

    def check_tree(self):
        """Every call is reached from the roots, each once."""
        children = defaultdict(list)
        for call in Call.objects.filter(is_root=False):
            children[call.parent_id].append(call.id)
        reached = []
        level = list(Call.objects.filter(is_root=True).values_list("id", flat=True))
        while level:
            reached += level
            self.assertLessEqual(len(reached), Call.objects.count())
            level = [child for key in level for child in children[key]]
        self.assertEqual(len(set(reached)), Call.objects.count())

    def test_the_order_does_not_matter(self):
        """Promise 3: any order gives the same content, times of receipt aside."""
        found = []
        for order in (None, 1):
            self.empty()
            if order is not None:
                random.Random(order).shuffle(self.payloads)
            for payload in self.payloads:
                self.post(payload)
            found.append(
                {
                    call.provider_call_id: {
                        name: value
                        for name, value in content(call).items()
                        if name not in ("created_at", "begun_at", "claims")
                    }
                    for call in Call.objects.all()
                }
            )
        self.assertEqual(Account.objects.count(), len(self.paths))
        self.assertEqual(*found)
