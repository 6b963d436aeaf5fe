"""The commands that programs and operators use."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest import mock

from django.core.management import CommandError
from django.test import TestCase
from django.utils.timezone import now

from calls.models import Account, Call, Recording
from tests.webhooks.commands import run, run_json
from tests.webhooks.door import ACCOUNT, OTHER_SECRET, SECRET, Door, call_event, call_report
from webhooks import inbox
from webhooks.deliveries import build
from webhooks.models import Delivery, Endpoint, State
from webhooks.providers import PROVIDERS

RECORD = {
    "uri": f"/Accounts/{ACCOUNT}/Calls/CA1",
    "dateCreated": "Mon, 15 Jun 2026 20:45:30 GMT",
    "dateUpdated": "Mon, 15 Jun 2026 20:50:30 GMT",
    "dateCreatedISO": "2026-06-15T20:45:30.358Z",
    "dateUpdatedISO": "2026-06-15T20:50:30.400Z",
    "revision": 3,
    "callId": "CA1",
    "parentCallId": "CA0",
    "accountId": ACCOUNT,
    "to": "+13125550101",
    "from": "+13125550100",
    "phoneNumberId": "PN1",
    "applicationId": "AP1",
    "status": "completed",
    "startTime": "Mon, 15 Jun 2026 20:45:31 GMT",
    "connectTime": "Mon, 15 Jun 2026 20:45:40 GMT",
    "endTime": "Mon, 15 Jun 2026 20:50:30 GMT",
    "connectDuration": 290,
    "duration": 299,
    "direction": "outboundDial",
    "answeredBy": "human",
    "subresourceUris": {"logs": "/x", "recordings": "/y"},
}


class EndpointCommandTests(TestCase):
    def create(self, **options):
        return run_json("create_endpoint", account="Main", **{"provider": "freeclimb"} | options)

    def test_an_endpoint_is_made_and_its_path_lets_in(self):
        told = self.create(provider="callerdesk")
        self.assertEqual(list(told), ["id", "provider", "account", "path", "token"])
        self.assertEqual(self.client.get(told["path"]).status_code, 200)
        endpoint = Endpoint.objects.get(id=told["id"])
        self.assertEqual((endpoint.region, endpoint.time_zone), ("IN", "Asia/Kolkata"))
        self.assertFalse(endpoint.secrets.filter(value__contains=told["token"]).exists())

    def test_a_second_endpoint_of_an_account_shares_its_calls(self):
        first, second = self.create(), self.create(provider_account_id=ACCOUNT)
        self.assertNotEqual(first["token"], second["token"])
        self.assertEqual(Account.objects.get().provider_account_id, ACCOUNT)

    def test_without_a_secret_the_command_that_adds_one_is_told(self):
        _, told = run("create_endpoint", provider="freeclimb", account="Main")
        self.assertIn(f"rotate_endpoint --id {Endpoint.objects.get().id} --add-secret", told)

    def test_what_cannot_be_is_refused_in_one_line(self):
        self.create(provider_account_id=ACCOUNT)
        wrong = [
            {"time_zone": "Mars/Olympus"},
            {"region": "XX"},
            {"account": " "},
            {"provider_account_id": "AC2"},
            {"account": "Other", "provider_account_id": ACCOUNT},
            {"provider": "callerdesk", "secret": [SECRET]},
            {"secret": ["sigsec_…"]},
            {"secret": ["hello"]},
            {"label": "x" * 101},
            {"label": "a\0b"},
            {"account": "a\udcff"},
            {"account": "Third", "provider_account_id": "A" * 256},
        ]
        for options in wrong:
            with self.assertRaises(CommandError, msg=options):
                run("create_endpoint", **{"provider": "freeclimb", "account": "Main"} | options)
        self.assertEqual(Endpoint.objects.count(), 1)

    def test_secrets_and_tokens_are_rotated_with_an_overlap(self):
        made = self.create(secret=[SECRET])
        told = run_json("rotate_endpoint", id=made["id"], add_secret=OTHER_SECRET, new_token=True)
        self.assertEqual(told["secrets"], ["…4567", "…cdef"])
        self.assertEqual(len(told["tokens"]), 2)
        with self.assertRaisesMessage(CommandError, "two signing secrets already"):
            run("rotate_endpoint", id=made["id"], add_secret="sigsec_" + "3" * 40)
        told = run_json("rotate_endpoint", id="Main", drop_secret="4567")
        self.assertEqual(told["secrets"], ["…cdef"])

    def test_the_accounts_id_at_the_provider_is_told_once(self):
        made = self.create()
        told = run_json("rotate_endpoint", id=made["id"], provider_account_id=ACCOUNT)
        self.assertEqual(told["provider_account_id"], ACCOUNT)
        run("rotate_endpoint", id=made["id"], provider_account_id=ACCOUNT)
        with self.assertRaisesMessage(CommandError, ACCOUNT):
            run("rotate_endpoint", id=made["id"], provider_account_id="AC2")

    def test_dropping_the_last_secret_tells_what_that_means(self):
        made = self.create(secret=[SECRET])
        _, told = run("rotate_endpoint", id=made["id"], drop_secret="4567")
        self.assertIn("refused", told)

    def test_a_rotation_of_nothing_or_of_what_is_not_there_is_refused(self):
        made = self.create()
        for options in (
            {"id": made["id"]},
            {"id": made["id"], "drop_secret": "none"},
            {"id": "nobody", "new_token": True},
        ):
            with self.assertRaises(CommandError, msg=options):
                run("rotate_endpoint", **options)


class IngestTests(Door, TestCase):
    def ingest(self, content, endpoint=None):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "file.json"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return run_json("ingest", str(path), endpoint=str((endpoint or self.freeclimb).id))

    def test_every_property_of_a_call_resource_comes_back(self):
        told = self.ingest(json.dumps(RECORD))
        self.assertEqual((told["processed"], told["failed"], told["known"]), (1, 0, 0))
        call = Call.objects.get(provider_call_id="CA1")
        self.assertEqual(call.provider_created_at.isoformat(), "2026-06-15T20:45:30.358000+00:00")
        self.assertEqual(call.provider_updated_at.isoformat(), "2026-06-15T20:50:30.400000+00:00")
        self.assertEqual(call.started_at.isoformat(), "2026-06-15T20:45:31+00:00")
        self.assertEqual(call.answered_at.isoformat(), "2026-06-15T20:45:40+00:00")
        self.assertEqual(call.ended_at.isoformat(), "2026-06-15T20:50:30+00:00")
        found = {
            name: getattr(call, name)
            for name in (
                *("provider_revision", "parent_provider_call_id", "to_number", "from_number"),
                *("phone_number_id", "application_id", "status", "provider_status", "direction"),
                *("talk_seconds", "duration_seconds", "answered_by", "is_over"),
            )
        }
        self.assertEqual(
            found,
            {
                "provider_revision": 3,
                "parent_provider_call_id": "CA0",
                "to_number": "+13125550101",
                "from_number": "+13125550100",
                "phone_number_id": "PN1",
                "application_id": "AP1",
                "status": "completed",
                "provider_status": "completed",
                "direction": "outbound_dial",
                "talk_seconds": 290,
                "duration_seconds": 299,
                "answered_by": "human",
                "is_over": True,
            },
        )
        self.assertEqual(Delivery.objects.get().kind, "rest:call")

    def test_a_record_outranks_webhooks_whichever_came_first(self):
        self.post_freeclimb(call_event(callId="CA1", callDuration="7", callStatus="busy"))
        self.ingest(json.dumps({"calls": [RECORD], "total": 1}))
        self.post_freeclimb(call_event(callId="CA1", callDuration="8", callStatus="failed"))
        call = Call.objects.get(provider_call_id="CA1")
        self.assertEqual((call.duration_seconds, call.status), (299, "completed"))

    def test_the_same_file_again_changes_nothing(self):
        self.ingest(json.dumps([RECORD]))
        told = self.ingest(json.dumps([RECORD]))
        self.assertEqual((told["processed"], told["known"]), (0, 1))
        self.assertEqual(Call.objects.get(provider_call_id="CA1").revision, 1)

    def test_a_record_that_was_taken_in_on_another_day_is_known(self):
        body = json.dumps(RECORD, sort_keys=True, separators=(",", ":")).encode()
        how = {"method": "REST", "content_type": "application/json", "kind": "rest:call"}
        day_before = now() - timedelta(days=1)
        inbox.store([build(self.freeclimb, body=body, received_at=day_before, **how)])
        told = self.ingest(json.dumps([RECORD, RECORD | {"revision": 4}]))
        self.assertEqual((told["processed"], told["known"]), (1, 1))
        self.assertEqual(Delivery.objects.count(), 2)

    def test_webhook_bodies_keep_their_times_of_receipt(self):
        line = {"received_at": "2026-01-31T12:00:00Z", "body": call_event(callId="CA1")}
        late = {"received_at": "2026-01-31T12:05:00Z", "body": '{"callId": "CA1"}'}
        self.ingest(json.dumps(line) + "\n\n" + json.dumps(late) + "\n")
        call = Call.objects.get()
        self.assertEqual(call.created_at.isoformat(), "2026-01-31T12:00:00+00:00")
        self.assertEqual(call.ended_at, call.created_at)
        self.assertEqual(Delivery.objects.count(), 2)

    def test_a_callerdesk_query_can_be_ingested_too(self):
        line = {"received_at": "2026-01-31T12:00:00Z", "body": "", "method": "GET"}
        line["query"] = "CallSid=1.120&Status=ANSWER&type=call_report"
        self.ingest(json.dumps(line), self.callerdesk)
        self.assertEqual(Call.objects.get().provider_call_id, "1.120")

    def test_a_wrong_file_is_told_and_nothing_of_it_taken(self):
        wrong = {
            "": "empty",
            "nonsense": "line 1",
            '{"received_at": "2026-01-31T12:00:00Z", "body": {}}\n{"body": {}}': "line 2",
            '{"received_at": "noon", "body": {}}': "received_at",
            '{"received_at": "2026-01-31T12:00:00", "body": {}}': "zone",
            '[{"callId": "CA1"}, {"recordingId": "RE1"}]': "record 2",
            b"\xff\xfe": "UTF-8",
        }
        for content, word in wrong.items():
            with self.assertRaisesMessage(CommandError, word):
                self.ingest(content)
        with self.assertRaisesMessage(CommandError, "FreeClimb"):
            self.ingest(json.dumps(RECORD), self.callerdesk)
        with self.assertRaises(CommandError):
            run("ingest", "/nowhere.json", endpoint=str(self.freeclimb.id))
        self.assertFalse(Delivery.objects.exists())

    def test_what_fails_is_stored_and_told(self):
        with self.assertRaisesMessage(CommandError, "1 failed"):
            self.ingest(json.dumps([RECORD | {"accountId": "AC" + "0" * 40}]))
        self.assertEqual(Delivery.objects.get().state, State.FAILED)


class ProcessDeliveriesTests(Door, TestCase):
    def test_failed_ones_are_processed_after_a_change_of_settings(self):
        """Promise 2: what was refused a place is processed once it may have one."""
        self.post_freeclimb(call_event(accountId="AC" + "0" * 40))
        self.post_freeclimb(b"never readable")
        self.freeclimb.account.provider_account_id = "AC" + "0" * 40
        self.freeclimb.account.save()
        with self.assertRaisesMessage(CommandError, "1 of 2 failed"):
            run("process_deliveries")
        self.assertEqual(Call.objects.count(), 1)
        told, _ = run("process_deliveries", state="failed", kind="callStatus")
        self.assertIn("0 deliveries", told)

    def test_it_goes_through_all_of_a_state_in_batches(self):
        for number in range(5):
            self.post_callerdesk(call_report(CallSid=f"{number}.1"))
        Recording.objects.all().delete()
        told, progress = run("process_deliveries", state="processed", batch_size=2)
        self.assertIn("5 deliveries processed", told)
        self.assertEqual(progress.count(" of 5"), 3)
        self.assertEqual(Recording.objects.count(), 5)

    def test_a_stop_in_between_loses_nothing(self):
        for number in range(4):
            self.post_callerdesk(call_report(CallSid=f"{number}.1"))
        Call.objects.update(group_name="spoiled")
        Delivery.objects.update(state=State.FAILED, reason="a fault")
        parse = PROVIDERS["callerdesk"].parse
        seen = []

        def interrupted(message, context):
            seen.append(message)
            if len(seen) == 3:
                raise KeyboardInterrupt
            return parse(message, context)

        with mock.patch.object(PROVIDERS["callerdesk"], "parse", interrupted):
            with self.assertRaises(KeyboardInterrupt):
                run("process_deliveries", batch_size=1)
        self.assertEqual(Delivery.objects.filter(state=State.FAILED).count(), 2)
        run("process_deliveries")
        self.assertFalse(Delivery.objects.filter(state=State.FAILED).exists())
