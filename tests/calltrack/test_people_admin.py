"""Users and groups in the admin: no way up for oneself, and help for who cannot come in."""

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.utils.timezone import now
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests import factories
from tests.admin import AdminTestCase, address
from tests.people import member


class PersonTests(AdminTestCase):
    def setUp(self):
        self.administrator = member("Administrator", username="head")
        self.client.force_login(self.administrator)

    def act(self, action, *people):
        given = {"action": action, "_selected_action": [one.pk for one in people]}
        return self.client.post(address(User, "changelist"), given, follow=True)

    def test_an_administrator_puts_people_into_groups(self):
        person = factories.UserFactory(username="asha")
        group = Group.objects.get(name="Operator")
        given = {"username": "asha", "is_active": "on", "is_staff": "on", "groups": [group.pk]}
        self.assertEqual(
            self.client.post(address(User, "change", person.pk), given).status_code, 302
        )
        self.assertTrue(User.objects.get(pk=person.pk).has_perm("calls.annotate_call"))

    def test_a_new_person_can_come_in_at_once(self):
        group = Group.objects.get(name="Viewer")
        given = {"username": "ben", "is_staff": "on", "groups": [group.pk]}
        given |= dict.fromkeys(("password1", "password2"), "correct horse battery")
        given["usable_password"] = "true"
        self.client.post(address(User, "add"), given)
        self.assertTrue(User.objects.get(username="ben").has_perm("calls.view_call"))

    def test_nobody_makes_themselves_or_others_superuser(self):
        given = {"username": "head", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
        self.client.post(address(User, "change", self.administrator.pk), given)
        self.administrator.refresh_from_db()
        self.assertFalse(self.administrator.is_superuser)

    def test_a_superuser_is_out_of_reach(self):
        boss = self.superuser
        TOTPDevice.objects.create(user=boss, name="app", confirmed=True)
        for page, given in (("change", {"username": "x"}), ("delete", {"post": "yes"})):
            answer = self.client.post(address(User, page, boss.pk), given)
            self.assertEqual(answer.status_code, 403)
        password = f"/admin/auth/user/{boss.pk}/password/"
        self.assertEqual(self.client.get(password).status_code, 403)
        for action in ("remove_second_factor", "let_in_again"):
            self.assertEqual(self.act(action, boss).status_code, 403)
        given = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}
        self.client.post(address(User, "changelist"), given)
        self.assertTrue(User.objects.filter(pk=boss.pk).exists())
        self.assertTrue(TOTPDevice.objects.exists())

    def test_a_lost_second_factor_is_removed_and_that_is_kept(self):
        person = factories.UserFactory(username="asha")
        TOTPDevice.objects.create(user=person, name="app", confirmed=True)
        StaticDevice.objects.create(user=person, name="codes")
        self.assertContains(self.act("remove_second_factor", person), "Removed from 1")
        self.assertFalse(TOTPDevice.objects.exists() or StaticDevice.objects.exists())
        entry = LogEntry.objects.get()
        self.assertEqual([entry.user, entry.object_id], [self.administrator, str(person.pk)])

    def test_who_tried_too_often_is_let_in_again(self):
        person = factories.UserFactory(username="asha")
        for name in ("asha", "ben"):
            AccessAttempt.objects.create(
                username=name, failures_since_start=5, attempt_time=now(), ip_address="10.0.0.1"
            )
        self.act("let_in_again", person)
        self.assertEqual([one.username for one in AccessAttempt.objects.all()], ["ben"])

    def test_no_page_shows_a_secret(self):
        device = TOTPDevice.objects.create(user=self.superuser, name="app", confirmed=True)
        self.client.force_login(self.viewer)
        self.assertNotContains(self.open(address(User, "changelist")), device.key)
        self.assertNotContains(self.open_row(self.superuser), device.key)
        for page in ("otp_totp/totpdevice/", "otp_static/staticdevice/", "axes/accessattempt/"):
            self.assertEqual(self.client.get(f"/admin/{page}").status_code, 404)

    def test_thirty_people_take_the_queries_of_three(self):
        three = self.queries(address(User, "changelist"))
        for number in range(27):
            member("Viewer", username=f"viewer{number}")
        with self.assertNumQueries(three):
            self.open_list(User)
