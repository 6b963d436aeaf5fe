"""Coming in: throttled, with a second factor for those who want one, and out again."""

from datetime import UTC, datetime, timedelta

import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from calltrack.addresses import address_to_throttle, client_address
from tests import factories

PASSWORD = "correct horse battery"
LOGIN = "/admin/login/"
CODE = "/admin/login/code/"


def code_of(device):
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = now().timestamp()
    return f"{totp.token():06}"


class LoginTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.person = factories.UserFactory(username="asha", is_superuser=True)

    def setUp(self):
        self.person.set_password(PASSWORD)
        self.person.save()

    def log_in(self, password=PASSWORD, username="asha", client=None, **extra):
        given = {"username": username, "password": password, "next": "/admin/profile/"}
        return (client or self.client).post(LOGIN, given, **extra)

    def enrol(self):
        device = TOTPDevice.objects.create(user=self.person, name="app", confirmed=True)
        static = StaticDevice.objects.create(user=self.person, name="backup", confirmed=True)
        static.token_set.create(token="abcd2345")
        return device

    def is_in(self, client=None):
        return (client or self.client).get("/admin/profile/").status_code == 200


class ThrottleTests(LoginTestCase):
    def fail(self, times, **how):
        return [self.log_in(password="wrong", **how) for _ in range(times)][-1]

    def test_after_five_failures_even_the_right_password_waits(self):
        self.assertEqual(self.fail(4).status_code, 200)
        page = self.fail(1)
        self.assertContains(page, "Wait 15 minutes", status_code=429)
        self.assertEqual(page.headers["Retry-After"], "900")
        self.assertIn("default-src 'self'", page.headers["Content-Security-Policy"])
        self.assertNotContains(page, "<style", status_code=429)
        self.assertEqual(self.log_in().status_code, 429)
        self.assertFalse(self.is_in())

    def test_trying_on_does_not_lengthen_the_wait(self):
        with time_machine.travel(datetime(2026, 3, 14, 12, 0, tzinfo=UTC), tick=False) as clock:
            self.fail(5)
            clock.shift(timedelta(minutes=14))
            self.assertEqual(self.fail(3).status_code, 429)
            clock.shift(timedelta(minutes=2))
            self.assertRedirects(self.log_in(), "/admin/profile/")

    def test_others_from_there_and_the_same_name_from_elsewhere_are_let_in(self):
        other = factories.UserFactory(username="ben")
        other.set_password(PASSWORD)
        other.save()
        self.fail(5)
        self.assertRedirects(self.log_in(username="ben"), "/admin/profile/")
        self.client.logout()
        self.assertEqual(self.log_in(REMOTE_ADDR="10.0.0.9").status_code, 302)

    def test_one_password_on_many_names_is_stopped_by_address(self):
        for number in range(49):
            tried = self.log_in(password="wrong", username=f"name{number}")
            self.assertEqual(tried.status_code, 200)
        self.assertEqual(self.log_in(password="wrong", username="name50").status_code, 429)
        self.assertEqual(self.log_in().status_code, 429)
        self.assertEqual(self.log_in(REMOTE_ADDR="10.0.0.9").status_code, 302)

    def test_a_success_clears_ones_own_failures_and_no_others(self):
        self.log_in(password="wrong", username="ben")
        self.fail(4)
        self.log_in()
        self.assertEqual([one.username for one in AccessAttempt.objects.all()], ["ben"])

    def test_no_message_tells_whether_there_is_such_a_user(self):
        known, unknown = self.log_in(password="x"), self.log_in(password="x", username="nobody")
        told = [page.context["form"].non_field_errors()[0] for page in (known, unknown)]
        self.assertEqual(told[0], told[1])
        for name in ("asha", "nobody"):
            self.fail(5, username=name)
        locked = [self.log_in(username=name) for name in ("asha", "nobody")]
        self.assertEqual(locked[0].content, locked[1].content)

    def test_an_address_told_by_a_stranger_helps_nobody(self):
        for number in range(5):
            self.fail(1, HTTP_X_FORWARDED_FOR=f"10.1.1.{number}")
        self.assertEqual(self.log_in(HTTP_X_FORWARDED_FOR="10.1.1.99").status_code, 429)

    @override_settings(TRUSTED_PROXIES=1)
    def test_behind_a_proxy_it_is_the_address_that_the_proxy_saw(self):
        for number in range(5):
            self.fail(1, HTTP_X_FORWARDED_FOR=f"10.1.1.{number}, 192.0.2.7")
        self.assertEqual(self.log_in(HTTP_X_FORWARDED_FOR="1.1.1.1, 192.0.2.7").status_code, 429)
        self.assertEqual(self.log_in(HTTP_X_FORWARDED_FOR="192.0.2.7, 192.0.2.8").status_code, 302)


