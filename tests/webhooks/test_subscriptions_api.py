"""Subscriptions over REST: made, changed, tried and deleted by those whose they are."""

import json
from uuid import uuid4

from calls import api_keys
from calls.search import WHOLE_OR_FOUR
from calltrack.models import AuditEntry, Job
from tests import factories
from tests.api import ApiTestCase
from tests.people import member
from webhooks import subscriptions
from webhooks.models import Subscription
from webhooks.outgoing.events import EVENTS

ALL = tuple(api_keys.SCOPES)
SCOPES = ("webhooks:write", "calls:read", "recordings:read", "deliveries:read")
WANTED = {"name": "CRM", "url": "https://crm.example.com/in", "events": ["call.finalized"]}
NUMBER = "+919000054321"


class SubscriptionsTestCase(ApiTestCase):
    scopes = SCOPES

    def ask(self, method, path, expect, body=None, headers=None, **more):
        response = self.client.generic(
            method,
            f"/api/v1/subscriptions/{path}",
            json.dumps({} if body is None else body),
            content_type="application/json",
            headers=headers or self.headers,
            **more,
        )
        self.assertEqual(response.status_code, expect, response.content[:500])
        return response.json() if response.content else None

    def post(self, path="", expect=201, body=None, **more):
        return self.ask("POST", path, expect, body, **more)

    def patch(self, row, expect=200, **changes):
        return self.ask("PATCH", f"{row.pk}/", expect, changes)

    def refused(self, body, expect=400, **more):
        """Pointer → what is said."""
        told = self.post(expect=expect, body=body, **more)
        return {one["pointer"]: one["detail"] for one in told["errors"]}

    def mine(self, **columns):
        return factories.SubscriptionFactory(integration=self.key.integration, **columns)

    def key_with(self, *scopes):
        _, text = api_keys.create("another", scopes)
        return {"Authorization": f"Bearer {text}"}


