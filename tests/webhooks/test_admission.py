"""What a token stands for is kept for a second, and never longer than it holds."""

import http.client
import threading
from contextlib import closing
from io import StringIO
from time import monotonic
from unittest import mock

import pytest
from django.db import connection
from django.test import TestCase

from tests.admin import AdminTestCase, address
from tests.server import database_url_of, running_server
from tests.webhooks.commands import run
from tests.webhooks.door import OTHER_SECRET, Door, call_event
from webhooks import admission, endpoints
from webhooks.models import CallScript, Endpoint, Secret


class KeptTests(Door, TestCase):
    def setUp(self):
        super().setUp()
        self.at = 1_000.0
        clock = mock.patch.object(admission, "monotonic", lambda: self.at)
        clock.start()
        self.addCleanup(clock.stop)
        self.token = self.freeclimb_path.split("/")[3]

    def find(self):
        return admission.find("freeclimb", self.token)

    def test_within_half_a_second_nothing_is_asked(self):
        first = self.find()
        self.at += 0.49
        with self.assertNumQueries(0):
            self.assertIs(self.find(), first)

    def test_after_that_one_asks_anew_while_the_others_go_on(self):
        first = self.find()
        self.at += 0.6
        told = []

        def asked_anew(*key):
            told.append(self.find())  # another request meanwhile
            return real(*key)

        real = admission._read
        with mock.patch.object(admission, "_read", asked_anew):
            self.assertIsNot(self.find(), first)
        self.assertEqual(told, [first])

    def test_after_a_second_nobody_goes_by_it(self):
        self.find()
        Endpoint.objects.update(active=False)  # as another process does
        with mock.patch.object(admission, "_read", side_effect=InterruptedError):
            self.at += 0.6
            self.assertRaises(InterruptedError, self.find)
            self.assertEqual(self.find().endpoint, self.freeclimb)
            self.at += 0.5
            self.assertRaises(InterruptedError, self.find)
            self.assertRaises(InterruptedError, self.find)
        self.assertIsNone(self.find())
        self.assertEqual(admission._known, {})

    def test_a_new_signing_secret_is_good_at_once_whoever_added_it(self):
        self.assertEqual(self.post_freeclimb(call_event()).status_code, 200)
        Secret.objects.create(endpoint=self.freeclimb, kind="signing", value=OTHER_SECRET)
        self.assertEqual(self.post_freeclimb(call_event(), secret=OTHER_SECRET).status_code, 200)

    def test_what_is_unknown_is_not_kept_and_what_is_known_has_an_end(self):
        self.assertIsNone(admission.find("freeclimb", "nosuchtoken"))
        self.assertIsNone(admission.find("callerdesk", self.token))
        self.assertEqual(admission._known, {})
        with mock.patch.object(admission, "_MOST", 1):
            self.find()
            self.get_callerdesk()
            self.assertEqual(len(admission._known), 1)

    def test_what_was_read_before_a_change_is_not_kept(self):
        def overtaken(*key):
            found = real(*key)
            endpoints.change(self.freeclimb, active=False)  # in another thread
            return found

        real = admission._read
        with mock.patch.object(admission, "_read", overtaken):
            self.find()
        self.assertIsNone(self.find())

    def test_what_others_read_before_the_commit_is_forgotten_with_it(self):
        with self.captureOnCommitCallbacks(execute=True):
            endpoints.change(self.freeclimb, label="Berlin")
            self.find()  # another thread would read the old row
            self.assertTrue(admission._known)
        self.assertFalse(admission._known)

    def test_whoever_changes_something_makes_this_process_forget(self):
        signing = self.freeclimb.secrets.get(kind="signing")
        more = {"endpoint": str(self.freeclimb.id), "request_type": "inboundCall"}
        other, _ = endpoints.create_endpoint(provider="freeclimb", account="Other")
        changes = {
            "account id": lambda: endpoints.set_provider_account_id(other.account, "AC" + "1" * 40),
            "settings": lambda: endpoints.change(self.freeclimb, region="IN"),
            "new secret": lambda: endpoints.add_signing_secret(self.freeclimb, OTHER_SECRET),
            "dropped secret": lambda: endpoints.drop(self.freeclimb, signing.pk),
            "new token": lambda: endpoints.new_token(self.freeclimb),
            "script": lambda: self.set_script(more),
        }
        for name, change in changes.items():
            with self.subTest(name):
                self.find()
                self.assertTrue(admission._known)
                change()
                self.assertFalse(admission._known)
        endpoints.add_signing_secret(self.freeclimb, signing.value)
        self.find()
        endpoints.drop_signing_secret(self.freeclimb, signing.value)
        self.assertFalse(admission._known)

    def set_script(self, options):
        with mock.patch("sys.stdin", StringIO('[{"Hangup": {}}]')):
            run("set_call_script", "-", **options)

    def test_a_script_is_part_of_it(self):
        self.set_script({"endpoint": str(self.freeclimb.id), "request_type": "outDialConnect"})
        self.find()
        with self.assertNumQueries(0):
            scripts = self.find().scripts
        self.assertEqual(scripts, {("outDialConnect", ""): [{"Hangup": {}}]})


class ScriptPageTests(AdminTestCase):
    def test_pages_that_change_scripts_forget_too(self):
        endpoint, token = endpoints.create_endpoint(provider="freeclimb", account="Main")

        def forgot(url, data):
            admission.find("freeclimb", token)
            self.assertTrue(admission._known)
            self.assertEqual(self.client.post(url, data).status_code, 302)
            return not admission._known

        fields = {
            "endpoint": endpoint.pk,
            "request_type": "inboundCall",
            "percl": '[{"Hangup":{}}]',
        }
        self.assertTrue(forgot(address(CallScript, "add"), fields))
        script = CallScript.objects.get()
        self.assertTrue(forgot(address(CallScript, "change", script.pk), fields))
        self.assertTrue(forgot(address(CallScript, "delete", script.pk), {"post": "yes"}))
        script.save(force_insert=True)
        chosen = {"action": "delete_selected", "_selected_action": script.pk, "post": "yes"}
        self.assertTrue(forgot(address(CallScript, "changelist"), chosen))


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_another_process_switched_off_lets_nothing_in_any_more(tmp_path):
    endpoint, token = endpoints.create_endpoint(provider="callerdesk", account="Desk")
    path = endpoints.endpoint_path(endpoint, token)
    with running_server(tmp_path, database_url=database_url_of(connection), workers=1) as server:

        def knock():
            with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as asked:
                asked.request("GET", path)
                return asked.getresponse().status

        assert knock() == 200
        endpoints.change(endpoint, active=False)
        pause, give_up = threading.Event(), monotonic() + 60
        while knock() == 200 and monotonic() < give_up:
            pause.wait(0.1)
        assert knock() == 404