class AddressTests(SimpleTestCase):
    def address(self, told, proxies, own="127.0.0.1"):
        request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=told, REMOTE_ADDR=own)
        with override_settings(TRUSTED_PROXIES=proxies):
            return client_address(request)

    def test_only_as_many_proxies_are_believed_as_there_are(self):
        self.assertEqual(self.address("9.9.9.9", 0), "127.0.0.1")
        self.assertEqual(self.address("9.9.9.9", 1), "9.9.9.9")
        self.assertEqual(self.address("6.6.6.6, 9.9.9.9", 1), "9.9.9.9")
        self.assertEqual(self.address("6.6.6.6, 9.9.9.9, 10.0.0.1", 2), "9.9.9.9")
        self.assertEqual(self.address("9.9.9.9", 2), "127.0.0.1")
        self.assertEqual(self.address("nonsense", 1), "127.0.0.1")
        self.assertEqual(self.address("9.9.9.9:1234", 1), "9.9.9.9")
        self.assertEqual(self.address("", 0, "::ffff:10.0.0.1"), "10.0.0.1")
        self.assertIsNone(self.address("", 0, ""))

    def test_an_ipv6_customer_is_throttled_by_network(self):
        request = RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2:3:4:5:6")
        self.assertEqual(address_to_throttle(request), "2001:db8:1:2::")
        self.assertEqual(client_address(request), "2001:db8:1:2:3:4:5:6")