class SubscriptionTests(SubscriptionsTestCase):
    def test_one_is_made_and_its_secret_shown_once(self):
        made = self.post(body=WANTED | {"filter": "?missed=true&direction=inbound"})
        row = Subscription.objects.get()
        self.assertEqual(made["secret"], row.secret)
        self.assertRegex(row.secret, r"^whsec_[A-Za-z0-9+/]{43}=$")
        self.assertEqual(row.integration, self.key.integration)
        self.assertEqual(row.filter, "missed=true&direction=inbound")
        shown = self.get(f"subscriptions/{row.pk}/")
        made.pop("secret")
        self.assertEqual(shown, made)
        expected = {"state": "active", "full_numbers": False, "failures": 0, "reason": None}
        self.assertEqual({name: shown[name] for name in expected}, expected)
        self.assertNotIn("secret", json.dumps(self.get("subscriptions/")))

    def test_all_faults_are_told_at_once_by_name(self):
        told = self.refused(
            {"url": "http://crm.example.com", "events": ["call.gone"], "secret": "x", "filter": "a"}
        )
        self.assertLessEqual({"/name", "/url", "/secret", "/filter"}, told.keys())
        self.assertTrue(any(pointer.startswith("/events") for pointer in told))
        self.assertEqual(Subscription.objects.count(), 0)

    def test_a_filter_is_one_of_the_list_of_calls(self):
        for text, name in (
            ("missing=true", "missing"),
            ("status=lost", "status"),
            ("missed=perhaps", "missed"),
            ("missed=true&missed=false", "missed"),
            ("page_size=3", "page_size"),
            ("begun_at__gte=yesterday", "begun_at__gte"),
        ):
            with self.subTest(text):
                told = self.refused(WANTED | {"filter": text})
                self.assertTrue(told["/filter"].startswith(f"{name}: "), told)
        self.refused(WANTED | {"filter": "missed"})
        self.post(body=WANTED | {"filter": "status=busy&status=no_answer"})

    def test_targets_within_our_network_and_odd_values_are_refused(self):
        for name, value in (
            ("url", "https://127.0.0.1/in"),
            ("url", "https://user@crm.example.com/"),
            ("url", 5),
            ("name", ""),
            ("name", "a\0b"),
            ("name", "\ud800"),
            ("name", "x" * 101),
            ("events", []),
            ("events", "call.finalized"),
            ("full_numbers", "true"),
            ("full_numbers", None),
            ("state", "stopped"),
            ("state", "deleted"),
            ("filter", "number=\ud800"),
        ):
            with self.subTest(name, value=value):
                self.refused(WANTED | {name: value})
        self.assertEqual(Subscription.objects.count(), 0)

    def test_events_and_full_numbers_take_the_scopes_of_reading_them(self):
        only = self.key_with("webhooks:write")
        for event, one in EVENTS.items():
            told = self.refused(WANTED | {"events": [event]}, headers=only)
            self.assertIn(one.scope, told["/events"])
        self.assertIn(
            "numbers:full", self.refused(WANTED | {"full_numbers": True})["/full_numbers"]
        )
        self.post(body=WANTED | {"full_numbers": True}, headers=self.key_with(*ALL))

    def test_what_was_given_can_be_changed_and_sent_back(self):
        row = self.mine(filter=f"service_number=%2B{NUMBER[1:]}")
        shown = self.get(f"subscriptions/{row.pk}/")
        same = {name: shown[name] for name in ("name", "url", "events", "filter", "full_numbers")}
        self.assertEqual(self.patch(row, **same), shown)
        self.assertFalse(AuditEntry.objects.exists())
        events = ["call.finalized", "call.started", "call.started"]
        changed = self.patch(row, name="Warehouse", events=events)
        self.assertEqual(changed["name"], "Warehouse")
        self.assertEqual(changed["events"], ["call.started", "call.finalized"])
        self.assertEqual(AuditEntry.objects.get().details["fields"], ["name", "events"])
        self.patch(row, 400, integration=None)
        self.patch(row, 400, reason="because")

    def test_it_is_paused_and_goes_on_also_when_it_was_stopped(self):
        row = self.mine()
        self.assertEqual(self.patch(row, state="paused")["state"], "paused")
        self.assertEqual(self.patch(row, state="active")["state"], "active")
        Subscription.objects.update(state="stopped", reason="It is gone.", failures=40)
        told = self.patch(row, state="active")
        self.assertEqual((told["state"], told["reason"], told["failures"]), ("active", None, 0))

    def test_a_secret_is_replaced_with_overlap(self):
        row = self.mine()
        former, path = row.secret, f"{row.pk}/rotate-secret/"
        secret = self.post(path, 200)["secret"]
        row.refresh_from_db()
        self.assertEqual((row.secret, row.former_secret), (secret, former))
        self.assertTrue(self.get(f"subscriptions/{row.pk}/")["rotating"])
        self.post(path, 409)  # a third one would end the first, which may be in use
        self.post(f"{row.pk}/drop-former-secret/", 204)
        self.post(f"{row.pk}/drop-former-secret/", 409)
        row.refresh_from_db()
        self.assertEqual((row.secret, row.former_secret), (secret, ""))

    def test_a_test_is_queued_and_can_be_followed(self):
        row = self.mine(state="paused")
        queued = self.post(f"{row.pk}/test/", 202)
        shown = self.get(f"subscriptions/{row.pk}/messages/{queued['id']}/")
        self.assertEqual((shown["event"], shown["state"], shown["tries"]), ("test", "queued", []))
        self.assertEqual(shown["body"]["type"], "test")

    def test_a_deleted_one_is_gone_at_once_and_its_messages_by_and_by(self):
        row = self.mine()
        factories.AttemptFactory(message__subscription=row)
        self.ask("DELETE", f"{row.pk}/", 204)
        self.get(f"subscriptions/{row.pk}/", expect=404)
        self.assertEqual(self.ids("subscriptions/"), [])
        self.patch(row, 404, state="active")
        self.assertEqual(Job.objects.get().kind, subscriptions.FORGET)

    def test_an_integration_sees_its_own_alone(self):
        other = factories.SubscriptionFactory(integration=factories.IntegrationFactory())
        people = factories.SubscriptionFactory()
        mine = self.mine()
        self.assertEqual(self.ids("subscriptions/"), [str(mine.pk)])
        for row in (other, people):
            message = factories.MessageFactory(subscription=row, state="failed")
            self.get(f"subscriptions/{row.pk}/", expect=404)
            self.get(f"subscriptions/{row.pk}/messages/", expect=404)
            self.get(f"subscriptions/{row.pk}/messages/{message.pk}/", expect=404)
            self.get(f"subscriptions/{mine.pk}/messages/{message.pk}/", expect=404)
            for path in ("rotate-secret", "test", f"messages/{message.pk}/redeliver"):
                self.post(f"{row.pk}/{path}/", 404)
            self.patch(row, 404, name="mine now")
            self.ask("DELETE", f"{row.pk}/", 404)
        self.get("subscriptions/nonsense/", expect=404)
        self.get("subscriptions/nonsense/messages/", expect=404)

    def test_other_scopes_open_nothing(self):
        row = self.mine()
        reader = self.key_with(*(scope for scope in ALL if scope != "webhooks:write"))
        for method, path in (("GET", ""), ("POST", ""), ("PATCH", f"{row.pk}/")):
            self.ask(method, path, 403, WANTED, headers=reader)

    def test_people_who_may_change_them_manage_all(self):
        factories.SubscriptionFactory(integration=factories.IntegrationFactory())
        self.client.force_login(member("Administrator"))
        self.assertEqual(len(self.client.get("/api/v1/subscriptions/").json()["results"]), 1)
        response = self.client.post("/api/v1/subscriptions/", WANTED, "application/json")
        self.assertEqual(response.status_code, 201)
        row = Subscription.objects.get(integration=None)
        self.assertEqual(row.created_by, AuditEntry.objects.get().username)
        self.client.force_login(member("Supervisor"))
        self.assertEqual(self.client.get("/api/v1/subscriptions/").status_code, 403)

    def test_who_sees_no_numbers_cannot_send_them_to_themselves(self):
        row = factories.SubscriptionFactory(full_numbers=True, filter=f"number=%2B{NUMBER[1:]}")
        person = factories.UserFactory(may=["view_call", "change_subscription"])
        self.client.force_login(person)
        path, kind = f"/api/v1/subscriptions/{row.pk}/", "application/json"
        for changes in (
            {"url": "https://mine.example.com/"},
            {"full_numbers": False},
            {"state": "active"},
        ):
            self.assertEqual(self.client.patch(path, changes, kind).status_code, 403)
        row.integration = factories.IntegrationFactory(scopes=ALL)
        row.save()
        self.assertEqual(
            self.client.patch(path, {"url": "https://mine.example.com/"}, kind).status_code, 403
        )
        self.assertEqual(self.client.patch(path, {"state": "paused"}, kind).status_code, 200)
        self.assertNotIn(NUMBER[1:], self.client.get(path).content.decode())

    def test_a_key_that_no_longer_sees_numbers_keeps_no_full_ones(self):
        for changes, kept in (
            ({"state": "paused"}, True),
            ({"state": "active"}, False),
            ({"url": "https://mine.example.com/"}, False),
            ({"full_numbers": False}, False),
        ):
            row = self.mine(full_numbers=True)
            with self.subTest(changes):
                self.assertEqual(self.patch(row, **changes)["full_numbers"], kept)
                row.refresh_from_db()
                self.assertEqual(row.full_numbers, kept)

    def test_a_filter_by_parts_of_numbers_is_for_those_who_are_told_them(self):
        wanted = WANTED | {"filter": "number=54321"}
        told = self.refused(wanted)
        self.assertEqual(told["/filter"], f"number: {WHOLE_OR_FOUR}")
        sees = self.key_with(*ALL)
        self.refused(wanted, headers=sees)
        self.refused(WANTED | {"filter": "number=321"}, headers=sees)
        made = self.post(body=wanted | {"full_numbers": True}, headers=sees)
        path = f"{made['id']}/"
        self.ask("PATCH", path, 400, {"full_numbers": False}, headers=sees)
        self.ask("PATCH", path, 200, {"full_numbers": False, "filter": ""}, headers=sees)

    def test_sent_twice_with_the_same_key_it_is_made_once(self):
        headers = self.headers | {"Idempotency-Key": str(uuid4())}
        first, second = (self.post(body=WANTED, headers=headers) for _ in range(2))
        self.assertEqual(first, second)
        self.assertEqual(Subscription.objects.count(), 1)

    def test_there_is_a_bound(self):
        Subscription.objects.bulk_create(
            Subscription(name="x", integration=self.key.integration)
            for _ in range(subscriptions.MOST)
        )
        self.post(expect=409, body=WANTED)
        self.ask("DELETE", f"{Subscription.objects.first().pk}/", 204)
        self.post(body=WANTED)
