"""Who sees no numbers sees the providers' ids, but for those with a number in them."""

import json

from calls.lean import LeanCalls
from calls.models import Call
from tests import factories
from tests.api import ApiTestCase

ID, PARENT, REQUEST = "17040834005678", "17040834005001", "88120015550188"
IDS = ("provider_call_id", "parent_provider_call_id", "provider_request_id")


class IdTests(ApiTestCase):
    scopes = ["calls:read", "recordings:read"]

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.account = factories.AccountFactory(callerdesk=True)
        cls.call = cls.a_call(provider_call_id=ID)

    @classmethod
    def a_call(cls, **more):
        values = {"parent_provider_call_id": PARENT, "provider_request_id": REQUEST}
        values |= {"from_number": "+919000004209", "to_number": "+918000005310"} | more
        return factories.CallFactory(account=cls.account, **values)

    def test_ids_of_digits_stay(self):
        path = f"calls/{self.call.pk}/"
        whole = self.get(path)
        self.assertEqual([whole[name] for name in IDS], [ID, PARENT, REQUEST])
        for name in IDS:
            with self.subTest(name):  # where no number of the call was asked for
                self.assertEqual(self.get(path, fields=name), {name: whole[name]})
                listed = self.get("calls/", fields=name)["results"]
                self.assertEqual(listed, [{name: whole[name]}])

    def test_ids_with_a_number_of_the_call_in_them_are_masked(self):
        for number, said in (
            ("919000004209", {}),
            ("1704083400" + "9000004209", {}),
            ("9000004209" + "1704083400", {}),
            ("0800-000-5310", {}),
            ("+14155550123", {}),
            ("13125550177", {"customer_number": "+13125550177"}),
            ("13125550178", {"agent_number": "0312 555 0178"}),
            ("13125550179", {"service_number": "+13125550179"}),
            ("12 34 56 78 90", {}),
        ):
            with self.subTest(number):
                call = self.a_call(provider_call_id=number, provider_request_id=number, **said)
                leg = factories.LegFactory(call=call)
                recording = factories.RecordingFactory(call=call)
                for path in (
                    f"calls/{call.pk}/",
                    f"legs/{leg.pk}/",
                    f"recordings/{recording.pk}/",
                ):
                    for more in ({}, {"fields": "provider_call_id"}):
                        self.assertIn("•", self.get(path, **more)["provider_call_id"], path)
                self.assertIn("•", self.get(f"calls/{call.pk}/")["provider_request_id"])

    def test_what_hangs_on_a_call_names_it(self):
        other = self.a_call(provider_call_id="17040834009999")
        leg = factories.LegFactory(call=self.call, connected_call=other)
        recording = factories.RecordingFactory(call=self.call)
        for path in (f"legs/{leg.pk}/", f"recordings/{recording.pk}/"):
            self.assertEqual(self.get(path)["provider_call_id"], ID)
        self.assertEqual(
            self.get(f"legs/{leg.pk}/")["connected_provider_call_id"], "17040834009999"
        )
        nested = self.get(f"calls/{self.call.pk}/")
        self.assertEqual(nested["legs"][0]["provider_call_id"], ID)
        self.assertEqual(nested["recordings"][0]["provider_call_id"], ID)

    def test_the_export_and_the_feed_show_the_same(self):
        self.a_call(provider_call_id="919000004209")
        expected = {one["id"]: one["provider_call_id"] for one in self.get("calls/")["results"]}
        self.assertIn(ID, expected.values())
        fed = [one["object"] for one in self.get("changes/", types="call")["changes"]]
        self.assertEqual({one["id"]: one["provider_call_id"] for one in fed}, expected)
        for wanted in (None, frozenset({"id", "provider_call_id"})):
            lean = LeanCalls({"sees_numbers": False}, wanted)
            batches = [*lean.batches(Call.objects.all())]
            rows = json.loads(json.dumps(batches[0], default=str))
            self.assertEqual({one["id"]: one["provider_call_id"] for one in rows}, expected)
            self.assertEqual(set(rows[0]), {"id", "provider_call_id"} if wanted else set(rows[0]))
