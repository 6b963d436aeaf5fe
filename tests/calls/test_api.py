"""The read API over calls: what it shows."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

from calls.choices import Strength
from calls.models import Call
from tests import factories
from tests.api import ApiTestCase
from tests.factories import NOON


class CallShapeTests(ApiTestCase):
    def test_a_call_shows_every_column_but_the_claims_under_its_own_name(self):
        factories.CallFactory()
        shown = self.get("calls/")["results"][0]
        columns = {field.name for field in Call._meta.concrete_fields}
        columns -= {"claims", "customer_digits"}
        beside = {
            *("provider", "tags", "disposition", "note_count", "agent_id", "agent_label"),
            *("service_number_id", "service_number_label", "service_number_source"),
        }
        self.assertEqual(shown.keys(), columns | beside)

    def test_the_account_is_told_with_the_call(self):
        account = factories.CallFactory().account
        shown = self.get("calls/")["results"][0]
        self.assertEqual(
            shown["account"],
            {
                "id": str(account.id),
                "provider": "freeclimb",
                "name": account.name,
                "provider_account_id": account.provider_account_id,
            },
        )
        self.assertEqual(shown["provider"], "freeclimb")

    def test_null_means_unknown_for_text_as_well(self):
        factories.CallFactory(group_name="", end_reason="", answered_at=None)
        shown = self.get("calls/")["results"][0]
        self.assertEqual(
            [shown["group_name"], shown["end_reason"], shown["answered_at"]], [None] * 3
        )

    def test_times_are_iso_8601_in_utc(self):
        factories.CallFactory(begun_at=NOON, ended_at=NOON + timedelta(microseconds=5))
        shown = self.get("calls/")["results"][0]
        self.assertEqual(shown["begun_at"], "2026-03-14T12:00:00Z")
        self.assertEqual(shown["ended_at"], "2026-03-14T12:00:00.000005Z")

    def test_words_of_ours_and_flags_come_as_words(self):
        factories.CallFactory(strength=Strength.RECORD, flags=["parent_loop"])
        shown = self.get("calls/")["results"][0]
        self.assertEqual([shown["strength"], shown["flags"]], ["record", ["parent_loop"]])

    def test_one_call_shows_what_hangs_on_it(self):
        call = factories.CallFactory()
        child = factories.CallFactory(account=call.account, parent=call)
        leg = factories.LegFactory(call=call, connected_call=child)
        recording = factories.RecordingFactory(call=call)
        participant = factories.ParticipantFactory(
            call=call, conference__account=call.account, left_at=NOON
        )
        shown = self.get(f"calls/{call.id}/")
        self.assertEqual([one["id"] for one in shown["legs"]], [str(leg.id)])
        self.assertEqual(shown["legs"][0]["connected_provider_call_id"], child.provider_call_id)
        self.assertEqual([one["id"] for one in shown["children"]], [str(child.id)])
        self.assertEqual(shown["recordings"][0]["url"], recording.url)
        conference = shown["conferences"][0]
        self.assertEqual(conference["id"], str(participant.conference_id))
        self.assertEqual(
            [conference["state"], conference["left_at"]], ["joined", "2026-03-14T12:00:00Z"]
        )
        child_shown = self.get(f"calls/{child.id}/")
        self.assertEqual([child_shown["parent"], child_shown["legs"]], [str(call.id), []])

    def test_a_call_whose_parent_is_no_row_is_still_shown(self):
        call = factories.CallFactory(parent_id=uuid4(), is_root=False)
        self.assertEqual(self.get(f"calls/{call.id}/")["parent"], str(call.parent_id))

    def test_calls_that_are_each_others_parents_are_shown(self):
        first = factories.CallFactory()
        second = factories.CallFactory(account=first.account, parent=first)
        Call.objects.filter(id=first.id).update(parent=second)
        children = self.get(f"calls/{first.id}/")["children"]
        self.assertEqual([one["id"] for one in children], [str(second.id)])

    def test_what_is_shown_of_a_call_has_a_bound(self):
        call = factories.CallFactory()
        for _ in range(3):
            child = factories.CallFactory(account=call.account, parent=call)
            factories.LegFactory(call=call, connected_call=child)
            factories.RecordingFactory(call=call)
            factories.ParticipantFactory(call=call, conference__account=call.account)
        with mock.patch("calls.serializers.expansions.MOST_SHOWN", 2):
            shown = self.get(f"calls/{call.id}/")
        for name in ("legs", "recordings", "children", "conferences"):
            with self.subTest(name):
                self.assertEqual(len(shown[name]), 2)


class OtherListsTests(ApiTestCase):
    def test_a_conference_shows_who_was_in_it_and_what_was_recorded(self):
        taken = factories.ParticipantFactory()
        recording = factories.RecordingFactory(call=None, conference=taken.conference)
        shown = self.get("conferences/")["results"][0]
        self.assertEqual(
            [(one["provider_call_id"], one["state"]) for one in shown["participants"]],
            [(taken.call.provider_call_id, "joined")],
        )
        self.assertEqual([one["url"] for one in shown["recordings"]], [recording.url])
        self.assertEqual(self.get(f"conferences/{taken.conference_id}/"), shown)

    def test_every_list_has_its_single_objects(self):
        factories.LegFactory()
        factories.ParticipantFactory()
        factories.RecordingFactory()
        for path in ("accounts", "legs", "conferences", "participants", "recordings"):
            with self.subTest(path):
                listed = self.get(f"{path}/")["results"][0]
                self.assertEqual(self.get(f"{path}/{listed['id']}/"), listed)

    def test_no_proxy_on_the_way_keeps_an_answer(self):
        response = self.client.get("/api/v1/calls/", headers=self.headers)
        self.assertEqual(response.headers["Cache-Control"], "private")

    def test_the_final_slash_may_be_left_out(self):
        call = factories.CallFactory()
        self.assertEqual(self.get(f"calls/{call.id}"), self.get(f"calls/{call.id}/"))
        self.assertEqual(self.get("calls"), self.get("calls/"))

    def test_a_page_of_ten_takes_the_queries_of_a_page_of_one(self):
        for path, factory in {
            "calls/": factories.CallFactory,
            "accounts/": factories.AccountFactory,
            "legs/": factories.LegFactory,
            "conferences/": lambda: factories.RecordingFactory(
                call=None, conference=factories.ParticipantFactory().conference
            ),
            "participants/": factories.ParticipantFactory,
            "recordings/": lambda: factories.RecordingFactory(
                conference=factories.ConferenceFactory()
            ),
        }.items():
            with self.subTest(path):
                for _ in range(10):
                    factory()
                with self.assertNumQueries(self.queries(path, page_size=1)):
                    self.assertEqual(len(self.get(path, page_size=10)["results"]), 10)

    def test_a_busy_call_takes_the_queries_of_an_idle_one(self):
        idle, busy = factories.CallFactory(), factories.CallFactory()
        for _ in range(5):
            child = factories.CallFactory(account=busy.account, parent=busy)
            factories.LegFactory(call=busy, connected_call=child)
            factories.RecordingFactory(call=busy)
            factories.ParticipantFactory(call=busy, conference__account=busy.account)
        with self.assertNumQueries(self.queries(f"calls/{idle.id}/")):
            self.get(f"calls/{busy.id}/")