class SecondStepTests(LoginTestCase):
    def test_nobody_without_a_second_factor_is_asked_for_one(self):
        self.assertRedirects(self.log_in(), "/admin/profile/")

    def test_the_password_alone_opens_nothing(self):
        self.enrol()
        answer = self.log_in()
        self.assertRedirects(answer, f"{CODE}?next=%2Fadmin%2Fprofile%2F")
        self.assertFalse(self.is_in())
        self.assertNotIn("_auth_user_id", self.client.session)
        self.assertIn(self.client.get("/api/v1/calls/").status_code, (401, 403))

    def test_a_code_opens_and_serves_once(self):
        device = self.enrol()
        with time_machine.travel(now(), tick=False):
            code = code_of(device)
            self.log_in()
            done = self.client.post(CODE, {"code": code, "next": "/admin/profile/"})
            self.assertRedirects(done, "/admin/profile/")
            self.assertEqual(self.client.get("/api/v1/calls/").status_code, 200)
            self.client.logout()
            self.log_in()
            again = self.client.post(CODE, {"code": code})
            self.assertContains(again, "not right")
            self.assertFalse(self.is_in())

    def test_a_backup_code_opens_and_is_spent(self):
        self.enrol()
        for expected in (True, False):
            self.log_in()
            self.client.post(CODE, {"code": "ABCD-2345"})
            self.assertEqual(self.is_in(), expected)
            self.client.logout()

    def test_wrong_codes_are_throttled_ever_longer(self):
        device = self.enrol()
        with time_machine.travel(now(), tick=False) as clock:
            wrong = "000000" if code_of(device) != "000000" else "000001"
            self.log_in()
            self.assertContains(self.client.post(CODE, {"code": wrong}), "not right")
            right = self.client.post(CODE, {"code": code_of(device)})
            self.assertContains(right, "Try again in 1 s")
            for wait in (1, 2, 4, 8):
                clock.shift(wait)
                self.client.post(CODE, {"code": wrong})
            self.assertContains(self.client.post(CODE, {"code": "1"}), "Try again in 16 s")
            clock.shift(16)
            self.client.post(CODE, {"code": code_of(device)})
            self.assertTrue(self.is_in())

    def test_a_code_of_somebody_else_is_none(self):
        self.enrol()
        other = factories.UserFactory()
        theirs = TOTPDevice.objects.create(user=other, name="app", confirmed=True)
        self.log_in()
        self.assertContains(self.client.post(CODE, {"code": code_of(theirs)}), "not right")

    def test_nobody_starts_at_the_second_step(self):
        self.assertRedirects(self.client.get(CODE), LOGIN)
        self.assertRedirects(self.client.post(CODE, {"code": code_of(self.enrol())}), LOGIN)

    def test_the_second_step_waits_ten_minutes_and_for_no_other_password(self):
        device = self.enrol()
        with time_machine.travel(now(), tick=False) as clock:
            self.log_in()
            clock.shift(601)
            self.assertRedirects(self.client.post(CODE, {"code": code_of(device)}), LOGIN)
        self.log_in()
        self.person.set_password("another password")
        self.person.save()
        self.assertRedirects(self.client.post(CODE, {"code": code_of(device)}), LOGIN)

    def test_a_session_older_than_the_second_factor_has_to_show_it(self):
        self.log_in()
        self.assertTrue(self.is_in())
        device = self.enrol()
        self.assertFalse(self.is_in())
        self.assertIn(self.client.get("/api/v1/calls/").status_code, (401, 403))
        asked = self.client.get("/admin/profile/", follow=True)
        self.assertEqual(asked.request["PATH_INFO"], CODE)
        self.client.post(CODE, {"code": code_of(device)})
        self.assertTrue(self.is_in())

    def test_one_can_leave_at_the_second_step(self):
        self.log_in()
        self.enrol()
        self.assertRedirects(self.client.post(CODE, {"leave": "1"}), LOGIN)
        self.assertContains(self.client.get(LOGIN), "id_username")

    def test_it_leads_nowhere_else(self):
        device = self.enrol()
        self.log_in()
        done = self.client.post(CODE, {"code": code_of(device), "next": "https://evil.example/"})
        self.assertEqual(done.headers["Location"], reverse("admin:index"))

    def test_a_device_that_was_never_confirmed_is_none(self):
        TOTPDevice.objects.create(user=self.person, name="app", confirmed=False)
        self.assertRedirects(self.log_in(), "/admin/profile/")


class SessionTests(LoginTestCase):
    def test_it_ends_twelve_hours_after_the_last_request(self):
        with time_machine.travel(datetime(2026, 3, 14, 6, 0, tzinfo=UTC), tick=False) as clock:
            self.log_in()
            for _ in range(3):  # a day and a half of looking now and then
                clock.shift(timedelta(hours=11, minutes=45))
                self.assertTrue(self.is_in())
            clock.shift(timedelta(hours=12, seconds=1))
            self.assertFalse(self.is_in())

    def test_it_is_not_written_at_every_request(self):
        self.log_in()
        with CaptureQueriesContext(connection) as captured:
            self.assertTrue(self.is_in())
        self.assertEqual([q["sql"] for q in captured if q["sql"].startswith("UPDATE")], [])

    def test_the_cookie_is_for_us_alone(self):
        cookie = self.log_in().cookies["sessionid"]
        self.assertEqual([cookie["httponly"], cookie["samesite"]], [True, "Lax"])
        self.assertEqual(cookie["max-age"], 12 * 3600)

    @override_settings(SESSION_COOKIE_SECURE=True)
    def test_over_https_it_is_secure(self):
        self.assertTrue(self.log_in().cookies["sessionid"]["secure"])


class PasswordTests(SimpleTestCase):
    def test_a_password_is_long_and_no_common_one(self):
        for password in ("short1!xy", "1234567890", "password123", "0192837465"):
            with self.subTest(password), self.assertRaises(ValidationError):
                validate_password(password)
        validate_password("correct horse battery")
