"""The audit log: written by one function, read by few, changed by nobody."""

from django.test import RequestFactory, TestCase

from calltrack import audit
from calltrack.models import AuditEntry
from tests import factories
from tests.admin import AdminTestCase, address
from tests.people import member

Action = AuditEntry.Action


def entry(user, action=Action.PLAY, **details):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = user
    return audit.record(request, action, object_type="recording", object_id="r1", **details)


class RecordTests(TestCase):
    def test_it_says_who_did_what_to_what_from_where(self):
        person = factories.UserFactory(username="asha")
        made = entry(person, seconds=42)
        made.refresh_from_db()
        self.assertEqual(
            [made.user, made.username, made.action, made.object_type, made.object_id],
            [person, "asha", "play", "recording", "r1"],
        )
        self.assertEqual([made.address, made.details], ["192.0.2.7", {"seconds": 42}])

    def test_it_outlives_the_person(self):
        person = factories.UserFactory(username="asha")
        made = entry(person)
        person.delete()
        made.refresh_from_db()
        self.assertEqual([made.user, made.username], [None, "asha"])


class PageTests(AdminTestCase):
    def test_the_newest_stands_first_and_filters_find_their_own(self):
        asha, ben = (factories.UserFactory(username=name) for name in ("asha", "ben"))
        first, second, third = entry(asha), entry(ben), entry(asha, Action.EXPORT)
        self.assertEqual(self.listed(AuditEntry), [third, second, first])
        self.assertEqual(self.listed(AuditEntry, user__id__exact=asha.pk), [third, first])
        self.assertEqual(self.listed(AuditEntry, action__exact="export"), [third])
        self.assertEqual(self.listed(AuditEntry, q="ben"), [second])

    def test_nobody_changes_or_deletes_an_entry(self):
        made = entry(self.superuser)
        for person in (self.superuser, member("Administrator"), member("Supervisor")):
            self.client.force_login(person)
            self.assertContains(self.open_row(made), "192.0.2.7")
            self.assertNotContains(self.open_list(AuditEntry), "delete_selected")
            selected = {"action": "delete_selected", "_selected_action": [made.pk], "post": "yes"}
            self.client.post(address(AuditEntry, "changelist"), selected)
            for page, given in (("change", {"username": "x"}), ("delete", {"post": "yes"})):
                answer = self.client.post(address(AuditEntry, page, made.pk), given)
                self.assertEqual(answer.status_code, 403)
            self.assertEqual(self.client.get(address(AuditEntry, "add")).status_code, 403)
        self.assertEqual(AuditEntry.objects.get().username, made.username)

    def test_it_is_read_from_supervisor_on(self):
        for group, status in (("Viewer", 403), ("Operator", 403), ("Supervisor", 200)):
            self.client.force_login(member(group))
            self.assertEqual(self.client.get(address(AuditEntry, "changelist")).status_code, status)
