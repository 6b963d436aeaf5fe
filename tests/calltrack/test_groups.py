"""Who may do what: the four groups that an installation begins with."""

import importlib

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test import TestCase

from tests.people import LADDER, member

migration = importlib.import_module("calltrack.migrations.0002_groups")


class GroupTests(TestCase):
    def assert_may(self, group, permission, expected):
        self.assertEqual(member(group).has_perm(permission), expected, f"{group} {permission}")

    def test_each_group_may_what_the_one_before_may_and_more(self):
        sets = [member(name).get_all_permissions() for name in LADDER]
        for smaller, larger in zip(sets, sets[1:], strict=False):
            self.assertLess(smaller, larger)

    def test_what_begins_with_which_group(self):
        """Each permission with the first group of the ladder that has it."""
        begins = {
            "calls.view_call": "Viewer",
            "calls.view_recording": "Viewer",
            "calls.view_missedcustomer": "Viewer",
            "webhooks.view_delivery": "Viewer",
            "webhooks.view_endpoint": "Viewer",
            "webhooks.view_subscription": "Viewer",
            "webhooks.view_message": "Viewer",
            "webhooks.view_attempt": "Viewer",
            "calls.annotate_call": "Operator",
            "calls.add_savedview": "Operator",
            "calls.see_full_numbers": "Supervisor",
            "calls.reveal_number": "Supervisor",
            "calls.play_recording": "Supervisor",
            "calls.download_recording": "Supervisor",
            "calls.export_call": "Supervisor",
            "calls.change_servicenumber": "Supervisor",
            "calls.change_agent": "Supervisor",
            "webhooks.process_delivery_again": "Supervisor",
            "calltrack.view_auditentry": "Supervisor",
            "webhooks.download_delivery": "Administrator",
            "webhooks.change_endpoint": "Administrator",
            "webhooks.change_subscription": "Administrator",
            "calls.change_integration": "Administrator",
            "webhooks.view_secret": "Administrator",
            "calls.view_apikey": "Administrator",
            "calls.add_tag": "Administrator",
            "auth.change_user": "Administrator",
            "auth.change_group": "Administrator",
        }
        for permission, first in begins.items():
            for group in LADDER:
                self.assert_may(group, permission, LADDER.index(group) >= LADDER.index(first))

    def test_an_administrator_may_everything_of_ours(self):
        person = member("Administrator")
        for permission in Permission.objects.select_related("content_type"):
            app = permission.content_type.app_label
            if app in ("calls", "webhooks", "calltrack"):
                self.assertTrue(person.has_perm(f"{app}.{permission.codename}"), permission)

    def test_running_it_again_changes_nothing(self):
        before = Permission.objects.count(), [set(g.permissions.all()) for g in Group.objects.all()]
        migration.make(apps, connection.schema_editor())
        after = Permission.objects.count(), [set(g.permissions.all()) for g in Group.objects.all()]
        self.assertEqual(after, before)

    def test_no_permission_stands_twice_once_django_has_added_its_own(self):
        before = Permission.objects.count()
        call_command("migrate", verbosity=0)  # ends with Django's own adding
        self.assertEqual(Permission.objects.count(), before)
        names = dict(Permission.objects.values_list("codename", "name"))
        self.assertEqual(names["view_servicenumber"], "Can view service number")
        self.assertEqual(names["view_missedcustomer"], "Can view missed call to return")

    def test_it_can_be_taken_back_and_done_again(self):
        migration.unmake(apps, connection.schema_editor())
        self.assertEqual(Group.objects.count(), 0)
        migration.make(apps, connection.schema_editor())
        self.assertEqual(Group.objects.count(), 4)
        self.assert_may("Supervisor", "calls.see_full_numbers", True)
