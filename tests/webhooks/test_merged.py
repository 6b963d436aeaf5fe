"""Several deliveries about one call, through the door: what becomes of it."""

from django.test import TestCase

from calls.models import Call, Leg, Recording
from tests.webhooks.door import Door, call_event, call_report
from webhooks.models import Delivery

LIVE = {"type": "live_call", "CallDuration": "", "TalkDuration": "", "EndTime": "", "coins": ""}


def live(word, **changes):
    gone = {"CallRecordingUrl": "", "LegA_Picked_time": "", "LegB_Picked_time": ""}
    return call_report(Status=word, **LIVE, **gone, LegB_Start_time="", **changes)


class CallerDeskTests(Door, TestCase):
    def test_a_live_event_after_the_report_reopens_nothing(self):
        self.post_callerdesk(call_report())
        self.post_callerdesk(live("Picked"))
        call = Call.objects.get()
        self.assertEqual((call.status, call.is_over, call.missed), ("completed", True, False))
        self.assertEqual(Leg.objects.get(side="b").status, "completed")
        self.assertEqual(Delivery.objects.count(), 2)

    def test_a_live_event_finishes_no_call(self):
        self.post_callerdesk(live("BUSY"))
        call = Call.objects.get()
        self.assertFalse(call.is_over)
        self.assertEqual(Leg.objects.get(side="b").status, "busy")

    def test_a_leg_that_rang_does_not_ring_on_when_the_call_was_abandoned(self):
        vain = {"DialWhomNumber": "", "receiver_name": "", "CallRecordingUrl": ""}
        never = "0000-00-00 00:00:00"
        self.post_callerdesk(live("TransferToAgent"))
        self.assertEqual(Leg.objects.get(side="b").status, "ringing")
        self.post_callerdesk(
            call_report(
                Status="AbandonedCall", LegB_Start_time=never, LegB_Picked_time=never, **vain
            )
        )
        call = Call.objects.get()
        self.assertEqual(
            (call.status, call.end_reason, call.missed), ("no_answer", "abandoned", True)
        )
        leg = Leg.objects.get(side="b")
        self.assertEqual((leg.status, leg.number), ("no_answer", "+919000000002"))

    def test_a_later_report_may_bring_the_recording_but_never_takes_it_away(self):
        self.post_callerdesk(call_report(CallRecordingUrl=""))
        self.assertFalse(Recording.objects.exists())
        self.post_callerdesk(call_report())
        self.post_callerdesk(call_report(CallRecordingUrl="", coins="2"))
        self.assertIn("callrecords.callerdesk.io", Recording.objects.get().url)


class FreeClimbTests(Door, TestCase):
    def test_a_late_ringing_does_not_reopen_a_finished_call(self):
        self.post_freeclimb(call_event("callStatus"))
        self.post_freeclimb(call_event("inboundCall", callStatus="ringing"))
        call = Call.objects.get()
        self.assertEqual((call.status, call.is_over), ("completed", True))

    def test_null_never_removes_a_link(self):
        linked = {"conferenceId": "CF1", "queueId": "QU1", "parentCallId": "CA0"}
        self.post_freeclimb(call_event("getDigits", **linked))
        self.post_freeclimb(call_event("callStatus"))
        call = Call.objects.get(parent__isnull=False)
        self.assertEqual(call.queue_id, "QU1")
        self.assertEqual(call.participations.count(), 1)
        self.assertEqual(call.parent.provider_call_id, "CA0")

    def test_an_end_of_an_unknown_word_is_an_end(self):
        self.post_freeclimb(call_event("callStatus", callStatus="vanished"))
        call = Call.objects.get()
        self.assertEqual(
            (call.status, call.provider_status, call.is_over), ("unknown", "vanished", True)
        )

    def test_a_recording_of_no_length_is_none(self):
        nothing = {"recordingUrl": "", "recordingId": "", "recordingDurationSec": "0"}
        self.post_freeclimb(call_event("callStatus", **nothing))
        self.assertFalse(Recording.objects.exists())

    def test_a_child_begins_when_it_is_dialled(self):
        self.post_freeclimb(call_event("outDialStart", dialCallId="CA9"))
        self.post_freeclimb(
            call_event("outDialConnect", callId="CA9", callStatus="busy", direction="outboundDial")
        )
        child = Call.objects.get(provider_call_id="CA9")
        dialled = Delivery.objects.get(kind="outDialStart").signed_at
        self.assertEqual((child.started_at, child.status), (dialled, "busy"))
        self.assertEqual(child.connections.get().side, "b")
