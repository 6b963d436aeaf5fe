"""The inbox over REST."""

from datetime import timedelta
from uuid import uuid4

from calls import api_keys
from tests import factories
from tests.api import ApiTestCase
from tests.factories import NOON
from tests.people import member
from webhooks.models import Delivery

AWKWARD = b"\xff\x00<script>alert(1)</script>\r\n{\xe2"


class DeliveriesTests(ApiTestCase):
    def test_a_delivery_shows_every_column_but_its_body(self):
        delivery = factories.DeliveryFactory(headers={"User-Agent": "x"}, query="")
        shown = self.get("deliveries/")["results"][0]
        columns = {field.name for field in Delivery._meta.concrete_fields} - {"body"}
        self.assertEqual(shown.keys(), columns | {"account"})
        self.assertEqual(shown["account"]["id"], str(delivery.endpoint.account_id))
        self.assertEqual(shown["headers"], {"User-Agent": "x"})
        self.assertEqual(self.get(f"deliveries/{delivery.id}/"), shown)

    def test_the_body_comes_back_byte_for_byte_as_a_file(self):
        delivery = factories.DeliveryFactory(body=AWKWARD)
        for path in ("body/", "body"):
            address = f"/api/v1/deliveries/{delivery.id}/{path}"
            response = self.client.get(address, headers=self.headers)
            self.assertEqual(response.content, AWKWARD)
            self.assertEqual(response.headers["Content-Type"], "application/octet-stream")
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
            self.assertIn("attachment", response.headers["Content-Disposition"])

    def test_a_body_is_a_file_for_browsers_too(self):
        delivery = factories.DeliveryFactory(body=AWKWARD)
        may = ["view_delivery", "download_delivery", "see_full_numbers"]
        may += ["view_recording", "play_recording"]
        person = factories.UserFactory(may=may)
        self.client.force_login(person)
        address = f"/api/v1/deliveries/{delivery.id}/body/"
        response = self.client.get(address, headers={"Accept": "text/html"})
        self.assertEqual(response.content, AWKWARD)
        self.assertEqual(response.headers["Content-Type"], "application/octet-stream")

    def test_who_may_not_hear_reads_no_address_of_a_recording(self):
        query = "CallRecordingUrl=https%3A%2F%2Frecords.example%2Fx.wav&Status=ANSWER"
        factories.DeliveryFactory(query=query)
        self.assertEqual(self.get("deliveries/")["results"][0]["query"], query)
        self.client.force_login(member("Operator"))
        told = self.client.get("/api/v1/deliveries/").json()["results"][0]["query"]
        self.assertEqual(told, "CallRecordingUrl=[address of a recording]&Status=ANSWER")

    def test_who_may_not_hear_reads_no_body(self):
        address = f"/api/v1/deliveries/{factories.DeliveryFactory(body=AWKWARD).id}/body/"
        _, text = api_keys.create("deaf", ["deliveries:read", "numbers:full"])
        refused = self.client.get(address, headers={"Authorization": f"Bearer {text}"})
        self.assertContains(refused, "recordings:read", status_code=403)
        may = ["view_delivery", "download_delivery", "see_full_numbers", "view_recording"]
        self.client.force_login(factories.UserFactory(may=may))
        self.assertContains(self.client.get(address), "recordings:read", status_code=403)

    def test_there_is_no_body_of_what_is_not_there(self):
        self.get(f"deliveries/{uuid4()}/body/", 404)
        self.get("deliveries/7/body/", 404)

    def test_each_filter_finds_its_deliveries_and_no_others(self):
        factories.DeliveryFactory()
        wanted = factories.DeliveryFactory(
            endpoint__account__callerdesk=True,
            kind="call_report",
            state="failed",
            reason="It is no JSON.",
            received_at=NOON - timedelta(days=1),
        )
        cases = {
            "provider": "callerdesk",
            "account": wanted.endpoint.account_id,
            "endpoint": wanted.endpoint_id,
            "kind": "call_report",
            "subject": wanted.subject,
            "state": "failed",
            "received_at__lt": NOON.isoformat(),
        }
        for name, value in cases.items():
            with self.subTest(name):
                self.assertEqual(self.ids("deliveries/", **{name: value}), [str(wanted.id)])
        self.assertEqual(len(self.ids("deliveries/", state=["failed", "processed"])), 2)
        for name, value in {"state": "lost", "subject": "7", "colour": "red"}.items():
            with self.subTest(name):
                self.assertEqual(self.faults("deliveries/", **{name: value}), [name])

    def test_a_page_of_ten_takes_the_queries_of_a_page_of_one(self):
        factories.DeliveryFactory.create_batch(10)
        with self.assertNumQueries(self.queries("deliveries/", page_size=1)):
            self.assertEqual(len(self.get("deliveries/", page_size=10)["results"]), 10)
