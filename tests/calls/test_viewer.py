"""Whose eyes full numbers are for: on pages, and in the API for people who are logged in."""

import json
import re
from zoneinfo import ZoneInfo

from django.test import RequestFactory, TestCase
from django.utils import timezone

from calls.models import Call, Leg, Recording
from calls.viewer import ViewerMiddleware, viewer_for
from calltrack.models import AuditEntry, Profile
from tests import factories
from tests.people import member

CUSTOMER, SERVICE, AGENT = "+919000044209", "+13125550177", "+13125550188"
LISTS = ("calls", "legs", "conferences", "participants", "recordings", "accounts", "deliveries")


class ViewerTests(TestCase):
    def test_a_viewer_has_the_persons_permission_and_time_zone(self):
        person = member("Supervisor")
        Profile.objects.create(user=person, time_zone="Asia/Kolkata")
        viewer = viewer_for(person)
        self.assertEqual(viewer.number(CUSTOMER), CUSTOMER)
        self.assertEqual(viewer.text(f"call {CUSTOMER}"), f"call {CUSTOMER}")
        self.assertEqual(viewer.zone, ZoneInfo("Asia/Kolkata"))
        viewer = viewer_for(member("Operator"))
        self.assertEqual(viewer.number(CUSTOMER), "+91••••••4209")
        self.assertEqual(viewer.text(f"call {CUSTOMER}"), "call +91••••••4209")
        self.assertEqual(viewer.zone, ZoneInfo("UTC"))

    def test_pages_show_times_in_the_persons_zone_and_others_do_not(self):
        person = member("Viewer")
        Profile.objects.create(user=person, time_zone="Asia/Kolkata")
        seen = {}
        for path in ("/admin/", "/api/v1/calls/"):
            request = RequestFactory().get(path)
            request.user = person
            ViewerMiddleware(
                lambda one: seen.update({one.path: timezone.get_current_timezone_name()})
            )(request)
        self.assertEqual(seen, {"/admin/": "Asia/Kolkata", "/api/v1/calls/": "UTC"})


class ApiTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.call = factories.CallFactory(
            from_number=CUSTOMER,
            to_number=SERVICE,
            customer_digits=CUSTOMER[:0:-1],
            agent_number=AGENT,
            agent_name=f"Asha {AGENT}",
            group_name="09000044209",
        )
        child = factories.CallFactory(
            account=cls.call.account, parent=cls.call, from_number=SERVICE, to_number=CUSTOMER
        )
        factories.LegFactory(call=cls.call, connected_call=child, number=AGENT, raw_number=AGENT)
        factories.RecordingFactory(
            call=cls.call, url=f"https://recordings.example/{CUSTOMER[1:]}_20260101.mp3"
        )
        factories.ParticipantFactory(call=cls.call, conference__account=cls.call.account)
        cls.delivery = factories.DeliveryFactory(
            endpoint__account=cls.call.account,
            subject=cls.call.id,
            query=f"from=%2B{CUSTOMER[1:]}",
            reason=f"no such number {CUSTOMER}",
            headers={"x-called": SERVICE},
            body=json.dumps({"from": CUSTOMER}).encode(),
        )
        cls.addresses = [f"/api/v1/{name}/" for name in LISTS]
        for name, row in (("calls", cls.call), ("deliveries", cls.delivery)):
            cls.addresses.append(f"/api/v1/{name}/{row.pk}/")

    def read(self, person):
        self.client.force_login(person)
        pages = {address: self.client.get(address) for address in self.addresses}
        self.assertEqual({page.status_code for page in pages.values()}, {200})
        return "\n".join(page.content.decode() for page in pages.values())

    def test_who_sees_full_numbers_reads_them(self):
        text = self.read(member("Supervisor"))
        for number in (CUSTOMER, SERVICE, AGENT):
            self.assertIn(number, text)

    def test_others_read_masked_ones_in_every_column(self):
        text = self.read(member("Operator"))
        for number in (CUSTOMER, SERVICE, AGENT):
            self.assertNotIn(number[3:], text)
            self.assertNotIn(number[:0:-1], text)
        self.assertIn('"from_number":"+91••••••4209"', text)
        self.assertIn(str(self.call.id), text)
        self.assertIn(self.call.provider_call_id, text)
        self.assertEqual(re.findall(r"9000044209|90000 ?44209", text), [])

    def test_nobody_is_shown_the_digits_that_are_there_to_be_searched(self):
        self.assertNotIn("customer_digits", self.read(factories.UserFactory(is_superuser=True)))

    def test_a_masked_number_can_be_asked_for_as_a_whole_only(self):
        self.client.force_login(member("Viewer"))
        for asked, found in ((CUSTOMER, 1), (CUSTOMER[:-1], 0), ("4209", 0)):
            page = self.client.get("/api/v1/calls/", {"customer_number": asked, "is_root": "true"})
            self.assertEqual(len(page.json()["results"]), found, asked)
        for name in ("customer_number__startswith", "customer_digits", "ordering"):
            asked = self.client.get("/api/v1/calls/", {name: CUSTOMER[:5]})
            self.assertEqual(asked.status_code, 400, name)

    def test_exact_bytes_need_the_permission_and_are_written_down(self):
        address = f"/api/v1/deliveries/{self.delivery.pk}/body/"
        for group, status in (("Viewer", 403), ("Supervisor", 403), ("Administrator", 200)):
            with self.subTest(group):
                self.client.force_login(member(group))
                self.assertEqual(self.client.get(address).status_code, status)
        person = factories.UserFactory(may=["view_delivery", "download_delivery"])
        self.client.force_login(person)
        self.assertEqual(self.client.get(address).status_code, 403)
        entry = AuditEntry.objects.get()
        self.assertEqual(
            [entry.action, entry.object_type, entry.object_id, entry.address],
            ["download", "delivery", str(self.delivery.pk), "127.0.0.1"],
        )

    def test_every_column_of_a_number_is_known_as_one(self):
        from calls.serializers import NUMBERS

        for model in (Call, Leg, Recording):
            for field in model._meta.concrete_fields:
                if "number" in field.name and field.name != "phone_number_id":
                    self.assertIn(field.name, NUMBERS)
