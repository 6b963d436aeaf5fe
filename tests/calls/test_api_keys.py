"""Who may read: keys, their scopes, and people."""

import hashlib
import io
import json
import threading
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from django.utils.timezone import now

from calls import api_keys
from calls.authentication import IntegrationUser
from calls.models import ApiKey, Integration
from tests import factories
from tests.people import member

LISTS = ("accounts", "calls", "legs", "conferences", "participants", "recordings", "deliveries")


class KeyTests(TestCase):
    def read(self, text, path="calls/", scheme="Bearer"):
        return self.client.get(f"/api/v1/{path}", headers={"Authorization": f"{scheme} {text}"})

    def test_a_key_opens_the_lists_of_its_scopes_and_no_others(self):
        for scope, opened in {
            "calls:read": LISTS[:5],
            "recordings:read": LISTS[5:6],
            "deliveries:read": LISTS[6:],
        }.items():
            _, text = api_keys.create(scope, [scope])
            for name in LISTS:
                with self.subTest(scope=scope, list=name):
                    status = self.read(text, f"{name}/").status_code
                    self.assertEqual(status, 200 if name in opened else 403)

    def test_a_missing_scope_is_named(self):
        _, text = api_keys.create("calls only", ["calls:read"])
        self.assertIn("deliveries:read", self.read(text, "deliveries/").json()["detail"])

    def test_without_a_key_nobody_gets_in_and_hears_how(self):
        for name in LISTS:
            with self.subTest(name):
                response = self.client.get(f"/api/v1/{name}/")
                self.assertEqual(response.status_code, 401)
                self.assertEqual(response.headers["WWW-Authenticate"], "Bearer")

    def test_what_is_no_key_opens_nothing(self):
        key, text = api_keys.create("a test")
        wrong = [
            text[:-1] + ("0" if text[-1] != "0" else "1"),
            text.upper(),
            key.prefix,
            "",
            "é",
            "\x01",
        ]
        wrong += [key.key_hash, f"{key.prefix}_{key.key_hash[:48]}", text + "\n0", text + " x"]
        for one in wrong:
            with self.subTest(one):
                response = self.read(one)
                self.assertEqual(response.status_code, 401)
                self.assertEqual(response.headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(self.read(text, scheme="Basic").status_code, 401)
        self.assertEqual(self.read(text, scheme="bearer").status_code, 200)

    def test_a_key_of_an_inactive_integration_opens_nothing(self):
        key, text = api_keys.create("a test")
        Integration.objects.filter(pk=key.integration_id).update(active=False)
        self.assertEqual(self.read(text).status_code, 401)

    def test_a_key_opens_until_it_expires(self):
        key, text = api_keys.create("a test", expires_at=now() + timedelta(hours=1))
        self.assertEqual(self.read(text).status_code, 200)
        ApiKey.objects.filter(pk=key.pk).update(expires_at=now() - timedelta(seconds=1))
        refused = self.read(text)
        self.assertEqual(refused.status_code, 401)
        self.assertEqual(refused.headers["Content-Type"], "application/problem+json")

    def test_two_keys_of_an_integration_are_live_and_no_more(self):
        first, _ = api_keys.create("a test")
        _, second = api_keys.add(first.integration)
        with self.assertRaisesRegex(api_keys.TooManyKeys, "2 live keys"):
            api_keys.add(first.integration)
        self.assertTrue(api_keys.end(first))
        self.assertFalse(api_keys.end(first))
        _, third = api_keys.add(first.integration)
        self.assertEqual([self.read(one).status_code for one in (second, third)], [200, 200])

    def test_only_the_hash_of_a_key_is_kept(self):
        key, text = api_keys.create("a test")
        row = ApiKey.objects.values().get()
        self.assertNotIn(text, str(row))
        self.assertEqual(row["key_hash"], hashlib.sha256(text.encode()).hexdigest())
        self.assertTrue(text.startswith(key.prefix))
        self.assertGreaterEqual(len(text.removeprefix(key.prefix + "_")) * 4, 160)

    def test_use_is_noted_once_a_minute(self):
        key, text = api_keys.create("a test")
        self.read(text)
        key.refresh_from_db()
        self.assertLess(now() - key.last_used_at, timedelta(seconds=20))
        with self.assertNumQueries(2):  # the key, the list
            self.read(text)
        ApiKey.objects.update(last_used_at=now() - timedelta(seconds=61))
        self.read(text)
        key.refresh_from_db()
        self.assertLess(now() - key.last_used_at, timedelta(seconds=20))

    def test_recordings_within_calls_keep_their_address_from_those_who_may_not_hear(self):
        recording = factories.RecordingFactory()
        taken = factories.ParticipantFactory(call=recording.call)
        factories.RecordingFactory(call=None, conference=taken.conference)
        _, deaf = api_keys.create("deaf", ["calls:read"])
        _, hearing = api_keys.create("hearing", ["calls:read", "recordings:read"])
        for path in (
            f"calls/{recording.call_id}/",
            f"conferences/{taken.conference_id}/",
            "conferences/?expand=recordings",
        ):
            with self.subTest(path):
                self.assertNotIn(b"https://recordings.", self.read(deaf, path).content)
                self.assertIn(b'"recordings":[{"id":', self.read(deaf, path).content)
                self.assertIn(b"https://recordings.", self.read(hearing, path).content)

    def test_the_api_only_reads(self):
        _, text = api_keys.create("a test")
        headers = {"Authorization": f"Bearer {text}"}
        call = factories.CallFactory()
        for name in LISTS:
            for method in (
                self.client.post,
                self.client.put,
                self.client.patch,
                self.client.delete,
            ):
                with self.subTest(name, method=method.__name__):
                    self.assertEqual(method(f"/api/v1/{name}/", headers=headers).status_code, 405)
        address = f"/api/v1/calls/{call.id}/"
        self.assertEqual(self.client.delete(address, headers=headers).status_code, 405)

    def test_what_is_not_there_is_404_in_json(self):
        _, text = api_keys.create("a test")
        for one in ("00000000-0000-0000-0000-000000000000", "7", "a.b", "%00", "x" * 300):
            with self.subTest(one):
                response = self.read(text, f"calls/{one}/")
                self.assertEqual(response.status_code, 404)
                self.assertEqual(response.json()["type"], "/api/docs/problems#not-found")


class PeopleTests(TestCase):
    def statuses(self):
        return {self.client.get(f"/api/v1/{name}/").status_code for name in LISTS}

    def test_staff_who_may_see_calls_in_the_admin_may_read_them_here(self):
        self.client.force_login(factories.UserFactory(may=["view"]))
        self.assertEqual(self.statuses(), {200})
        page = self.client.get("/api/v1/calls/", headers={"Accept": "text/html"})
        self.assertContains(page, "<html")

    def test_only_who_may_play_recordings_reads_where_they_are(self):
        recording = factories.RecordingFactory()
        address = f"/api/v1/recordings/{recording.id}/"
        for group, told in (("Viewer", False), ("Operator", False), ("Supervisor", True)):
            with self.subTest(group):
                self.client.force_login(member(group))
                self.assertEqual("url" in self.client.get(address).json(), told)
                call = self.client.get(f"/api/v1/calls/{recording.call_id}/").json()
                self.assertEqual("url" in call["recordings"][0], told)

    def test_a_superuser_reads_everything(self):
        self.client.force_login(factories.UserFactory(is_superuser=True))
        self.assertEqual(self.statuses(), {200})

    def test_others_read_nothing(self):
        for person in (
            factories.UserFactory(),
            factories.UserFactory(is_staff=False, may=["view"]),
        ):
            self.client.force_login(person)
            self.assertEqual(self.statuses(), {403})

    def test_an_integration_is_nobody_in_particular(self):
        person = IntegrationUser(factories.ApiKeyFactory())
        self.assertIsInstance(person, AnonymousUser)
        self.assertTrue(person.is_authenticated)
        self.assertFalse(person.has_perm("calls.view_call"))


class CreateApiKeyTests(TestCase):
    def run_command(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        call_command("create_api_key", *arguments, stdout=out, stderr=err)
        return json.loads(out.getvalue()), err.getvalue()

    def test_it_prints_one_object_and_the_rest_on_standard_error(self):
        printed, said = self.run_command("--name", "CRM")
        self.assertEqual(list(printed), ["name", "prefix", "key", "scopes", "expires_at"])
        self.assertEqual(printed["scopes"], list(api_keys.DEFAULT_SCOPES))
        self.assertIn("once", said)
        self.assertEqual(api_keys.find(printed["key"]).integration.name, "CRM")

    def test_scopes_are_separated_by_spaces_or_commas(self):
        wanted = ["calls:read", "recordings:read", "deliveries:read"]
        for given in (
            wanted,
            ["calls:read,deliveries:read", "recordings:read"],
            [",".join(wanted)],
        ):
            with self.subTest(given):
                printed, _ = self.run_command("--name", "CRM", "--scopes", *given)
                self.assertEqual(printed["scopes"], wanted)

    def test_what_cannot_be_is_refused_and_makes_no_key(self):
        for given in (["--scopes", "calls:write"], ["--scopes", ","], ["--name", " "]):
            with self.subTest(given), self.assertRaises(CommandError) as refused:
                self.run_command("--name", "CRM", *given)
            self.assertEqual(refused.exception.returncode, 1)
        with self.assertRaisesRegex(CommandError, "calls:write.*known: calls:read"):
            self.run_command("--name", "CRM", "--scopes", "calls:write")
        self.assertFalse(ApiKey.objects.exists())

    def test_a_second_key_is_made_for_rotation_and_the_first_one_ended(self):
        first, _ = self.run_command("--name", "CRM", "--scopes", "export")
        second, _ = self.run_command("--integration", "CRM", "--expires-days", "90")
        self.assertEqual([second["name"], second["scopes"]], ["CRM", ["export"]])
        self.assertTrue(second["expires_at"])
        with self.assertRaisesRegex(CommandError, "2 live keys"):
            self.run_command("--integration", "CRM")
        out = io.StringIO()
        call_command("end_api_key", first["prefix"], stdout=out)
        self.assertIn("refused from now on", out.getvalue())
        self.assertIsNone(api_keys.find(first["key"]))
        self.assertTrue(api_keys.find(second["key"]))
        for prefix, why in ((first["prefix"], "ended already"), ("ct_", "no key begins")):
            with self.assertRaisesRegex(CommandError, why):
                call_command("end_api_key", prefix)

    def test_an_integration_is_named_so_that_no_other_is_meant(self):
        one = factories.IntegrationFactory(name="CRM")
        with self.assertRaisesRegex(CommandError, "no integration has the name crm"):
            self.run_command("--integration", "crm")
        factories.IntegrationFactory(name="CRM")
        with self.assertRaisesRegex(CommandError, "several integrations.*give the id"):
            self.run_command("--integration", "CRM")
        self.run_command("--integration", str(one.pk))
        self.assertEqual(one.keys.count(), 1)
        with self.assertRaisesRegex(CommandError, "scopes are the integration's"):
            self.run_command("--integration", "CRM", "--scopes", "export")
        with self.assertRaises(CommandError):
            self.run_command("--integration", str(one.pk), "--expires-days", "0")


class RaceTests(TransactionTestCase):
    def test_of_two_who_add_at_once_the_second_one_counts_the_firsts_key(self):
        key, _ = api_keys.create("a test")
        told = []

        def add():
            try:
                told.append(api_keys.add(key.integration)[1])
            except api_keys.TooManyKeys:
                told.append("")
            finally:
                connection.close()

        second = threading.Thread(target=add)
        with transaction.atomic():
            api_keys.add(key.integration)
            second.start()
            second.join(1)  # it waits for us; where it did not, it would be through by now
        second.join(60)
        self.assertEqual(told, [""])
