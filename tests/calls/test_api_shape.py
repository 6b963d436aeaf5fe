"""What of an object the API shows: fields, expansions, and in how many queries."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls import api_keys
from calls.models import CallDisposition, CallNote, CallTag, Disposition, Tag
from tests import factories
from tests.api import ApiTestCase
from tests.calls.directory import agent, service_number
from tests.factories import NOON

EVERY = "legs,recordings,children,conferences,notes,deliveries"


def annotated_call(**columns):
    """A call with all that can hang on it."""
    call = factories.CallFactory(**columns)
    child = factories.CallFactory(account=call.account, parent=call)
    factories.LegFactory(call=call, connected_call=child)
    factories.RecordingFactory(call=call)
    factories.ParticipantFactory(call=call, conference__account=call.account)
    tag, _ = Tag.objects.get_or_create(name="Complaint")
    word, _ = Disposition.objects.get_or_create(name="Sold")
    CallTag.objects.create(call=call, tag=tag)
    CallDisposition.objects.create(call=call, disposition=word)
    CallNote.objects.create(call=call, text="Call back", author_name="Ravi", created_at=NOON)
    factories.DeliveryFactory(subject=call.pk)
    agent(call.account, call.agent_number, name="Asha")
    service_number(call.account, call.service_number, label="Main", source="Flyer")
    return call


class ShapeTests(ApiTestCase):
    scopes = (*ApiTestCase.scopes, "deliveries:read")

    def call(self, **columns):
        numbers = {"agent_number": "+919000000777", "service_number": "+919000054321"}
        return annotated_call(**numbers | columns)

    def test_a_call_shows_what_people_said_of_it_and_of_its_numbers(self):
        call = self.call()
        bare = factories.CallFactory()
        shown = {one["id"]: one for one in self.get("calls")["results"]}
        wanted = {
            "tags": ["Complaint"],
            "disposition": "Sold",
            "note_count": 1,
            "agent_label": "Asha",
            "service_number_label": "Main",
            "service_number_source": "Flyer",
        }
        self.assertEqual({name: shown[str(call.id)][name] for name in wanted}, wanted)
        nothing = {name: shown[str(bare.id)][name] for name in wanted}
        self.assertEqual(nothing, dict.fromkeys(wanted) | {"tags": [], "note_count": 0})
        ids = (
            agent(call.account, "+919000000777").id,
            service_number(call.account, "+919000054321").id,
        )
        one = self.get(f"calls/{call.id}")
        self.assertEqual((one["agent_id"], one["service_number_id"]), tuple(map(str, ids)))

    def test_a_list_expands_by_request_alone(self):
        call = self.call()
        names = EVERY.split(",")
        plain = self.get("calls", is_root="true")["results"][0]
        self.assertFalse(plain.keys() & {*names})
        shown = self.get("calls", is_root="true", expand=EVERY)["results"][0]
        self.assertEqual(shown["id"], str(call.id))
        self.assertEqual({name: len(shown[name]) for name in names}, dict.fromkeys(names, 1))
        self.assertEqual(shown["notes"][0]["text"], "Call back")
        self.assertEqual({k: v for k, v in shown.items() if k not in names}, plain)
        two = self.get("calls", is_root="true", expand="legs, notes")["results"][0]
        self.assertEqual(two.keys() - plain.keys(), {"legs", "notes"})

    def test_one_call_shows_what_hangs_on_it_and_notes_and_deliveries_by_request(self):
        call = self.call()
        usual = self.get(f"calls/{call.id}")
        self.assertEqual(usual.keys() & {*EVERY.split(",")}, {*EVERY.split(",")[:4]})
        more = self.get(f"calls/{call.id}", expand="deliveries,notes")
        self.assertEqual(more.keys() - usual.keys(), {"deliveries", "notes"})

    def test_deliveries_need_their_scope(self):
        call = self.call()
        _, text = api_keys.create("reader", ["calls:read", "numbers:full"])
        for path in ("calls", f"calls/{call.id}"):
            for asked in ({"expand": "deliveries"}, {"fields": "id,deliveries"}):
                response = self.client.get(
                    f"/api/v1/{path}", asked, headers={"Authorization": f"Bearer {text}"}
                )
                with self.subTest(path, asked=asked):
                    self.assertEqual(response.status_code, 403)

    def test_fields_leave_only_what_was_asked_for_and_read_no_more(self):
        call = self.call()
        cases = {
            "calls": "id,status,begun_at",
            f"calls/{call.id}": "id,tags",
            "legs": "id,provider_call_id",
            "recordings": "id,account,provider",
            "participants": "state",
            "conferences": "id,alias",
            "agents": "name,provider",
            "service-numbers": "label",
            "tags": "name",
            "dispositions": "active",
            "accounts": "id",
            "deliveries": "id,account",
        }
        for path, names in cases.items():
            with self.subTest(path), CaptureQueriesContext(connection) as captured:
                shown = self.get(path, fields=names)
                shown = shown["results"][0] if "results" in shown else shown
                self.assertEqual(shown.keys(), {*names.split(",")})
                self.assertNotIn('"claims"', " ".join(one["sql"] for one in captured))
        with CaptureQueriesContext(connection) as captured:
            self.get("calls", fields="id,status")
        self.assertNotIn('"from_number"', " ".join(one["sql"] for one in captured))

    def test_every_field_can_be_asked_for_alone(self):
        self.call()
        for path in ("calls", "legs", "conferences", "participants", "recordings", "deliveries"):
            full = self.get(path, **({"expand": EVERY} if path == "calls" else {}))["results"][0]
            for name, value in full.items():
                with self.subTest(path, field=name):
                    alone = self.get(path, fields=name)["results"][0]
                    self.assertEqual(alone, {name: value})

    def test_what_nobody_knows_is_refused_by_name(self):
        self.call()
        for path, asked, parameter in (
            ("calls", {"fields": "id,colour"}, "fields"),
            ("calls", {"expand": "colour"}, "expand"),
            ("conferences", {"expand": "legs"}, "expand"),
            ("legs", {"expand": "call"}, "expand"),
        ):
            with self.subTest(path, asked=asked):
                self.assertEqual(self.faults(path, **asked), [parameter])
        refused = self.faults("calls", fields="x", expand="x", count="x", page_size=0)
        self.assertEqual(sorted(refused), ["count", "expand", "fields", "page_size"])

    def test_more_rows_take_no_more_queries(self):
        asked = [
            ("calls", {"expand": EVERY}),
            ("calls", {"fields": "id,provider,tags,agent_label,legs"}),
            *[
                (name, {})
                for name in ("calls", "legs", "conferences", "participants", "recordings")
            ],
            *[(name, {}) for name in ("agents", "service-numbers", "tags", "deliveries")],
            *[(name, {"fields": "id"}) for name in ("legs", "participants", "recordings")],
        ]
        self.call()
        few = [self.queries(path, **given) for path, given in asked]
        for number in range(6):
            self.call(agent_number=f"+9190000007{number:02}")
        for (path, given), before in zip(asked, few, strict=True):
            with self.subTest(path, given=given):
                self.assertEqual(self.queries(path, **given), before)

    def test_names_with_numbers_in_them_are_masked(self):
        call = self.call()
        tag = Tag.objects.create(name="VIP +919876543210")
        CallTag.objects.create(call=call, tag=tag)
        CallNote.objects.create(
            call=call, text="Ring +919876543210", author_name="Ravi", created_at=NOON
        )
        _, text = api_keys.create("masked", ["calls:read"])
        headers = {"Authorization": f"Bearer {text}"}
        for path in ("calls?expand=notes", "tags", "agents", "service-numbers"):
            with self.subTest(path):
                content = self.client.get(f"/api/v1/{path}", headers=headers).content.decode()
                for number in ("9876543210", call.agent_number[3:], call.service_number[3:]):
                    self.assertNotIn(number, content)
