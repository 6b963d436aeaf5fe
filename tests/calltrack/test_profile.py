"""Everybody's own page: time zone, password, second factor."""

import re
from base64 import b32decode, b64decode

import time_machine
from django.test import TestCase
from django.utils.timezone import now
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from calltrack.models import Profile
from tests import factories
from tests.calltrack.test_login import CODE, LOGIN, PASSWORD, code_of

PAGE = "/admin/profile/"


class ProfileTestCase(TestCase):
    def setUp(self):
        self.person = factories.UserFactory(username="asha")
        self.person.set_password(PASSWORD)
        self.person.save()
        self.client.force_login(self.person)

    def do(self, what, **given):
        return self.client.post(PAGE, {"do": what, **given})

    def device(self):
        return TOTPDevice.objects.get(user=self.person)


class TimeZoneTests(ProfileTestCase):
    def test_a_time_zone_is_chosen_and_pages_are_in_it(self):
        with time_machine.travel("2026-03-14T06:30:00Z", tick=False):
            self.client.force_login(self.person)
            self.assertContains(self.client.get(PAGE), "It is 06:30 there")
            self.assertRedirects(self.do("zone", time_zone="asia/kolkata"), PAGE)
            page = self.client.get(PAGE)
        self.assertContains(page, "It is 12:00 there")
        self.assertContains(page, 'value="Asia/Kolkata"')
        self.assertEqual(Profile.objects.get().time_zone, "Asia/Kolkata")

    def test_what_is_no_time_zone_is_told_and_not_kept(self):
        for typed in ("Kolkata time", "../../etc/passwd", "", "Factory"):
            with self.subTest(typed):
                self.assertEqual(self.do("zone", time_zone=typed).status_code, 200)
        self.assertFalse(Profile.objects.exists())

    def test_everybody_has_their_own(self):
        self.do("zone", time_zone="Asia/Kolkata")
        self.client.force_login(factories.UserFactory())
        self.do("zone", time_zone="America/Chicago")
        zones = Profile.objects.values_list("user__username", "time_zone")
        self.assertEqual(dict(zones)["asha"], "Asia/Kolkata")

    def test_the_page_is_for_the_staff(self):
        self.client.force_login(factories.UserFactory(is_staff=False))
        self.assertRedirects(self.client.get(PAGE), f"{LOGIN}?next={PAGE}")

    def test_nonsense_changes_nothing(self):
        for what in ("", "nothing like it", "__class__"):
            self.assertEqual(self.do(what).status_code, 200)


class SecondFactorTests(ProfileTestCase):
    def turn_on(self):
        self.do("start")
        return self.do("confirm", code=code_of(self.device()), password=PASSWORD)

    def test_from_the_offer_to_the_login(self):
        self.assertContains(self.client.get(PAGE), "Set up a second factor")
        self.do("start")
        page = self.client.get(PAGE).content.decode()
        secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page).group(1).replace(" ", "")
        self.assertEqual(b32decode(secret).hex(), self.device().key)
        picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page).group(1)
        self.assertIn(b"<svg", b64decode(picture))
        with time_machine.travel(now(), tick=False) as clock:
            page = self.do("confirm", code=code_of(self.device()), password=PASSWORD)
            self.assertContains(page, "Your backup codes")
            self.assertNotContains(page, secret)
            codes = re.findall(r"^ *(?:<pre[^>]*>)?([a-z2-7]{8})$", page.content.decode(), re.M)
            self.assertEqual(len(codes), 10)
            again = self.client.get(PAGE)
            self.assertContains(again, "Backup codes: 10 left")
            self.assertNotContains(again, codes[0])
            self.client.logout()
            self.client.post(LOGIN, {"username": "asha", "password": PASSWORD})
            self.assertEqual(self.client.get(PAGE).status_code, 302)
            clock.shift(30)
            self.client.post(CODE, {"code": code_of(self.device())})
            self.assertEqual(self.client.get(PAGE).status_code, 200)

    def test_it_is_off_until_a_code_was_right(self):
        self.do("start")
        for code, password in (("000000", PASSWORD), ("abc", PASSWORD), ("", ""), ("1", "wrong")):
            self.assertEqual(self.do("confirm", code=code, password=password).status_code, 200)
        self.assertFalse(self.device().confirmed)
        self.client.logout()
        self.client.post(LOGIN, {"username": "asha", "password": PASSWORD})
        self.assertEqual(self.client.get(PAGE).status_code, 200)

    def test_it_takes_the_password_of_who_sits_here(self):
        self.do("start")
        page = self.do("confirm", code=code_of(self.device()), password="wrong")
        self.assertContains(page, "not your password")
        self.assertFalse(self.device().confirmed)

    def test_one_can_think_better_of_it(self):
        self.do("start")
        self.do("stop")
        self.assertContains(self.client.get(PAGE), "Set up a second factor")

    def test_who_has_one_starts_no_other(self):
        self.turn_on()
        before = self.device().key
        self.do("start")
        self.do("confirm", code="1", password=PASSWORD)
        self.assertEqual(self.device().key, before)

    def test_it_is_removed_with_password_and_code(self):
        with time_machine.travel(now(), tick=False) as clock:
            self.client.force_login(self.person)
            self.turn_on()
            self.do("remove", code="", password=PASSWORD)
            self.do("remove", code="zzzzzzzz", password=PASSWORD)
            self.do("remove", code=StaticToken.objects.first().token, password="wrong")
            self.assertTrue(self.device().confirmed)
            clock.shift(60)
            self.do("remove", code=code_of(self.device()), password=PASSWORD)
        self.assertFalse(TOTPDevice.objects.exists())
        self.assertFalse(StaticToken.objects.exists())
        self.assertContains(self.client.get(PAGE), "Set up a second factor")

    def test_new_backup_codes_end_the_old_ones(self):
        self.turn_on()
        before = set(StaticToken.objects.values_list("token", flat=True))
        self.assertContains(self.do("renew", password="wrong"), "not your password")
        self.assertContains(self.do("renew", password=PASSWORD), "Your backup codes")
        after = set(StaticToken.objects.values_list("token", flat=True))
        self.assertEqual([len(after), after & before], [10, set()])

    def test_guessing_the_password_here_is_throttled_as_at_the_login(self):
        self.do("start")
        for _ in range(4):
            self.assertEqual(self.do("confirm", code="1", password="wrong").status_code, 200)
        self.assertEqual(self.do("confirm", code="1", password="wrong").status_code, 429)
        self.assertEqual(self.do("confirm", code="1", password=PASSWORD).status_code, 429)
