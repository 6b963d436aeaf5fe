"""A number within a name, a label, a word or a kind is as hidden as one in a column of numbers."""

from django.urls import reverse
from django.utils.timezone import now

from calls import annotations
from calls.choices import Status
from calls.models import Call, CallTag, Disposition, MissedCustomer, Tag
from calls.tallies import recount_everything
from tests import factories
from tests.admin import AdminTestCase, address
from tests.calls.directory import service_number
from tests.people import member
from webhooks.models import Delivery
from webhooks.models.deliveries import utc_date

IN_A_NAME = "98123 45670"


class HiddenNamesTests(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        account = factories.AccountFactory()
        named = {"label": f"Shop {IN_A_NAME}", "source": f"Ads {IN_A_NAME}"}
        service = service_number(account, "+13125550177", campaign=f"Flyer {IN_A_NAME}", **named)
        calls = [
            factories.CallFactory(
                account=account, to_number=service.number, begun_at=now(), **columns
            )
            for columns in (
                {"status": Status.NO_ANSWER, "missed": True},
                {"status": Status.RINGING, "is_over": False},
            )
        ]
        author = member("Supervisor")
        tag = annotations.tag_named(f"VIP {IN_A_NAME}")
        annotations.set_tags(calls[0], author, add=[tag])
        disposition = Disposition.objects.create(name=f"Moved to {IN_A_NAME}")
        annotations.set_disposition(calls[0], author, disposition)
        recount_everything()
        cls.delivery = factories.DeliveryFactory(
            kind=f"tel:{IN_A_NAME}", state="failed", reason="x", subject=calls[0].pk
        )
        Delivery.objects.update(received_at=now(), received_on=utc_date(now()))
        cls.pages = {
            "home": reverse("admin:index"),
            "sources": reverse("admin:sources"),
            "live": reverse("admin:live"),
            "list": address(Call, "changelist"),
            "missed": address(MissedCustomer, "changelist"),
            "call": address(Call, "change", calls[0].pk),
            "why": reverse("admin:calls_call_why", args=[calls[0].pk]),
            "tags": address(Tag, "changelist"),
            "tag": address(Tag, "change", tag.pk),
            "worn": address(CallTag, "changelist"),
            "dispositions": address(Disposition, "changelist"),
            "disposition": address(Disposition, "change", disposition.pk),
            "inbox": address(Delivery, "changelist"),
            "delivery": address(Delivery, "change", cls.delivery.pk),
            "attention": reverse("admin:needs_attention"),
        }

    def test_who_sees_no_numbers_sees_none_in_a_name(self):
        for group in ("Viewer", "Operator"):
            self.client.force_login(member(group))
            for name, url in self.pages.items():
                with self.subTest(group=group, page=name):
                    page = self.client.get(url)
                    self.assertEqual(page.status_code, 200)
                    self.assertNotIn("98123", page.content.decode())

    def test_no_search_for_a_word_finds_out_a_number_in_it(self):
        for group, found in (("Viewer", 0), ("Supervisor", 1)):
            self.client.force_login(member(group))
            for model in (Tag, Disposition):
                with self.subTest(group=group, model=model):
                    page = self.client.get(address(model, "changelist"), {"q": "98123"})
                    self.assertEqual(len(page.context["cl"].result_list), found)

    def test_the_pages_of_others_do_hold_them(self):
        self.client.force_login(member("Supervisor"))
        for name in self.pages.keys() - {"why", "worn"}:
            with self.subTest(name):
                self.assertIn(IN_A_NAME, self.client.get(self.pages[name]).content.decode())
