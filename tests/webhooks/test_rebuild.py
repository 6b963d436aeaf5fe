"""Folding the inbox again: promise 4."""

from datetime import timedelta
from io import StringIO

from django.core.management import CommandError, call_command
from django.test import TestCase, TransactionTestCase
from django.utils.timezone import now

from calls.content import content
from calls.models import Call, Conference, Leg, Participant, Recording
from tests.webhooks.door import Door, call_event, call_report
from webhooks.models import Delivery
from webhooks.rebuild import rebuild

TABLES = (Call, Leg, Conference, Participant, Recording)


def everything():
    return {model: {row.pk: content(row) for row in model.objects.all()} for model in TABLES}


class Lives(Door):
    """A parent with a child in a conference that is recorded, and a CallerDesk call."""

    def setUp(self):
        super().setUp()
        child = {"callId": "CA2", "parentCallId": "CA1", "direction": "outboundDial"}
        conference = {"conferenceId": "CF1", "recordingId": "RE1", "recordingUrl": "https://x/RE1"}
        for body in (
            call_event("inboundCall", callId="CA1", callStatus="ringing"),
            call_event("outDialConnect", **child),
            call_event("addToConferenceNotification", **child, conferenceId="CF1"),
            call_event("conferenceRecordingStatus", **child, **conference, status="terminated"),
            call_event("callStatus", **child, callDuration="12"),
            call_event("callStatus", callId="CA1", recordingId="RE2", recordingUrl="https://x/2"),
        ):
            self.assertEqual(self.post_freeclimb(body).status_code, 200)
        self.post_callerdesk(call_report())
        for model in TABLES:
            self.assertTrue(model.objects.exists(), model)


class RebuildTests(Lives, TestCase):
    def test_from_nothing_it_gives_the_same_content_ids_included(self):
        """Promise 4: rebuild folds the inbox into the same content."""
        before = everything()
        for model in reversed(TABLES):
            model.objects.all().delete()
        report = rebuild(verify=False)
        self.assertEqual(everything(), before)
        self.assertEqual(report.deliveries, 7)

    def test_verify_is_clean_after_intake_and_changes_nothing(self):
        before = list(Call.objects.values_list("id", "revision"))
        report = rebuild(verify=True)
        self.assertEqual((report.different, report.unvouched), ([], []))
        self.assertEqual(list(Call.objects.values_list("id", "revision")), before)

    def test_verify_sees_a_spoiled_value_in_every_table_and_rebuild_mends_it(self):
        spoils = [
            (Call, {"duration_seconds": 99}),
            (Call, {"missed": True}),
            (Call, {"is_root": True, "parent_id": None}),
            (Leg, {"number": "+10"}),
            (Conference, {"status": "empty"}),
            (Participant, {"state": "left"}),
            (Recording, {"url": "https://elsewhere.example/"}),
        ]
        before = everything()
        for model, values in spoils:
            with self.subTest(model=model.__name__, values=values):
                victim = model.objects.exclude(**values).order_by("pk").last()
                model.objects.filter(pk=victim.pk).update(**values)
                report = rebuild(verify=True)
                self.assertTrue(report.different)
                rebuild(verify=False)
                self.assertEqual(everything(), before)

    def test_a_missing_row_is_seen_and_made_again(self):
        before = everything()
        for model in (Leg, Participant, Recording):
            with self.subTest(model=model.__name__):
                model.objects.order_by("pk").first().delete()
                self.assertTrue(rebuild(verify=True).different)
                rebuild(verify=False)
                self.assertEqual(everything(), before)

    def test_rows_that_nothing_vouches_for_are_listed_never_deleted(self):
        Delivery.objects.filter(provider="callerdesk").delete()
        self.assertEqual(rebuild(verify=True).unvouched, [])  # their deliveries are gone: believed
        Call.objects.filter(account__provider="callerdesk").update(claims={})
        report = rebuild(verify=True)
        self.assertEqual(len(report.unvouched), 1)
        self.assertTrue(Call.objects.filter(account__provider="callerdesk").exists())

    def test_what_pruned_deliveries_said_is_kept(self):
        before = everything()
        Delivery.objects.filter(kind="inboundCall").delete()
        self.assertEqual(rebuild(verify=True).different, [])
        rebuild(verify=False)
        self.assertEqual(everything(), before)

    def test_the_endpoints_time_zone_is_input(self):
        call = Call.objects.get(account__provider="callerdesk")
        self.callerdesk.time_zone = "UTC"
        self.callerdesk.save()
        self.assertTrue(rebuild(verify=True).different)
        rebuild(verify=False)
        moved = Call.objects.get(id=call.id)
        self.assertEqual(moved.started_at - call.started_at, timedelta(hours=5, minutes=30))

    def test_what_became_of_a_delivery_is_written_where_it_is_another_now(self):
        before = dict(Delivery.objects.values_list("id", "state"))
        Delivery.objects.update(state="received", reason="")
        rebuild(verify=True)
        self.assertEqual(set(Delivery.objects.values_list("state", flat=True)), {"received"})
        rebuild(verify=False)
        self.assertEqual(dict(Delivery.objects.values_list("id", "state")), before)

    def test_the_command_ends_with_1_if_anything_differs(self):
        out = StringIO()
        call_command("rebuild", verify=True, stdout=out, stderr=StringIO())
        self.assertIn("0 differences", out.getvalue())
        Call.objects.update(duration_seconds=99)
        with self.assertRaisesMessage(CommandError, "differences"):
            call_command("rebuild", verify=True, stdout=out, stderr=StringIO())
        self.assertIn("duration_seconds: 99", out.getvalue())
        call_command("rebuild", stdout=out, stderr=StringIO())
        call_command("rebuild", verify=True, stdout=out, stderr=StringIO())


