"""How the API behaves around every answer: tags, headers, pages elsewhere, people's pages."""

import re

from django.test import TestCase, override_settings

from calls import api_keys
from tests import factories
from tests.api import ApiTestCase
from tests.calls.test_api_keys import LISTS
from tests.people import member

ELSEWHERE = "https://crm.example.com"


class EtagTests(ApiTestCase):
    def ask(self, path, **headers):
        return self.client.get(f"/api/v1/{path}", headers=self.headers | headers)

    def test_an_object_that_is_the_same_is_not_sent_again(self):
        call = factories.CallFactory()
        for path in (f"calls/{call.pk}/", "calls/", "accounts/"):
            with self.subTest(path):
                tag = self.ask(path).headers["ETag"]
                for theirs in (tag, f'"other", W/{tag}', "*"):
                    same = self.ask(path, **{"If-None-Match": theirs})
                    self.assertEqual([same.status_code, same.content], [304, b""])
                    self.assertEqual(same.headers["ETag"], tag)
                    self.assertIn("private", same.headers["Cache-Control"])
                    self.assertIn("Authorization", same.headers["Vary"])
                other = self.ask(path, **{"If-None-Match": '"other"'})
                self.assertEqual([other.status_code, other.headers["ETag"]], [200, tag])

    def test_what_changed_has_another_tag(self):
        call = factories.CallFactory()
        before = self.ask(f"calls/{call.pk}/").headers["ETag"]
        call.revision += 1
        call.save()
        after = self.ask(f"calls/{call.pk}/", **{"If-None-Match": before})
        self.assertEqual(after.status_code, 200)
        self.assertNotEqual(after.headers["ETag"], before)

    def test_whoever_sees_less_has_another_tag_and_caches_know_what_it_hangs_on(self):
        call = factories.CallFactory(from_number="+13125550123")
        _, masked = api_keys.create("masked", ["calls:read"])
        full = self.ask(f"calls/{call.pk}/")
        less = self.ask(f"calls/{call.pk}/", Authorization=f"Bearer {masked}")
        self.assertNotEqual(full.headers["ETag"], less.headers["ETag"])
        vary = {name.strip() for name in full.headers["Vary"].split(",")}
        self.assertLessEqual({"Authorization", "Cookie", "Accept"}, vary)
        self.assertIn("private", full.headers["Cache-Control"])

    def test_a_refusal_has_no_tag(self):
        for path in ("calls/7/", "calls/?colour=red", "nothing/"):
            self.assertNotIn("ETag", self.ask(path).headers)


class ScopeTests(ApiTestCase):
    scopes = ("calls:read", "deliveries:read")

    def test_without_its_scope_numbers_are_masked_and_found_by_four_digits_or_the_whole(self):
        call = factories.CallFactory(from_number="+13125550123", from_raw="+13125550123")
        for path in ("calls/", f"calls/{call.pk}/"):
            self.assertNotIn("3125550123", str(self.get(path)))
        whole = self.ids("calls/", from_number="+13125550123")
        self.assertEqual(whole, [str(call.pk)])
        self.assertEqual(self.ids("calls/", number="0123"), [str(call.pk)])
        self.assertEqual(self.faults("calls/", number="50123"), ["number"])

    def test_exact_bodies_are_for_those_who_see_numbers(self):
        delivery = factories.DeliveryFactory(body=b'{"from": "+13125550123"}')
        told = self.get(f"deliveries/{delivery.pk}/body/", expect=403)
        self.assertIn("numbers:full", told["detail"])
        _, full = api_keys.create("full", ["deliveries:read", "numbers:full", "recordings:read"])
        headers = {"Authorization": f"Bearer {full}"}
        answer = self.client.get(f"/api/v1/deliveries/{delivery.pk}/body/", headers=headers)
        self.assertEqual(answer.content, b'{"from": "+13125550123"}')


class ChunkedTests(ApiTestCase):
    """The server gives a chunked body without its length, and Django takes it for none."""

    scopes = api_keys.SCOPES

    def test_no_write_takes_a_chunked_body_for_an_empty_one(self):
        call = factories.CallFactory()
        deeds = [(f"calls/{call.pk}/{name}/", "post") for name in ("notes", "tags")]
        deeds += [(f"calls/{call.pk}/disposition/", method) for method in ("put", "delete")]
        deeds += [("subscriptions/", "post"), ("calls/", "post")]
        for path, method in deeds:
            with self.subTest(path, method=method):
                answer = self.client.generic(
                    method.upper(),
                    f"/api/v1/{path}",
                    headers=self.headers | {"Idempotency-Key": "once"},
                    HTTP_TRANSFER_ENCODING="chunked",
                )
                self.assertEqual(answer.status_code, 411)
                self.assertEqual(answer.json()["type"], "/api/docs/problems#length-required")

    def test_who_only_reads_may_send_what_he_likes(self):
        answer = self.client.get(
            "/api/v1/calls/", headers=self.headers, HTTP_TRANSFER_ENCODING="chunked"
        )
        self.assertEqual(answer.status_code, 200)


