"""A delivery's page: readable, escaped, and without numbers for whom they are none of."""

from calls.models import Call
from calltrack.models import AuditEntry
from tests import factories
from tests.admin import AdminTestCase, address
from webhooks.models import Delivery, State
from webhooks.payloads import readable


class DeliveryPageTests(AdminTestCase):
    def test_the_payload_is_laid_out_and_escaped(self):
        body = b'{"name":"<script>alert(1)</script>","CallSid":1672649960.960}'
        page = self.open_row(factories.DeliveryFactory(body=body))
        self.assertNotContains(page, "<script>alert")
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;")
        self.assertContains(page, "  &quot;CallSid&quot;: 1672649960.960\n}")

    def test_query_and_headers_are_escaped_too(self):
        evil = "<img src=x>"
        delivery = factories.DeliveryFactory(query="a=%3Cimg+src=x%3E&b=2", headers={"X": evil})
        page = self.open_row(delivery)
        self.assertNotContains(page, evil)
        self.assertContains(page, "a = &lt;img src=x&gt;\nb = 2")

    def test_any_bytes_can_be_looked_at(self):
        for body in (b"", b"\xff\xfe\x00", b"[" * 60_000, "é".encode(), b"a=%ff&b", b"\x80" * 9):
            with self.subTest(body[:9]):
                form = "application/x-www-form-urlencoded"
                self.open_row(factories.DeliveryFactory(body=body))
                self.open_row(factories.DeliveryFactory(body=body, content_type=form))
        self.assertEqual(readable(b"\xff{"), "\\xff{")

    def test_what_laying_out_would_blow_up_is_shown_as_it_came(self):
        body = b"[" * 700 + b"1," * 31_000 + b"1" + b"]" * 700
        page = self.open_row(factories.DeliveryFactory(body=body))
        self.assertContains(page, "shown as it came")
        self.assertContains(page, body.decode())
        self.assertLess(len(page.content), 200_000)
        flat = readable(b"[" + b"1," * 31_000 + b"1]")
        self.assertEqual(flat.count("\n  1"), 31_001)

    def test_a_form_has_a_line_for_each_field(self):
        form = "application/x-www-form-urlencoded; charset=utf-8"
        self.assertEqual(
            readable(b"CallSid=1.960&Status=&x=a+b", form), "CallSid = 1.960\nStatus = \nx = a b"
        )
        self.assertEqual(readable(b'{"a":1}', form), '{\n  "a": 1\n}')

    def test_the_exact_bytes_are_a_download_away_and_who_took_them_is_written_down(self):
        delivery = factories.DeliveryFactory(body=b"\xff")
        url = address(Delivery, "body", delivery.pk)
        self.assertContains(self.open_row(delivery), f'href="{url}"')
        response = self.client.get(url)
        self.assertEqual(response.content, b"\xff")
        self.assertIn("attachment", response["Content-Disposition"])
        self.assertIn("no-store", response["Cache-Control"])
        entry = AuditEntry.objects.get()
        self.assertEqual([entry.action, entry.object_id], ["download", str(delivery.pk)])

    def test_it_takes_two_permissions_to_have_the_exact_bytes(self):
        delivery = factories.DeliveryFactory(body=b"+13125550107")
        url = address(Delivery, "body", delivery.pk)
        full = ["view_delivery", "download_delivery", "see_full_numbers"]
        for may, status in ((full[:2], 403), ([full[0], full[2]], 403), (full, 200)):
            self.client.force_login(factories.UserFactory(may=may))
            with self.subTest(may):
                self.assertEqual(self.client.get(url).status_code, status)
                self.assertEqual(url.encode() in self.open_row(delivery).content, status == 200)
        self.assertEqual(AuditEntry.objects.count(), 1)

    def test_without_full_numbers_none_is_in_the_page(self):
        number = "+13125550107"
        bodies = [
            b'{"from":"+13125550107"}',
            b"From=%2B13125550107&x=1",
            b'{"note":"call \\u002b1 312-555-0107"}',
            number.encode("utf-16"),
            b'{"note":"1312\xff5550107"}',
        ]
        self.look_only()
        for body in bodies:
            delivery = factories.DeliveryFactory(
                body=body,
                query="to=%2B13125550107",
                headers={"X-Caller": number},
                state=State.FAILED,
                reason=f'unread numbers: callDuration "{number}"',
            )
            for page in (self.open_row(delivery), self.open_list(Delivery)):
                with self.subTest(body):
                    for hidden in ("5550107", "555-0107", "0\x001\x000\x007", "\\xff555"):
                        self.assertNotContains(page, hidden)

    def test_the_page_leads_to_what_it_is_about_and_to_its_neighbours(self):
        call = factories.CallFactory()
        one, two, three = (factories.DeliveryFactory(subject=call.pk) for _ in range(3))
        other = factories.DeliveryFactory()
        page = self.open_row(two)
        self.assertContains(page, address(Call, "change", call.pk))
        self.assertContains(page, call.customer_number)
        self.assertEqual([page.context["older"], page.context["newer"]], [one, three])
        self.assertNotContains(page, str(other.pk))

    def test_more_neighbours_take_no_more_queries(self):
        call = factories.CallFactory()
        one, _ = (factories.DeliveryFactory(subject=call.pk) for _ in range(2))
        before = self.queries(address(Delivery, "change", one.pk))
        for _ in range(5):
            factories.DeliveryFactory(subject=call.pk)
        self.assertEqual(self.queries(address(Delivery, "change", one.pk)), before)
        self.assertLessEqual(before, 15)
