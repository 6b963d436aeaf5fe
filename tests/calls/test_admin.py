"""The admin of calls: every page opens, quickly, and nobody writes what programs own."""

from datetime import timedelta

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.models import (
    Account,
    ApiKey,
    Call,
    Conference,
    Integration,
    Leg,
    Participant,
    Recording,
    Tally,
)
from calltrack.admin import CappedPaginator, indent_json
from tests import factories
from tests.admin import AdminTestCase, address
from tests.factories import NOON
from webhooks.models import CallScript, Delivery, Endpoint, Secret

FACTORIES = {
    Account: factories.AccountFactory,
    ApiKey: factories.ApiKeyFactory,
    Integration: factories.IntegrationFactory,
    Call: factories.CallFactory,
    Leg: factories.LegFactory,
    Conference: factories.ConferenceFactory,
    Participant: factories.ParticipantFactory,
    Recording: factories.RecordingFactory,
    Endpoint: factories.EndpointFactory,
    Secret: factories.SecretFactory,
    CallScript: factories.CallScriptFactory,
    Delivery: factories.DeliveryFactory,
}
WRITTEN_BY_PEOPLE = {Integration: "ac", Endpoint: "ac", CallScript: "acd"}  # add, change, delete


class EveryPageTests(AdminTestCase):
    def test_every_page_opens_for_those_who_may_everything_and_those_who_may_look(self):
        rows = [factory() for factory in FACTORIES.values()]
        for person in (self.superuser, self.viewer):
            self.client.force_login(person)
            self.assertContains(self.open("/admin/"), "calltrack")
            for row in rows:
                with self.subTest(row=row, person=person.username):
                    self.assertContains(self.open_list(type(row)), "result_list")
                    self.open_row(row)
                    self.open(address(type(row), "history", row.pk))

    def test_others_see_no_page(self):
        self.client.force_login(factories.UserFactory())
        for model, factory in FACTORIES.items():
            with self.subTest(model):
                row = factory()
                self.assertEqual(self.client.get(address(model, "changelist")).status_code, 403)
                page = address(model, "change", row.pk)
                self.assertEqual(self.client.get(page).status_code, 403)

    def test_every_list_can_be_searched_for_anything(self):
        for model, factory in FACTORIES.items():
            row = factory()
            for term in (str(row.pk), "nothing like it", "+1312555", '"', "\\", "é", " "):
                with self.subTest(model, term=term):
                    # A call's id leads straight to its page.
                    page = self.client.get(address(model, "changelist"), {"q": term}, follow=True)
                    self.assertEqual(page.status_code, 200)

    def test_every_filter_of_every_list_opens(self):
        for model, factory in FACTORIES.items():
            factory()
            context = self.open_list(model).context
            changes = context.get("cl")
            for spec in getattr(changes, "filter_specs", ()):  # others have tests of their own
                for choice in spec.choices(changes):
                    with self.subTest(model, choice=choice["query_string"]):
                        self.open(address(model, "changelist") + choice["query_string"])

    def test_ten_rows_take_the_queries_of_one(self):
        for model, factory in FACTORIES.items():
            with self.subTest(model):
                factory()
                one = self.queries(address(model, "changelist"))
                for _ in range(9):
                    factory()
                with self.assertNumQueries(one):
                    self.open_list(model)

    def test_what_programs_write_people_cannot(self):
        for model, factory in FACTORIES.items():
            row = factory()
            allowed = WRITTEN_BY_PEOPLE.get(model, "")
            pages = {"a": address(model, "add"), "d": address(model, "delete", row.pk)}
            for letter, page in pages.items():
                with self.subTest(model, page=letter):
                    expected = 200 if letter in allowed else 403
                    self.assertEqual(self.client.get(page).status_code, expected)
            with self.subTest(model, page="c"):
                posted = self.client.post(address(model, "change", row.pk), {"status": "busy"})
                self.assertEqual(posted.status_code, 200 if "c" in allowed else 403)
            with self.subTest(model, page="delete selected"):
                given = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
                self.client.post(address(model, "changelist"), given)
                self.assertEqual(model.objects.filter(pk=row.pk).exists(), "d" not in allowed)

    def test_every_column_of_a_row_is_on_its_page_secrets_apart(self):
        secret = {(Secret, "value"), (ApiKey, "key_hash"), (ApiKey, "id"), (Secret, "id")}
        secret.add((Endpoint, "salt"))
        renamed = {
            (Delivery, "body"): "payload",
            (Delivery, "query"): "query_shown",
            (Delivery, "headers"): "headers_shown",
            (CallScript, "id"): "percl",
        }
        request = self.open("/admin/").wsgi_request
        for model, factory in FACTORIES.items():
            row = factory()
            page = admin.site._registry[model]
            shown = flatten_fieldsets(
                getattr(page, "fields_shown", page.get_fieldsets)(request, row)
            )
            for field in model._meta.concrete_fields:
                name = renamed.get((model, field.name), field.name)
                with self.subTest(model, field=field.name):
                    known = name in shown or f"{name}_shown" in shown
                    self.assertEqual(known, (model, field.name) not in secret)


