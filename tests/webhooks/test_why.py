"""Why is it so: which delivery said it, how strongly, and what lost."""

from django.test import TestCase

from calls.desk.provenance import reasons
from calls.models import Call, Leg, Recording
from tests import factories
from tests.admin import address
from tests.webhooks.door import Door, call_event, call_report
from webhooks import why
from webhooks.admin import call_page
from webhooks.models import Delivery


class WhyTests(Door, TestCase):
    def said(self, row, field):
        found, _ = call_page.sayings(row)
        return [(one.value, one.strength, one.kind, one.stands) for one in found[field]]

    def test_the_stronger_word_stands_and_what_lost_is_told(self):
        self.post_freeclimb(call_event("inboundCall", callStatus="ringing"), t=None)
        self.post_freeclimb(call_event(callEndedReason="completed", callDuration=30))
        call = Call.objects.get()
        told = self.said(call, "status")
        self.assertEqual(
            [(value[1], strength, kind, stands) for value, strength, kind, stands in told],
            [
                ("completed", "Final event", "callStatus", True),
                ("ringing", "Progress event", "inboundCall", False),
            ],
        )
        self.assertEqual(
            [stands for *_, stands in self.said(call, "duration_seconds")],
            [True],
        )

    def test_what_stands_is_what_the_row_holds(self):
        for kind in ("inboundCall", "getDigits", "callStatus"):
            self.post_freeclimb(call_event(kind))
        self.post_callerdesk(call_report())
        for row in (*Call.objects.all(), *Leg.objects.all(), *Recording.objects.all()):
            for name, found in call_page.sayings(row)[0].items():
                with self.subTest(row, field=name):
                    self.assertEqual(
                        [one.stands for one in found], [True] + [False] * (len(found) - 1)
                    )
                    if name in ("direction", "service_number", "name", "url", "talk_seconds"):
                        self.assertEqual(found[0].value[0], getattr(row, name))

    def test_a_value_whose_delivery_is_gone_still_has_its_reason(self):
        self.post_freeclimb(call_event("inboundCall", callStatus="ringing"))
        self.post_freeclimb(call_event())
        Delivery.objects.filter(kind="callStatus").delete()
        told = self.said(Call.objects.get(), "status")
        self.assertEqual(told[0][2:], ("a delivery that is no longer kept", True))
        self.assertEqual(told[1][2:], ("inboundCall", False))

    def test_reading_has_a_bound(self):
        for number in range(4):
            self.post_freeclimb(call_event("getDigits", digits=str(number)))
        before, why.MOST_READ = why.MOST_READ, 3
        try:
            found, complete = call_page.sayings(Call.objects.get())
        finally:
            why.MOST_READ = before
        self.assertFalse(complete)
        self.assertLessEqual(len(found["direction"]), 4)

    def test_what_cannot_be_read_says_nothing(self):
        self.post_freeclimb(call_event())
        call = Call.objects.get()
        for body in (b"\xff", b"{}", b"[1]"):
            factories.DeliveryFactory(endpoint=self.freeclimb, subject=call.pk, body=body)
        self.assertEqual(len(self.said(call, "status")), 1)

    def test_a_row_knows_its_reasons_without_the_inbox(self):
        self.post_freeclimb(call_event())
        why_so = reasons(Call.objects.get())
        self.assertEqual(why_so["status"].strength, "Final event")
        self.assertEqual(why_so["provider_status"].field, "status")
        self.assertEqual(why_so["from_raw"].delivery, Delivery.objects.get().pk)
        self.assertIn("direction", why_so["customer_number"].sentence)
        self.assertNotIn("talk_seconds", why_so)


class PageTests(Door, TestCase):
    def setUp(self):
        super().setUp()
        for kind in ("inboundCall", "callStatus"):
            self.post_freeclimb(call_event(kind))
        self.call = Call.objects.get()
        self.client.force_login(factories.UserFactory(is_superuser=True))

    def test_every_field_says_which_delivery_said_it(self):
        page = self.client.get(address(Call, "change", self.call.pk))
        delivery = Delivery.objects.get(kind="callStatus")
        self.assertContains(page, f"/admin/webhooks/delivery/{delivery.pk}/change/")
        self.assertContains(page, "Strength: final event.")
        self.assertContains(page, f"/admin/calls/call/{self.call.pk}/why/#status")

    def test_deliveries_stand_in_order_with_their_payload(self):
        page = self.client.get(address(Call, "change", self.call.pk))
        kinds = [one.kind for one in page.context["heard"]]
        self.assertEqual(kinds, ["inboundCall", "callStatus"])
        self.assertContains(page, "&quot;callStatus&quot;: &quot;completed&quot;")

    def test_very_many_deliveries_are_in_the_inbox(self):
        factories.DeliveryFactory.create_batch(
            110, endpoint=self.freeclimb, subject=self.call.pk, body=b"x" * 30_000
        )
        page = self.client.get(address(Call, "change", self.call.pk))
        self.assertEqual(len(page.context["heard"]), 100)
        self.assertContains(page, f"/admin/webhooks/delivery/?subject={self.call.pk}")
        self.assertContains(page, "It is longer than that")

    def test_the_page_of_reasons_shows_what_lost(self):
        page = self.client.get(f"/admin/calls/call/{self.call.pk}/why/")
        self.assertContains(page, "lost")
        self.assertContains(page, "In progress")
        self.assertEqual(
            self.client.get(f"/admin/calls/call/{factories.uuid4()}/why/").status_code, 404
        )

    def test_a_leg_that_follows_from_its_call_leads_there(self):
        leg = Leg.objects.get()
        page = self.client.get(f"/admin/calls/leg/{leg.pk}/why/")
        self.assertContains(page, f"/admin/calls/call/{self.call.pk}/why/")

    def test_the_address_of_a_recording_is_no_reason(self):
        self.post_callerdesk(call_report())
        self.client.force_login(factories.UserFactory(is_superuser=True))
        recording = Recording.objects.get()
        page = self.client.get(f"/admin/calls/recording/{recording.pk}/why/")
        self.assertContains(page, "kept out of pages")
        self.assertNotContains(page, "callrecords")

    def test_the_inbox_is_for_those_who_may_look_into_it(self):
        self.client.force_login(factories.UserFactory(may=["view_call"]))
        page = self.client.get(address(Call, "change", self.call.pk))
        for delivery in Delivery.objects.all():
            self.assertNotContains(page, str(delivery.pk))
        self.assertNotContains(page, "Deliveries")
        self.assertContains(page, "Said by a delivery")
        url = f"/admin/calls/call/{self.call.pk}/why/"
        self.assertEqual(self.client.get(url).status_code, 403)
