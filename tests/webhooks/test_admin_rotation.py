"""Endpoints made and rotated in the admin: an address is shown once and kept nowhere."""

import re
from uuid import uuid4

from django.contrib.sessions.models import Session

from calls.models import Account
from calltrack.models import AuditEntry
from tests.admin import address
from tests.webhooks.door import OTHER_SECRET, SECRET, call_event
from tests.webhooks.test_endpoints_admin import ADD, LIST, EndpointAdminTestCase
from webhooks import endpoints
from webhooks.models import Delivery, Endpoint, Secret


def shown_in(page):
    """The address that a page shows."""
    found = re.findall(r'value="(https?://[^"]+/webhooks/[^"]+)"', page.content.decode())
    return found[0] if found else None


class NewEndpointTests(EndpointAdminTestCase):
    def add(self, **given):
        given = {"provider": "freeclimb", "account": "North", "key": uuid4()} | given
        return self.client.post(ADD, given)

    def test_an_endpoint_is_made_and_its_address_works(self):
        page = self.add(
            label="Berlin",
            provider_account_id="AC" + "7" * 40,
            secret=SECRET,
            recording_hosts="Rec.Example.com",
        )
        endpoint = Endpoint.objects.get(label="Berlin")
        self.assertEqual(endpoint.account.recording_hosts, ["rec.example.com"])
        self.assertEqual([endpoint.region, endpoint.time_zone], ["US", "UTC"])
        path = shown_in(page).removeprefix("http://testserver")
        event = call_event(accountId="AC" + "7" * 40)
        self.assertEqual(self.post_freeclimb(event, path=path).status_code, 200)
        self.assertEqual(Delivery.objects.get().endpoint, endpoint)
        self.assertEqual(self.entries(), [("endpoint", "created")])

    def test_the_address_is_nowhere_but_in_that_one_answer(self):
        page = self.add()
        token = shown_in(page).rstrip("/").rpartition("/")[2]
        self.assertIn("no-store", page["Cache-Control"])
        self.assertNotIn(token, str(page.cookies))
        endpoint = Endpoint.objects.get(account__name="North")
        for url in (LIST, address(Endpoint, "change", endpoint.pk), "/admin/"):
            self.assertNotContains(self.open(url), token)
        kept = [str(session.get_decoded()) for session in Session.objects.all()]
        kept += [str(vars(entry)) for entry in AuditEntry.objects.all()]
        kept += [str(vars(secret)) for secret in Secret.objects.all()]
        self.assertTrue(kept)
        self.assertNotIn(token, "".join(kept))

    def test_sent_twice_it_makes_one(self):
        key = uuid4()
        self.assertIsNotNone(shown_in(self.add(key=key)))
        again = self.add(key=key)
        self.assertIsNone(shown_in(again))
        self.assertContains(again, "made already")
        self.assertEqual(Endpoint.objects.filter(account__name="North").count(), 1)

    def test_what_cannot_be_is_refused_by_name_and_makes_nothing(self):
        before = Endpoint.objects.count()
        for name, value in {
            "provider": "nobody",
            "account": " ",
            "label": "a\0b",
            "region": "XX",
            "time_zone": "../../etc/passwd",
            "recording_hosts": "https://rec.example.com/",
            "key": "x",
        }.items():
            with self.subTest(name):
                page = self.add(**{name: value})
                self.assertEqual(list(page.context["form"].errors), [name])
        page = self.add(secret="too short")
        self.assertContains(page, "copy it whole")
        page = self.add(provider="callerdesk", secret=SECRET)
        self.assertContains(page, "does not sign its requests")
        self.assertEqual(Endpoint.objects.count(), before)
        self.assertFalse(Account.objects.filter(name="North").exists())


class RotationTests(EndpointAdminTestCase):
    def test_a_new_address_works_beside_the_old_one(self):
        old = self.tokens(self.callerdesk).get()
        page = self.post("token", self.callerdesk, after=old.pk)
        path = shown_in(page).removeprefix("http://testserver")
        self.assertIn("no-store", page["Cache-Control"])
        for way in (path, self.callerdesk_path):
            self.assertEqual(self.get_callerdesk({"CallSid": "1.1"}, way).status_code, 200)
        self.assertEqual(self.entries(), [("endpoint", "new token")])

    def test_sent_twice_it_ends_no_token_that_is_in_use(self):
        old = self.tokens(self.callerdesk).get()
        self.post("token", self.callerdesk, after=old.pk)
        page = self.post("token", self.callerdesk, after=old.pk)
        self.assertIsNone(shown_in(page))
        self.assertIn("There is a newer token already", self.said(page)[0])
        self.assertIn(old, self.tokens(self.callerdesk))
        self.post("token", self.callerdesk)
        self.assertEqual(self.tokens(self.callerdesk).count(), 2)

    def test_an_old_token_is_dropped_but_not_the_only_one(self):
        old = self.tokens(self.callerdesk).get()
        self.assertIn(
            "the only one", self.said(self.post("drop", self.callerdesk, secret=old.pk))[0]
        )
        self.post("token", self.callerdesk, after=old.pk)
        self.post("drop", self.callerdesk, secret=old.pk)
        self.assertEqual(self.get_callerdesk().status_code, 404)
        self.assertEqual(self.tokens(self.callerdesk).count(), 1)
        said = self.said(self.post("drop", self.callerdesk, secret="x"))
        self.assertIn("dropped already", said[0])

    def test_a_token_of_another_endpoint_is_not_dropped(self):
        theirs = self.tokens(self.freeclimb).get()
        endpoints.new_token(self.freeclimb)
        self.post("drop", self.callerdesk, secret=theirs.pk)
        self.assertIn(theirs, self.tokens(self.freeclimb))

    def test_signing_secrets_are_rotated_with_overlap(self):
        old = self.freeclimb.secrets.get(kind="signing")
        self.post("secret", self.freeclimb, secret=OTHER_SECRET)
        for secret in (SECRET, OTHER_SECRET):
            self.assertEqual(self.post_freeclimb(call_event(), secret=secret).status_code, 200)
        self.post("drop", self.freeclimb, secret=old.pk)
        self.assertEqual(self.post_freeclimb(call_event(), secret=SECRET).status_code, 401)
        page = self.post("secret", self.freeclimb, secret="nonsense")
        self.assertIn("copy it whole", self.said(page)[0])
        told = str([vars(entry) for entry in AuditEntry.objects.all()])
        self.assertNotIn(OTHER_SECRET, told + page.content.decode())
        self.assertEqual([what for _, what in self.entries()][0], "new signing secret")

    def test_pages_show_hints_only(self):
        token = self.tokens(self.freeclimb).get()
        signing = self.freeclimb.secrets.get(kind="signing")
        urls = [LIST, address(Endpoint, "change", self.freeclimb.pk)]
        urls += [address(Secret, "changelist"), address(Secret, "change", signing.pk)]
        for url in urls:
            page = self.open(url)
            for value in (token.value, signing.value, self.freeclimb_path.split("/")[3]):
                self.assertNotContains(page, value)
        self.assertContains(self.open(urls[1]), f"…{token.hint}")
