"""Every field that the providers' pages name comes back from the API under its own name.

Pages: FreeClimb callStatus, outDialConnect, conferenceRecordingStatus and the Call resource;
CallerDesk Call Report and Live Call.
"""

import json
import tempfile
from pathlib import Path

from django.core.management import call_command
from django.test import TestCase

from calls import api_keys
from tests.webhooks.door import ACCOUNT, Door, call_event, call_report
from tests.webhooks.test_commands import RECORD


class FieldTests(Door, TestCase):
    def setUp(self):
        super().setUp()
        _, key = api_keys.create("reader")
        self.key = {"HTTP_AUTHORIZATION": f"Bearer {key}"}

    def read(self, path, **query):
        response = self.client.get(f"/api/v1/{path}", query, **self.key)
        self.assertEqual(response.status_code, 200, response.content)
        return response.json()

    def call(self, provider_call_id):
        """Found in the list by the provider's id, read in full."""
        (found,) = self.read("calls/", provider_call_id=provider_call_id)["results"]
        return self.read(f"calls/{found['id']}/")

    def assert_shown(self, shown, **expected):
        self.assertEqual({name: shown[name] for name in expected}, expected)

    def post(self, body):
        self.assertEqual(self.post_freeclimb(body).status_code, 200)

    def test_freeclimb_call_status(self):
        self.post(
            call_event(
                "callStatus",
                callId="CA1",
                parentCallId="CA0",
                direction="outboundDial",
                callDuration="41",
                callEndedReason="farEndHangup",
                recordingUrl="https://www.freeclimb.com/recordings/RE1",
                recordingId="RE1",
                recordingDurationSec="39",
            )
        )
        call = self.call("CA1")
        self.assert_shown(
            call,
            provider_call_id="CA1",
            parent_provider_call_id="CA0",
            from_number="+13125550100",
            from_raw="+13125550100",
            to_number="+13125550101",
            to_raw="+13125550101",
            status="completed",
            provider_status="completed",
            is_over=True,
            direction="outbound_dial",
            duration_seconds=41,
            end_reason="far_end_hangup",
            provider_end_reason="farEndHangup",
            hangup_by="far_end",
        )
        self.assert_shown(call["account"], provider="freeclimb", provider_account_id=ACCOUNT)
        (recording,) = call["recordings"]
        self.assert_shown(
            recording,
            provider_recording_id="RE1",
            url="https://www.freeclimb.com/recordings/RE1",
            duration_seconds=39,
        )
        parent = self.call("CA0")
        self.assertEqual(call["parent"], parent["id"])
        self.assertEqual(parent["strength"], "inferred")
        self.assertEqual(parent["children"][0]["provider_call_id"], "CA1")
        (leg,) = [leg for leg in parent["legs"] if leg["side"] == "b"]
        self.assert_shown(leg, number="+13125550101", status="completed", connected_call=call["id"])
        (delivery,) = self.read("deliveries/")["results"]
        self.assert_shown(delivery, kind="callStatus", state="processed")

    def test_freeclimb_out_dial_connect(self):
        self.post(
            call_event(
                "outDialConnect",
                callId="CA1",
                parentCallId="CA0",
                to="sip:desk@example.com",
                direction="outboundDial",
                callStatus=None,
                dialCallStatus="inProgress",
                conferenceId="CF1",
                queueId="QU1",
            )
        )
        call = self.call("CA1")
        self.assert_shown(
            call,
            parent_provider_call_id="CA0",
            to_number="sip:desk@example.com",
            status="in_progress",
            provider_status="inProgress",
            is_over=False,
            queue_id="QU1",
            queue_state="waiting",
        )
        self.assertIsNotNone(call["answered_at"])
        (conference,) = call["conferences"]
        self.assertEqual(conference["provider_conference_id"], "CF1")

    def test_freeclimb_conference_recording_status(self):
        self.post(
            call_event(
                "conferenceRecordingStatus",
                callId="CA1",
                conferenceId="CF1",
                status="terminated",
                recordingUrl="https://www.freeclimb.com/recordings/RE2",
                recordingId="RE2",
                recordingDurationSec=61,
            )
        )
        (conference,) = self.read("conferences/", provider_conference_id="CF1")["results"]
        self.assert_shown(conference, status="terminated", provider_status="terminated")
        self.assertEqual(conference["participants"][0]["provider_call_id"], "CA1")
        (recording,) = self.read("recordings/", conference=conference["id"])["results"]
        self.assert_shown(
            recording,
            provider_recording_id="RE2",
            url="https://www.freeclimb.com/recordings/RE2",
            duration_seconds=61,
            conference=conference["id"],
            call=self.call("CA1")["id"],
        )

    def test_freeclimb_call_resource(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "call.json"
            path.write_text(json.dumps(RECORD))
            call_command("ingest", str(path), endpoint=str(self.freeclimb.id), verbosity=0)
        call = self.call("CA1")
        self.assert_shown(
            call,
            provider_created_at="2026-06-15T20:45:30.358000Z",
            provider_updated_at="2026-06-15T20:50:30.400000Z",
            provider_revision=3,
            parent_provider_call_id="CA0",
            to_number="+13125550101",
            from_number="+13125550100",
            phone_number_id="PN1",
            application_id="AP1",
            status="completed",
            started_at="2026-06-15T20:45:31Z",
            answered_at="2026-06-15T20:45:40Z",
            ended_at="2026-06-15T20:50:30Z",
            talk_seconds=290,
            duration_seconds=299,
            direction="outbound_dial",
            answered_by="human",
            strength="record",
        )

    def test_callerdesk_call_report(self):
        self.post_callerdesk(
            call_report(campid="11387004", error_code="19", Direction="WEBOBD", key_press="2")
            | {"hangup_cause": "ANSWER(16-customer)"}
        )
        call = self.call("1769860800.120")
        self.assert_shown(
            call,
            from_number="+919000000001",
            from_raw="09000000001",
            to_number="+919000000002",
            to_raw="09000000002",
            customer_number="+919000000002",
            service_number="+911204000000",
            duration_seconds=60,
            talk_seconds=45,
            cost_amount=1,
            cost_unit="coin",
            status="completed",
            provider_status="ANSWER",
            end_reason="answered",
            provider_error_code="19",
            hangup_by="customer",
            started_at="2026-01-31T12:00:00Z",
            answered_at="2026-01-31T12:00:15Z",
            ended_at="2026-01-31T12:01:00Z",
            direction="outbound",
            provider_request_id="11387004",
            group_name="Sales",
            ivr_keys="2",
        )
        (recording,) = call["recordings"]
        self.assertEqual(
            recording["url"], "https://callrecords.callerdesk.io/incoming/01_2026/a.wav"
        )
        legs = {leg["side"]: leg for leg in call["legs"]}
        self.assert_shown(
            legs["a"],
            party="agent",
            number="+919000000001",
            name="Asha",
            answered_at="2026-01-31T12:00:02Z",
        )
        self.assert_shown(
            legs["b"],
            party="customer",
            number="+919000000002",
            started_at="2026-01-31T12:00:05Z",
            answered_at="2026-01-31T12:00:15Z",
        )

    def test_callerdesk_live_call(self):
        self.get_callerdesk(
            {
                "SourceNumber": "9000000001",
                "DestinationNumber": "01204000000",
                "DialWhomNumber": "9000000002",
                "Status": "Picked",
                "StartTime": "2026-01-31  17:30:00",
                "CallSid": "1672649960.960",
                "Direction": "IVR",
                "campid": "16786001",
            }
        )
        call = self.call("1672649960.960")
        self.assert_shown(
            call,
            direction="inbound",
            customer_number="+919000000001",
            service_number="+911204000000",
            to_number="+919000000002",
            status="in_progress",
            provider_status="Picked",
            is_over=False,
            started_at="2026-01-31T12:00:00Z",
            provider_request_id="16786001",
        )
