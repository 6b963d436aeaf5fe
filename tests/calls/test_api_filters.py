"""What the lists of the read API can be asked for."""

from datetime import timedelta
from uuid import uuid4

from calls.choices import Status
from calls.models import CallDisposition, CallTag, Disposition, Tag
from tests import factories
from tests.api import ApiTestCase
from tests.calls.directory import service_number
from tests.factories import NOON


class FilterTests(ApiTestCase):
    def test_each_filter_finds_its_calls_and_no_others(self):
        parent = factories.CallFactory(begun_at=NOON - timedelta(days=2))
        participant = factories.ParticipantFactory()
        wanted = factories.CallFactory(
            account__callerdesk=True,
            parent=parent,
            status=Status.NO_ANSWER,
            direction="outbound",
            missed=True,
            is_over=False,
            flagged=True,
            answered_by="machine",
            group_name="Sales",
            agent_number="+919000000777",
            duration_seconds=300,
            talk_seconds=200,
            provider_request_id="R1",
            customer_number="+919000012345",
            service_number="+919000054321",
            from_number="+919000011111",
            to_number="+919000022222",
            begun_at=NOON - timedelta(days=1),
            created_at=NOON - timedelta(days=1),
        )
        service_number(wanted.account, "+919000054321", source="Flyer")
        factories.RecordingFactory(call=wanted)
        factories.RecordingFactory(call=participant.call)
        tag, word = Tag.objects.create(name="Complaint"), Disposition.objects.create(name="Sold")
        CallTag.objects.create(call=wanted, tag=tag)
        CallDisposition.objects.create(call=wanted, disposition=word)
        cases = {
            "outcome": "missed",
            "flagged": "true",
            "answered_by": "machine",
            "group": "sales",
            "agent": "+91 90000 00777",
            "source": "Flyer",
            "duration_seconds__gte": "300",
            "talk_seconds__gte": "3:20",
            "tag": "Complaint",
            "disposition": "Sold",
            "provider": "callerdesk",
            "account": wanted.account_id,
            "provider_call_id": wanted.provider_call_id,
            "provider_request_id": "R1",
            "parent": parent.id,
            "is_root": "false",
            "status": "no_answer",
            "direction": "outbound",
            "is_over": "false",
            "live": "true",
            "missed": "true",
            "customer_number": "+91 90000 12345",
            "service_number": "+919000054321",
            "from_number": "+919000011111",
            "to_number": "+919000022222",
            "created_at__lt": "2026-03-14T00:00:00Z",
            "updated_at__lt": "2026-03-14T00:00:00Z",
        }
        for name, value in cases.items():
            with self.subTest(name):
                self.assertEqual(self.ids("calls/", **{name: value}), [str(wanted.id)])
        within = {"begun_at__gte": "2026-03-13T12:00:00Z", "begun_at__lt": "2026-03-13T12:00:01Z"}
        self.assertEqual(self.ids("calls/", **within), [str(wanted.id)])
        # What a call dialled counts as its own.
        recorded = set(self.ids("calls/", has_recording="true"))
        self.assertEqual(recorded, {str(participant.call_id), str(parent.id), str(wanted.id)})
        in_one = self.ids("calls/", in_conference="true")
        self.assertEqual(in_one, [str(participant.call_id)])
        in_it = self.ids("calls/", conference=participant.conference_id)
        self.assertEqual(in_it, [str(participant.call_id)])

    def test_a_number_is_found_at_either_end(self):
        first = factories.CallFactory(from_number="+919000011111")
        second = factories.CallFactory(to_number="+919000011111")
        factories.CallFactory()
        found = self.ids("calls/", number="+919000011111")
        self.assertEqual(found, [str(second.id), str(first.id)])

    def test_a_number_is_found_in_any_format_and_by_its_end(self):
        factories.AccountFactory(callerdesk=True)
        call = factories.CallFactory(from_number="+919876543210")
        factories.CallFactory()
        for number in ("09876543210", "98765-43210", "43210", "3210"):
            with self.subTest(number):
                self.assertEqual(self.ids("calls/", number=number), [str(call.id)])
        self.assertEqual(self.ids("calls/", number="210"), [])

    def test_a_plus_sign_that_nobody_escaped_is_understood(self):
        call = factories.CallFactory(from_number="+919000011111")
        response = self.client.get("/api/v1/calls/?from_number=+919000011111", headers=self.headers)
        self.assertEqual([one["id"] for one in response.json()["results"]], [str(call.id)])

    def test_one_of_several_words(self):
        factories.CallFactory(status=Status.COMPLETED)
        wanted = [factories.CallFactory(status=s).id for s in (Status.BUSY, Status.FAILED)]
        found = self.ids("calls/", status=["busy", "failed"])
        self.assertEqual(found, [str(one) for one in reversed(wanted)])

    def test_what_a_filter_does_not_understand_is_refused_by_name(self):
        bad = {
            "provider": "twilio",
            "account": "7",
            "parent": "none",
            "status": "gone",
            "direction": "sideways",
            "missed": "maybe",
            "begun_at__gte": "yesterday",
            "begun_at__lt": "0001-01-01T00:00:00+14:00",
            "number": "a\x00b",
            "outcome": "good",
            "flagged": "maybe",
            "duration_seconds__lte": "-1",
            "talk_seconds__lt": "1:99",
            "talk_seconds__gt": "9" * 30,
            "has_recording": "2",
            "colour": "red",
            "page_size": "1001",
            "cursor": "eyJ",
        }
        for name, value in bad.items():
            with self.subTest(name):
                self.assertEqual(self.faults("calls/", **{name: value}), [name])

    def test_all_faults_are_named_at_once(self):
        faults = self.faults("calls/", status="gone", colour="red", parent=[uuid4(), uuid4()])
        self.assertEqual(sorted(faults), ["colour", "parent", "status"])

    def test_lists_of_the_other_things_filter_too(self):
        account = factories.AccountFactory()
        call = factories.CallFactory(account=account)
        leg = factories.LegFactory(call=call)
        taken = factories.ParticipantFactory(call=call, conference__account=account)
        recording = factories.RecordingFactory(call=call, conference=taken.conference)
        factories.LegFactory(status=Status.BUSY)
        factories.RecordingFactory(state="")
        factories.ParticipantFactory(state="left", conference__status="terminated")
        taken.conference.status = "populated"
        taken.conference.save()
        cases = [
            ("accounts/", account.id, {"name": account.name}),
            ("accounts/", account.id, {"provider_account_id": account.provider_account_id}),
            *[
                ("legs/", leg.id, given)
                for given in [
                    {"account": account.id},
                    {"provider_call_id": call.provider_call_id},
                    {"call": call.id},
                    {"connected_call": call.id},
                    {"status": "completed"},
                ]
            ],
            *[
                ("conferences/", taken.conference_id, given)
                for given in [
                    {"account": account.id},
                    {"call": call.id},
                    {"status": "populated"},
                    {"provider_conference_id": taken.conference.provider_conference_id},
                ]
            ],
            *[
                (path, wanted, given)
                for path, wanted in [("participants/", taken.id), ("recordings/", recording.id)]
                for given in [
                    {"account": account.id},
                    {"call": call.id},
                    {"conference": taken.conference_id},
                    {"provider_call_id": call.provider_call_id},
                    {"provider_conference_id": taken.conference.provider_conference_id},
                ]
            ],
            ("participants/", taken.id, {"state": "joined"}),
            ("recordings/", recording.id, {"state": "available"}),
        ]
        for path, wanted, given in cases:
            with self.subTest(path, given=given):
                self.assertEqual(self.ids(path, **given), [str(wanted)])
        for path in ("accounts/", "legs/", "conferences/", "participants/", "recordings/"):
            with self.subTest(path):
                self.assertEqual(self.ids(path, provider="callerdesk"), [])
                self.assertEqual(self.faults(path, colour="red"), ["colour"])