class SearchTests(AdminTestCase):
    def test_other_things_are_found_by_the_ids_of_their_call(self):
        leg = factories.LegFactory()
        taken = factories.ParticipantFactory()
        self.assertEqual(self.listed(Leg, q=leg.call.provider_call_id), [leg])
        self.assertEqual(self.listed(Participant, q=taken.call.provider_call_id), [taken])
        conference = taken.conference
        self.assertEqual(self.listed(Participant, q=conference.provider_conference_id), [taken])

    def test_what_lies_in_another_table_is_looked_up_there_first(self):
        for row in (factories.LegFactory(), factories.ParticipantFactory()):
            model = type(row)
            with CaptureQueriesContext(connection) as captured:
                self.assertEqual(self.listed(model, q=row.pk), [row])
            for query in captured:
                _, of_rows, rest = query["sql"].partition(f'FROM "{model._meta.db_table}"')
                if of_rows:
                    conditions = rest.partition(" WHERE ")[2]
                    self.assertNotIn('"calls_call"', conditions)

    def test_a_time_before_the_calendar_begins_is_no_fault_of_ours(self):
        for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
            for model in (Leg, Tally):
                moment = "begins_at__gte" if model is Tally else "created_at__gte"
                with self.subTest(model=model, text=text):
                    page = self.client.get(address(model, "changelist"), {moment: text})
                    # As the database takes it: an error that is told, or a list.
                    self.assertIn(page.status_code, (200, 302))

    def test_no_list_searches_with_like_or_reads_what_it_does_not_show(self):
        for model, factory in FACTORIES.items():
            factory()
            with CaptureQueriesContext(connection) as captured:
                self.open_list(model, q="x")
                self.open_list(model)
            read = [q["sql"] for q in captured if f'FROM "{model._meta.db_table}"' in q["sql"]]
            self.assertTrue(read)
            for statement in read:
                with self.subTest(model):
                    self.assertNotIn("LIKE", statement)
                    self.assertNotIn("claims", statement)
                    self.assertNotIn('"webhooks_delivery"."body"', statement)


class CountTests(AdminTestCase):
    def test_a_list_counts_no_further_than_its_cap(self):
        factories.CallFactory.create_batch(5)
        paginator = CappedPaginator(Call.objects.all(), 2)
        self.assertEqual([paginator.count, paginator.num_pages], [5, 3])
        paginator = CappedPaginator(Call.objects.all(), 2)
        paginator.cap = 3
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual([paginator.count, paginator.num_pages], [3, 2])
        self.assertIn("LIMIT 3", captured[0]["sql"])

    def test_no_list_counts_its_whole_table(self):
        for model in (Call, Leg, Conference, Participant, Recording, Delivery):
            with self.subTest(model), CaptureQueriesContext(connection) as captured:
                self.open_list(model)
                for query in captured:
                    if "COUNT(" in query["sql"]:
                        self.assertIn("LIMIT 10000", query["sql"])

    def test_the_newest_call_stands_first(self):
        old = factories.CallFactory(begun_at=NOON)
        new = factories.CallFactory(begun_at=NOON + timedelta(days=1))
        self.assertEqual(self.listed(Call), [new, old])


class IndentTests(AdminTestCase):
    def test_json_is_laid_out_without_changing_a_token(self):
        text = '{"CallSid":1672649960.960,"a":[1,{"b":"x, \\"y\\": [z]"}],"e":{},"l":[],"a":null}'
        self.assertEqual(
            indent_json(text),
            '{\n  "CallSid": 1672649960.960,\n  "a": [\n    1,\n    {\n'
            '      "b": "x, \\"y\\": [z]"\n    }\n  ],\n  "e": {},\n  "l": [],\n  "a": null\n}',
        )

    def test_what_is_no_json_stays_as_it_is(self):
        for text in ("", "a=b", '{"a":', "[" * 100_000, '"open', "{'a': 1}"):
            with self.subTest(text[:10]):
                self.assertEqual(indent_json(text), text)