class CorsTests(ApiTestCase):
    def preflight(self, origin=ELSEWHERE, path="/api/v1/calls/"):
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,idempotency-key",
        }
        return self.client.options(path, headers=headers).headers

    def test_it_is_off_by_default(self):
        self.assertNotIn("Access-Control-Allow-Origin", self.preflight())
        answer = self.client.get("/api/v1/calls/", headers=self.headers | {"Origin": ELSEWHERE})
        self.assertNotIn("Access-Control-Allow-Origin", answer.headers)

    @override_settings(CORS_ALLOWED_ORIGINS=[ELSEWHERE])
    def test_by_the_setting_a_page_elsewhere_may_call_with_a_key_but_never_with_cookies(self):
        told = self.preflight()
        self.assertEqual(told["Access-Control-Allow-Origin"], ELSEWHERE)
        allowed = told["Access-Control-Allow-Headers"]
        self.assertIn("authorization", allowed)
        self.assertIn("idempotency-key", allowed)
        self.assertNotIn("Access-Control-Allow-Credentials", told)
        answer = self.client.get("/api/v1/calls/", headers=self.headers | {"Origin": ELSEWHERE})
        for name in ("ETag", "RateLimit-Remaining", "Retry-After", "Link"):
            self.assertIn(name, answer.headers["Access-Control-Expose-Headers"])
        refused = self.client.get("/api/v1/calls/", headers={"Origin": ELSEWHERE})
        self.assertEqual(refused.headers["Access-Control-Allow-Origin"], ELSEWHERE)  # its 401

    @override_settings(CORS_ALLOWED_ORIGINS=[ELSEWHERE])
    def test_neither_others_nor_other_paths(self):
        self.assertNotIn("Access-Control-Allow-Origin", self.preflight("https://evil.example"))
        for path in ("/admin/", "/healthz", "/apiserver/Accounts/AC1/Calls"):
            self.assertNotIn("Access-Control-Allow-Origin", self.preflight(path=path))


class PeoplesPageTests(TestCase):
    def page(self, path):
        return self.client.get(path, headers={"Accept": "text/html"})

    def assert_plain(self, page):
        """Nothing in it that the Content-Security-Policy forbids."""
        text = page.content.decode()
        self.assertIn("default-src 'self'", page.headers["Content-Security-Policy"])
        self.assertIsNone(re.search(r"<style|\sstyle=|\son\w+=|javascript:", text))
        self.assertIsNone(re.search(r"<script(?![^>]*\ssrc=\"/static/)", text))
        self.assertIsNone(re.search(r"<(?:script|link|img)[^>]+=\"(?:https?:)?//", text))

    def test_people_read_by_their_session_what_the_admin_shows_them(self):
        call = factories.CallFactory(from_number="+13125550123", from_raw="+13125550123")
        for group, sees in (("Viewer", False), ("Supervisor", True)):
            self.client.force_login(member(group))
            for path in ("/api/v1/calls/", f"/api/v1/calls/{call.pk}/"):
                with self.subTest(group, path=path):
                    page = self.page(path)
                    self.assertEqual(page.status_code, 200)
                    self.assert_plain(page)
                    self.assertEqual(b"3125550123" in page.content, sees)

    def test_every_list_and_object_is_a_page_and_says_its_options(self):
        call = factories.RecordingFactory().call
        factories.DeliveryFactory()
        factories.ParticipantFactory(call=call)
        self.client.force_login(factories.UserFactory(is_superuser=True))
        lists = [*LISTS, "agents", "service-numbers", "tags", "dispositions", "changes"]
        lists += ["subscriptions", f"calls/{call.pk}/notes", f"calls/{call.pk}/tags"]
        addresses = [f"/api/v1/{name}/" for name in lists]
        for address in addresses:
            one = self.client.get(address).json()
            rows = one.get("results") if isinstance(one, dict) else None
            if rows and "id" in rows[0]:
                addresses.append(f"{address}{rows[0]['id']}/")
        self.assertEqual(len(addresses), len(lists) + 6)  # accounts, calls, conferences, …
        for address in addresses:
            with self.subTest(address):
                page = self.page(address)
                self.assertEqual(page.status_code, 200, page.content[:300])
                self.assert_plain(page)
                self.assertEqual(self.client.options(address).status_code, 200)
                head = self.client.head(address)
                self.assertEqual([head.status_code, head.content], [200, b""])

    def test_problems_are_pages_too(self):
        self.assertContains(self.page("/api/v1/calls/"), "Log in", status_code=401)
        self.client.force_login(member("Viewer"))
        for path, status in (("calls/7/", 404), ("calls/?colour=%3Cscript%3E", 400)):
            page = self.page(f"/api/v1/{path}")
            self.assertEqual(page.status_code, status)
            self.assertTrue(page.headers["Content-Type"].startswith("text/html"))
            self.assert_plain(page)

    def test_what_problems_mean_is_a_page_for_everybody(self):
        page = self.page("/api/docs/problems")
        self.assertEqual(page.status_code, 200)
        self.assertContains(page, 'id="invalid-parameters"')
        self.assert_plain(page)
