"""Integrations in the admin: made, changed, their keys rotated; who may."""

import re
from datetime import timedelta
from uuid import uuid4

from django.utils.timezone import now

from calls import api_keys
from calls.models import ApiKey, Integration
from calltrack.models import AuditEntry
from tests import factories
from tests.admin import AdminTestCase, address
from tests.people import member

LIST, ADD = address(Integration, "changelist"), address(Integration, "add")


class IntegrationTests(AdminTestCase):
    def setUp(self):
        super().setUp()
        self.key, self.text = api_keys.create("CRM", ["calls:read"])
        self.one = self.key.integration

    def post(self, page, /, follow=True, **given):
        return self.client.post(address(Integration, page, self.one.pk), given, follow=follow)

    def said(self, page):
        return [str(message) for message in page.context["messages"]]

    def entries(self):
        entries = AuditEntry.objects.filter(action="integration").order_by("at")
        return [entry.details["what"] for entry in entries]

    def status(self, text):
        self.client.logout()
        headers = {"Authorization": f"Bearer {text}"}
        answer = self.client.get("/api/v1/calls/", headers=headers)
        self.client.force_login(self.superuser)
        return answer.status_code

    def shown(self, page):
        """The key that a page shows."""
        return re.search(r'id="api-key" value="([^"]+)"', page.content.decode())[1]

    def test_the_list_says_what_each_may_and_when_it_was_used(self):
        ApiKey.objects.update(last_used_at=now() - timedelta(hours=2))
        factories.IntegrationFactory(scopes=["export", "numbers:full"])
        page = self.open(LIST)
        for words in ("Reads calls", "2\xa0hours ago", "Sees full numbers, exports", "None: opens"):
            self.assertContains(page, words)

    def test_a_new_one_shows_its_key_once_and_the_key_opens_what_was_chosen(self):
        given = {"name": "Pager", "scopes": ["calls:read"], "key": uuid4(), "expires_in": "30"}
        page = self.client.post(ADD, given)
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertContains(page, 'data-copy="api-key"')
        text = self.shown(page)
        key = api_keys.find(text)
        self.assertEqual([key.integration.name, key.integration.scopes], ["Pager", ["calls:read"]])
        self.assertAlmostEqual(
            key.expires_at, now() + timedelta(days=30), delta=timedelta(minutes=5)
        )
        self.assertEqual(self.status(text), 200)
        self.assertEqual(self.entries(), ["created"])
        self.assertNotIn(text, str(AuditEntry.objects.values()))
        again = self.client.post(ADD, given)  # a second click
        self.assertContains(again, "made already")
        self.assertEqual(Integration.objects.filter(name="Pager").count(), 1)
        self.assertNotContains(self.open(address(Integration, "change", key.integration_id)), text)

    def test_what_cannot_be_is_refused_by_name(self):
        good = {"name": "Pager", "scopes": ["calls:read"], "key": uuid4(), "expires_in": ""}
        for name, value in {"name": " ", "scopes": ["calls:write"], "expires_in": "0"}.items():
            with self.subTest(name):
                page = self.client.post(ADD, good | {name: value})
                self.assertEqual(list(page.context["form"].errors), [name])
        self.assertEqual(Integration.objects.count(), 1)

    def test_scopes_and_name_are_changed_and_hold_from_the_next_request(self):
        self.assertEqual(self.status(self.text), 200)
        given = {"name": "CRM 2", "scopes": ["export", "deliveries:read"], "active": "on"}
        self.post("change", **given)
        self.one.refresh_from_db()
        self.assertEqual(self.one.scopes, ["deliveries:read", "export"])
        self.assertEqual(self.status(self.text), 403)
        self.post("change", **given)  # nothing more to write down
        entry = AuditEntry.objects.get()
        self.assertEqual(entry.details, {"what": "settings", "fields": ["name", "scopes"]})

    def test_switched_off_it_opens_nothing(self):
        self.post("change", name="CRM", scopes=["calls:read"])
        self.assertEqual(self.status(self.text), 401)
        self.assertContains(self.open(LIST), "Switched off")

    def test_keys_are_rotated_by_a_second_one_and_the_end_of_the_first(self):
        second = self.shown(self.post("key", known="1", expires_in=""))
        self.assertEqual([self.status(self.text), self.status(second)], [200, 200])
        page = self.post("key", known="2", expires_in="")
        self.assertIn("has 2 live keys already; end one", self.said(page)[0])
        self.assertContains(page, "Two keys are live: end one of them")
        page = self.post("end", key=self.key.pk)
        self.assertIn("refused from now on", self.said(page)[0])
        self.assertEqual([self.status(self.text), self.status(second)], [401, 200])
        self.assertEqual(self.said(self.post("end", key=self.key.pk))[0][:12], "This key had")
        self.shown(self.post("key", known="2", expires_in="7"))
        self.assertEqual(self.entries(), ["new key", "ended key", "new key"])

    def test_a_second_click_makes_no_second_key(self):
        self.shown(self.post("key", known="1", expires_in=""))
        ApiKey.objects.filter(pk=self.key.pk).update(expires_at=now())
        page = self.post("key", known="1", expires_in="")
        self.assertIn("made meanwhile", self.said(page)[0])
        self.assertEqual(self.one.keys.count(), 2)

    def test_a_key_of_another_integration_is_not_ended(self):
        other, text = api_keys.create("other")
        for given in (other.pk, "x", ""):
            self.post("end", key=given)
        self.assertEqual(self.status(text), 200)

    def test_only_administrators_may(self):
        for group in ("Viewer", "Operator", "Supervisor"):
            self.client.force_login(member(group))
            self.assertEqual(self.client.get(LIST).status_code, 403)
            self.assertNotContains(self.open("/admin/"), LIST)
        self.look_only()
        self.open_row(self.one)
        pages = [(name, self.one.pk) for name in ("change", "key", "end")]
        for page in [address(Integration, name, pk) for name, pk in pages] + [ADD]:
            with self.subTest(page):
                self.assertEqual(self.client.post(page, {"key": self.key.pk}).status_code, 403)
        self.client.force_login(member("Administrator"))
        self.assertContains(self.open("/admin/"), LIST)
        self.assertContains(self.open_row(self.one), "New key")
