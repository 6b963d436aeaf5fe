"""Messages over REST: what was told, how each try went, told again."""

import json

from calltrack.models import AuditEntry
from tests import factories
from webhooks.models import Message

from .test_subscriptions_api import NUMBER, SCOPES, SubscriptionsTestCase


class MessageTests(SubscriptionsTestCase):
    def setUp(self):
        super().setUp()
        self.row = self.mine()
        self.path = f"subscriptions/{self.row.pk}/messages/"

    def message(self, **columns):
        return factories.MessageFactory(subscription=self.row, **columns)

    def test_the_newest_come_first_and_pages_go_by_key(self):
        made = [str(self.message().pk) for _ in range(5)]
        self.assertEqual(self.ids(self.path), made[::-1])
        page = self.get(self.path, page_size=2)
        second = self.client.get(page["next"], headers=self.headers).json()
        self.assertEqual([one["id"] for one in second["results"]], made[::-1][2:4])

    def test_they_are_filtered(self):
        failed = self.message(state="failed", event="call.started")
        last = self.message()
        self.assertEqual(self.ids(self.path, state="failed"), [str(failed.pk)])
        self.assertEqual(self.ids(self.path, event="call.started"), [str(failed.pk)])
        since = last.created_at.isoformat()
        self.assertEqual(self.ids(self.path, created_at__gte=since), [str(last.pk)])
        self.assertEqual(self.ids(self.path, created_at__lt=since), [str(failed.pk)])
        self.assertEqual(self.faults(self.path, state="lost"), ["state"])
        self.assertEqual(self.faults(self.path, subject="x"), ["subject"])

    def test_ten_take_the_queries_of_one(self):
        self.message()
        one = self.queries(self.path)
        factories.AttemptFactory.create_batch(9, message__subscription=self.row)
        self.assertEqual(self.queries(self.path), one)
        self.assertEqual(self.queries(self.path, fields="id,due_at,state"), one)

    def test_each_try_is_told_and_numbers_are_masked(self):
        body = {"type": "call.finalized", "data": {"from_number": NUMBER, "n": "x"}}
        message = self.message(body=json.dumps(body), state="failed")
        factories.AttemptFactory(message=message, error=f"No {NUMBER}", answer="<b>no</b>")
        shown = self.get(f"{self.path}{message.pk}/")
        self.assertEqual(shown["body"]["data"]["n"], "x")
        self.assertEqual(shown["tries"][0]["answer"], "<b>no</b>")
        self.assertIsNone(shown["due_at"])
        self.assertNotIn(NUMBER[1:], json.dumps(shown))
        integration = self.key.integration
        integration.scopes = [*SCOPES, "numbers:full"]
        integration.save()
        self.assertEqual(self.get(f"{self.path}{message.pk}/")["body"], body)

    def test_addresses_of_recordings_are_for_those_who_may_hear(self):
        url = "https://recordings.example/1.mp3"
        message = self.message(body=json.dumps({"data": {"url": url, "more": [url]}}))
        self.assertEqual(self.get(f"{self.path}{message.pk}/")["body"]["data"]["url"], url)
        integration = self.key.integration
        integration.scopes = ["webhooks:write"]
        integration.save()
        self.assertNotIn(url, json.dumps(self.get(f"{self.path}{message.pk}/")))

    def test_an_event_that_is_no_longer_theirs_is_shown_without_its_object(self):
        message = self.message(body=json.dumps({"type": "call.finalized", "data": {"n": "x"}}))
        integration = self.key.integration
        integration.scopes = ["webhooks:write", "numbers:full"]
        integration.save()
        shown = self.get(f"{self.path}{message.pk}/")["body"]
        self.assertEqual(shown, {"type": "call.finalized", "data": None})

    def test_one_is_delivered_again(self):
        message = self.message(state="failed", attempts=9)
        told = self.post(f"{self.row.pk}/messages/{message.pk}/redeliver/", 202)
        self.assertEqual((told["state"], told["attempts"]), ("queued", 0))
        self.assertEqual(Message.objects.get().state, "queued")
        self.post(f"{self.row.pk}/messages/{message.pk}/redeliver/", 409)
        self.assertEqual(AuditEntry.objects.get().action, "redeliver")