class BesideIntakeTests(Lives, TransactionTestCase):
    def test_what_arrives_during_a_rebuild_is_not_lost(self):
        def arrive(what, done):
            if what == "deliveries read":
                self.post_freeclimb(call_event(callId="CA3", callStatus="busy"))
                self.post_freeclimb(call_event("getDigits", callId="CA1", to="+13125550177"))

        rebuild(verify=False, progress=arrive)
        self.assertEqual(Call.objects.get(provider_call_id="CA3").status, "busy")
        self.assertEqual(rebuild(verify=True).different, [])


class PruneTests(Lives, TestCase):
    def setUp(self):
        super().setUp()
        self.age(400)

    def age(self, days):
        old = now() - timedelta(days=days)
        Delivery.objects.update(received_at=old, received_on=old.date())
        rebuild(verify=False)  # the time of receipt is content

    def prune(self, **options):
        out = StringIO()
        call_command("prune_deliveries", stdout=out, stderr=StringIO(), **options)
        return out.getvalue()

    def test_old_deliveries_of_finished_subjects_go_and_calls_stay(self):
        before = everything()
        self.post_freeclimb(call_event("getDigits", callId="CA9"))  # still live
        self.post_freeclimb(b"not json")
        self.age(400)
        self.assertIn("7 deliveries would be", self.prune(older_than="90d", dry_run=True))
        self.assertEqual(Delivery.objects.count(), 9)
        self.prune(older_than="90d")
        self.assertEqual(Delivery.objects.count(), 2)
        for model, rows in before.items():
            self.assertLessEqual(rows.keys(), everything()[model].keys())
        self.assertEqual(rebuild(verify=True).different, [])

    def test_young_deliveries_and_those_of_subjects_heard_of_since_stay(self):
        self.post_freeclimb(call_event("callStatus", callId="CA1", callDuration="3"))
        self.prune(older_than="90d")
        kept = Delivery.objects.filter(subject=Call.objects.get(provider_call_id="CA1").id)
        self.assertEqual(kept.count(), 3)
        self.assertIn("0 deliveries", self.prune(older_than="500d"))

    def test_a_wrong_age_is_told(self):
        for wrong in ("soon", "0d", "-3"):
            with self.assertRaises(CommandError):
                self.prune(older_than=wrong)
