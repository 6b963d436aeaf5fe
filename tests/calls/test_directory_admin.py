"""Naming numbers and agents, and the words that people put on calls."""

from datetime import timedelta
from uuid import uuid4

from django.utils.timezone import now

from calls import tallies
from calls.models import (
    Agent,
    Call,
    CallDisposition,
    CallTag,
    Disposition,
    ServiceNumber,
    StaleSlot,
    Tag,
)
from tests import factories
from tests.admin import AdminTestCase, address
from tests.people import member

NUMBER = "+13125550143"


def service_number(account, number=NUMBER, **columns):
    return ServiceNumber.objects.create(account=account, number=number, **columns)


def agent(account, number=NUMBER, **columns):
    return Agent.objects.create(account=account, number=number, **columns)


class DirectoryTestCase(AdminTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory(name="Acme")

    def as_one_of(self, group):
        self.client.force_login(member(group))


class NumberTests(DirectoryTestCase):
    def test_a_number_is_given_a_label_a_source_and_a_campaign(self):
        row = service_number(self.account)
        self.as_one_of("Supervisor")
        given = {"label": "Hotline", "source": "Flyer", "campaign": "Spring", "number": "+1999"}
        saved = self.client.post(address(ServiceNumber, "change", row.pk), given)
        self.assertEqual(saved.status_code, 302)
        row.refresh_from_db()
        self.assertEqual(
            [row.label, row.source, row.campaign, row.number],
            ["Hotline", "Flyer", "Spring", NUMBER],
        )

    def test_many_are_named_on_the_list(self):
        rows = [service_number(self.account, f"+1312555014{n}") for n in range(3)]
        self.as_one_of("Supervisor")
        given = {"form-TOTAL_FORMS": 3, "form-INITIAL_FORMS": 3, "_save": "Save"}
        listed = self.listed(ServiceNumber)
        for place, row in enumerate(listed):
            given |= {
                f"form-{place}-id": row.pk,
                f"form-{place}-label": f"Line {row.number[-1]}",
                f"form-{place}-source": "Flyer",
                f"form-{place}-campaign": "",
            }
        self.client.post(address(ServiceNumber, "changelist"), given)
        labels = {row.number: row.label for row in ServiceNumber.objects.all()}
        self.assertEqual(labels, {row.number: f"Line {row.number[-1]}" for row in rows})

    def test_sources_in_use_are_offered_once(self):
        for place in range(3):
            service_number(self.account, f"+1312555014{place}", source="Flyer")
        page = self.open_list(ServiceNumber).content.decode()
        self.assertEqual(page.count('<datalist id="known-source"'), 1)
        self.assertEqual(page.count('<option value="Flyer">'), 1)

    def test_only_who_may_change_them_does(self):
        row = service_number(self.account)
        for group, status in (("Viewer", 403), ("Operator", 403), ("Supervisor", 302)):
            with self.subTest(group):
                self.as_one_of(group)
                saved = self.client.post(address(ServiceNumber, "change", row.pk), {"label": "x"})
                self.assertEqual(saved.status_code, status)

    def test_a_number_nobody_called_yet_can_be_named_once(self):
        self.as_one_of("Administrator")
        page = address(ServiceNumber, "add")
        for model in (ServiceNumber, Agent):
            page = address(model, "add")
            self.open(page)
            given = {"account": self.account.pk, "number": "(312) 555-0143", "label": "Hotline"}
            self.assertEqual(self.client.post(page, given).status_code, 302)
            row = model.objects.get()
            self.assertEqual(row.number, NUMBER)
            self.assertContains(self.client.post(page, given), "in the list already")
            for typed in ("12", "nobody", ""):
                self.assertEqual(self.client.post(page, given | {"number": typed}).status_code, 200)
            self.assertEqual(model.objects.count(), 1)

    def test_a_viewer_sees_no_number_and_no_order_of_them(self):
        for number in ("+13125550149", "+13125550141", "+13125550145"):
            service_number(self.account, number)
            agent(self.account, number, heard_name=f"Asha {number}")
        self.as_one_of("Viewer")
        for model in (ServiceNumber, Agent):
            page = self.open_list(model)
            self.assertContains(page, "+1••••••0141")
            self.assertNotContains(page, "312555")
            rows = list(page.context["cl"].result_list)
            ordered = sorted(rows, key=lambda row: row.pk)
            if model is ServiceNumber:
                self.assertEqual(rows, ordered)
            self.assertNotContains(self.open_row(rows[0]), "312555")

    def test_the_calls_of_the_last_seven_days_lead_to_them(self):
        row = service_number(self.account)
        for days in (0, 1, 6, 8):
            factories.CallFactory(
                account=self.account, to_number=NUMBER, begun_at=now() - timedelta(days=days)
            )
        for call in Call.objects.all():
            StaleSlot.objects.create(
                id=uuid4(), begins_at=tallies.slot_of(call.begun_at), changed_at=now()
            )
        tallies.recount()
        page = self.open_list(ServiceNumber)
        link = f'<a href="/admin/calls/call/?service_number={row.pk}&amp;period=7d">3</a>'
        self.assertContains(page, link)
        found = self.client.get(f"/admin/calls/call/?service_number={row.pk}&period=7d")
        self.assertEqual(found.status_code, 200)

    def test_thirty_rows_take_the_queries_of_three(self):
        for model, make in ((ServiceNumber, service_number), (Agent, agent)):
            for place in range(3):
                make(self.account, f"+131255501{place:02}")
            three = self.queries(address(model, "changelist"))
            for place in range(3, 30):
                make(self.account, f"+131255501{place:02}")
            with self.assertNumQueries(three):
                self.open_list(model)
            self.assertLessEqual(three, 15)


class SearchTests(DirectoryTestCase):
    def find(self, term):
        return [row.number for row in self.listed(ServiceNumber, q=term)]

    def test_by_name_by_number_and_by_its_end(self):
        service_number(self.account, label="Hotline", source="Flyer")
        service_number(self.account, "+13125550999")
        for term in ("hotl", "Flyer", NUMBER, "(312) 555-0143", "0143", "50143"):
            with self.subTest(term):
                self.assertEqual(self.find(term), [NUMBER])
        self.as_one_of("Viewer")
        for term, found in ((NUMBER, [NUMBER]), ("0143", [NUMBER]), ("50143", []), ("312555", [])):
            with self.subTest(term):
                self.assertEqual(self.find(term), found)

    def test_no_search_finds_out_a_number_in_a_name(self):
        service_number(self.account, label="Hotline 98123 45670")
        self.assertEqual(self.find("98123"), [NUMBER])
        self.as_one_of("Viewer")
        for term, found in (("hotline", [NUMBER]), ("98123", []), ('"Hotline 9"', [])):
            with self.subTest(term):
                self.assertEqual(self.find(term), found)

    def test_no_lookup_finds_a_number_out_digit_by_digit(self):
        service_number(self.account)
        self.as_one_of("Viewer")
        for lookup in ("startswith", "contains", "regex", "gt", "lt", "gte", "range", "iexact"):
            with self.subTest(lookup):
                asked = {f"number__{lookup}": "+1312"}
                page = self.client.get(address(ServiceNumber, "changelist"), asked)
                self.assertEqual(page.status_code, 400)


class WordTests(DirectoryTestCase):
    def test_a_word_that_calls_wear_stays_and_it_is_said_why(self):
        call = factories.CallFactory()
        tag, outcome = Tag.objects.create(name="VIP"), Disposition.objects.create(name="Sold")
        CallTag.objects.create(call=call, tag=tag)
        CallDisposition.objects.create(call=call, disposition=outcome)
        for row in (tag, outcome):
            with self.subTest(row):
                page = self.client.post(
                    address(type(row), "delete", row.pk), {"post": "yes"}, follow=True
                )
                self.assertContains(page, "is on calls and cannot be deleted")
                given = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
                page = self.client.post(address(type(row), "changelist"), given, follow=True)
                self.assertContains(page, "is on calls and cannot be deleted")
                self.assertTrue(type(row).objects.filter(pk=row.pk).exists())

    def test_another_can_be_deleted(self):
        for how in ("one", "selected"):
            tag = Tag.objects.create(name="VIP")
            if how == "one":
                self.client.post(address(Tag, "delete", tag.pk), {"post": "yes"})
            else:
                given = {"action": "delete_selected", "_selected_action": [tag.pk], "post": "yes"}
                self.client.post(address(Tag, "changelist"), given)
            self.assertFalse(Tag.objects.exists())

    def test_a_disposition_is_switched_off(self):
        outcome = Disposition.objects.create(name="Sold")
        self.client.post(address(Disposition, "change", outcome.pk), {"name": "Sold"})
        outcome.refresh_from_db()
        self.assertFalse(outcome.active)

    def test_words_are_the_administrators(self):
        for group, status in (("Operator", 403), ("Supervisor", 403), ("Administrator", 200)):
            self.as_one_of(group)
            self.assertEqual(self.client.get(address(Tag, "add")).status_code, status)
