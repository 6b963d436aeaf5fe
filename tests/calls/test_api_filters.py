"""What the lists of the read API can be asked for."""

from uuid import uuid4

from calls import api_keys
from calls.choices import Status
from calls.search import TOO_FEW, WHOLE_OR_FOUR
from tests import factories
from tests.api import ApiTestCase
from tests.calls.directory import agent, service_number


class FilterTests(ApiTestCase):
    def test_the_agent_and_the_service_number_are_found_by_number_too(self):
        call = factories.CallFactory(
            account__callerdesk=True, agent_number="+919000000777", service_number="+919000054321"
        )
        other = factories.CallFactory(agent_number="+919000000777", service_number="+919000054321")
        for name, number in (("agent", "+919000000777"), ("service_number", "+919000054321")):
            self.assertEqual(self.ids("calls/", **{name: number}), [str(other.id), str(call.id)])
            self.assertEqual(self.ids("calls/", **{name: uuid4()}), [])
        asha = agent(call.account, "+919000000777")
        agent(other.account, "+919000000777")
        self.assertEqual(self.ids("calls/", agent=asha.id), [str(call.id)])
        self.assertEqual(len(self.ids("calls/", agent="9000000777")), 2)

    def test_a_number_is_found_whoever_of_ours_it_is(self):
        calls = [
            factories.CallFactory(account__callerdesk=True, **{column: "+919000000777"})
            for column in ("agent_number", "service_number", "customer_number")
        ]
        agent(calls[0].account, "+919000000777")
        service_number(calls[1].account, "+919000000777")
        factories.CallFactory()
        wanted = [str(call.id) for call in reversed(calls)]
        self.assertEqual(self.ids("calls/", number="90000 00777"), wanted)

    def test_without_full_numbers_the_end_is_four_digits_and_no_more(self):
        call = factories.CallFactory(from_number="+919876543210")
        _, text = api_keys.create("masked", ["calls:read", "export"])
        headers = {"Authorization": f"Bearer {text}"}
        for number, found in (("3210", 1), ("6543210", 0), ("+919876543210", 1)):
            response = self.client.get("/api/v1/calls", {"number": number}, headers=headers)
            with self.subTest(number):
                self.assertEqual(len(response.json()["results"]), found)
                self.assertNotIn(call.from_number, response.content.decode())
        for path in ("/api/v1/calls", "/api/v1/calls/export"):
            for number in ("43210", "54 32-10"):
                response = self.client.get(path, {"number": number}, headers=headers)
                with self.subTest(number, path=path):
                    self.assertEqual(response.status_code, 400)
                    [told] = response.json()["errors"]
                    self.assertEqual((told["parameter"], told["detail"]), ("number", WHOLE_OR_FOUR))

    def test_a_number_that_nothing_can_be_searched_by_is_refused(self):
        factories.CallFactory(from_number="+919876543210")
        for number in ("210", "+", "nobody", "a1b2c3"):
            with self.subTest(number):
                [told] = self.get("calls/", expect=400, number=number)["errors"]
                self.assertEqual((told["parameter"], told["detail"]), ("number", TOO_FEW))

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
