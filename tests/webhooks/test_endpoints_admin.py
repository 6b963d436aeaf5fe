"""Endpoints in the admin: listed, changed, tried; who may."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

from django.utils.timezone import now

from calls.models import Call
from calltrack.models import AuditEntry
from tests import factories
from tests.admin import AdminTestCase, address
from tests.webhooks.door import OTHER_SECRET, Door
from webhooks import endpoints, inbox
from webhooks.models import Delivery, Endpoint, EndpointHour, Secret, State

LIST, ADD = address(Endpoint, "changelist"), address(Endpoint, "add")


class EndpointAdminTestCase(Door, AdminTestCase):
    def setUp(self):
        super().setUp()
        self.client.force_login(self.superuser)

    def post(self, name, endpoint, follow=True, **given):
        return self.client.post(address(Endpoint, name, endpoint.pk), given, follow=follow)

    def said(self, page):
        return [str(message) for message in page.context["messages"]]

    def entries(self):
        return list(AuditEntry.objects.order_by("at").values_list("action", "details__what"))

    def tokens(self, endpoint):
        return endpoint.secrets.filter(kind="token").order_by("-created_at", "-id")


class SettingsTests(EndpointAdminTestCase):
    def save(self, endpoint, **changes):
        given = {
            "label": endpoint.label,
            "region": endpoint.region,
            "time_zone": endpoint.time_zone,
            "agent_numbers": "\n".join(endpoint.agent_numbers),
            "recording_hosts": "\n".join(endpoint.account.recording_hosts),
            "active": "on",
        } | changes
        page = self.client.post(address(Endpoint, "change", endpoint.pk), given)
        endpoint.refresh_from_db()
        return page.context["form"].errors if page.status_code == 200 else {}

    def test_what_people_may_change_is_changed_checked_and_written_down(self):
        endpoint = self.callerdesk
        errors = self.save(
            endpoint,
            label="Pune",
            region="in",
            time_zone="Asia/Kolkata",
            agent_numbers="09000012345\r\n+919000054321\r\n\r\n9000012345",
            recording_hosts="b.example.com\r\nA.example.com",
        )
        self.assertEqual(errors, {})
        self.assertEqual([endpoint.label, endpoint.region], ["Pune", "IN"])
        self.assertEqual(endpoint.agent_numbers, ["+919000012345", "+919000054321"])
        self.assertEqual(endpoint.account.recording_hosts, ["a.example.com", "b.example.com"])
        entry = AuditEntry.objects.get()
        fields = ["recording_hosts", "label", "agent_numbers"]
        self.assertEqual(entry.details, {"what": "settings", "fields": fields})

    def test_an_endpoint_can_be_switched_off(self):
        self.save(self.callerdesk, active="")
        self.assertEqual(self.get_callerdesk().status_code, 404)

    def test_what_cannot_be_is_refused_by_name(self):
        for name, value in {
            "time_zone": "Mars/Olympus",
            "region": "XX",
            "agent_numbers": "not a number",
            "recording_hosts": "rec.example.com; script-src *",
        }.items():
            with self.subTest(name):
                self.assertEqual(list(self.save(self.callerdesk, **{name: value})), [name])
        for host in (
            "localhost",
            "a..example.com",
            "*.example.com",
            "10.0.0.1",
            "a b.com",
            "é.com",
        ):
            with self.subTest(host):
                self.assertTrue(self.save(self.callerdesk, recording_hosts=host))

    def test_the_providers_account_id_is_told_once(self):
        endpoint = factories.EndpointFactory(account__provider_account_id="")
        self.save(endpoint, provider_account_id="AC1")
        self.save(endpoint, provider_account_id="AC2")
        endpoint.account.refresh_from_db()
        self.assertEqual(endpoint.account.provider_account_id, "AC1")

    def test_who_may_not_see_numbers_neither_sees_nor_loses_those_of_agents(self):
        self.save(self.callerdesk, agent_numbers="+919000012345")
        may = ["view_endpoint", "change_endpoint"]
        self.client.force_login(factories.UserFactory(may=may))
        page = self.open(address(Endpoint, "change", self.callerdesk.pk))
        self.assertNotContains(page, "9000012345")
        self.save(self.callerdesk, label="Pune", agent_numbers="")
        self.assertEqual(self.callerdesk.label, "Pune")
        self.assertEqual(self.callerdesk.agent_numbers, ["+919000012345"])
        self.look_only()
        page = self.open(address(Endpoint, "change", self.callerdesk.pk))
        self.assertNotContains(page, "9000012345")
        self.assertContains(page, "2345")


class TestDeliveryTests(EndpointAdminTestCase):
    def test_it_goes_the_way_of_a_providers_and_makes_no_call(self):
        for endpoint in (self.freeclimb, self.callerdesk):
            with self.subTest(endpoint.provider):
                page = self.post("test", endpoint)
                delivery = Delivery.objects.get(endpoint=endpoint)
                self.assertContains(page, "Why it is ignored")
                self.assertEqual(delivery.reason, "A test delivery sent from the admin.")
                self.assertEqual([delivery.kind, delivery.state], ["test", State.IGNORED])
        self.assertFalse(Call.objects.exists())
        self.post("test", self.freeclimb)
        self.assertEqual(Delivery.objects.count(), 3)
        inbox.process_again(list(Delivery.objects.select_related("endpoint__account")))
        self.assertEqual(set(Delivery.objects.values_list("state", flat=True)), {State.IGNORED})

    def test_no_provider_can_send_one(self):
        self.assertEqual(self.client.generic("TEST", self.callerdesk_path).status_code, 405)

    def test_a_busy_database_is_told_of(self):
        with mock.patch.object(inbox, "put", side_effect=inbox.Unavailable("locked")):
            said = self.said(self.post("test", self.freeclimb))
        self.assertEqual(said, ["It could not be stored: locked"])


class ListTests(EndpointAdminTestCase):
    def hour(self, endpoint, hours, deliveries):
        begins = now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
        EndpointHour.objects.create(
            id=uuid4(),
            endpoint=endpoint,
            begins_at=begins,
            deliveries=deliveries,
            last_received_at=begins,
        )

    def row(self, endpoint):
        rows = self.open(LIST).context["rows"]
        return next(row for row in rows if row.pk == endpoint.pk)

    def test_it_tells_when_each_was_heard_last_and_what_came_within_a_day(self):
        self.assertContains(self.open(LIST), "–")
        for hours, deliveries in ((30, 5), (20, 1_000), (2, 7)):
            self.hour(self.callerdesk, hours, deliveries)
        row = self.row(self.callerdesk)
        self.assertEqual(row.lately_words, "1,007")
        self.assertLess(now() - row.silence.last, timedelta(hours=4))
        self.assertIsNone(self.row(self.freeclimb).silence.last)

    def test_it_tells_what_is_wrong(self):
        self.assertEqual(self.row(self.freeclimb).marks, [])
        bare = factories.EndpointFactory()
        self.assertEqual(len(self.row(bare).marks), 2)
        open_door = factories.EndpointFactory(allow_unsigned=True)
        self.assertIn(("badge--warn", "Unsigned allowed"), self.row(open_door).marks)
        endpoints.new_token(self.callerdesk)
        self.assertEqual(self.row(self.callerdesk).marks, [("", "Being rotated")])

    def test_more_endpoints_take_no_more_queries(self):
        one = self.queries(LIST)
        for _ in range(6):
            self.hour(factories.SecretFactory().endpoint, 1, 2)
        self.assertEqual(self.queries(LIST), one)
        self.assertLessEqual(one, 15)


class PermissionTests(EndpointAdminTestCase):
    def test_who_may_only_look_gets_no_button_and_changes_nothing(self):
        self.look_only()
        page = self.open(address(Endpoint, "change", self.freeclimb.pk))
        for button in ("Save", ">Drop<", "Make a new address", "Send a test", ">Add<"):
            self.assertNotContains(page, button)
        self.assertNotContains(self.open(LIST), "New endpoint")
        before = list(Secret.objects.values_list("pk", flat=True).order_by("pk"))
        for name in ("token", "secret", "drop", "test", "change"):
            with self.subTest(name):
                url = address(Endpoint, name, self.freeclimb.pk)
                token = self.tokens(self.freeclimb).get().pk
                given = {"after": token, "secret": OTHER_SECRET, "label": "Mine"}
                self.assertEqual(self.client.post(url, given).status_code, 403)
        self.assertEqual(self.client.post(ADD, {"account": "x"}).status_code, 403)
        self.assertEqual(self.client.get(ADD).status_code, 403)
        self.assertEqual(list(Secret.objects.values_list("pk", flat=True).order_by("pk")), before)
        self.assertFalse(Delivery.objects.exists() or AuditEntry.objects.exists())

    def test_nothing_is_done_by_looking(self):
        for name in ("token", "secret", "drop", "test"):
            url = address(Endpoint, name, self.freeclimb.pk)
            self.assertEqual(self.client.get(url).status_code, 405)

    def test_a_form_of_another_site_does_nothing(self):
        self.client.handler.enforce_csrf_checks = True
        for name in ("token", "secret", "drop", "test", "change"):
            url = address(Endpoint, name, self.freeclimb.pk)
            self.assertEqual(self.client.post(url).status_code, 403)

    def test_an_endpoint_that_is_not_there_is_not_found(self):
        for name in ("token", "secret", "drop", "test"):
            url = address(Endpoint, name, uuid4())
            self.assertEqual(self.client.post(url).status_code, 404)
