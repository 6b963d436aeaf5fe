"""What the simulator plays: the lives, their webhooks and their truth, without a server."""

import json
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from django.test import SimpleTestCase

from webhooks.simulator.freeclimb import sign
from webhooks.simulator.plan import LIVES, PROVIDERS, Plan
from webhooks.simulator.story import LONGEST

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ACCOUNT = "AC" + "0" * 40


def names(text):
    return set(text.split())


BASE = names("requestType callId accountId from to callStatus direction conferenceId queueId")
PARENT = {"parentCallId"}
AUDIO = {"recordingUrl", "recordingId", "recordingDurationSec"}
TRANSCRIPT = names(
    "recordingId recordingUrl recordingFormat recordingSize recordingDurationMs digit transcript"
    " transcriptionDurationMs bargedInPromptNo bargedInPromptMs bargedInPromptLoopNo bargeInTimeMs"
    " termReason recordTermReason transcribeReason bargeInReason privacyForLogging"
    " privacyForRecording"
)
# These two do without the base.
ALONE = {
    "transcribe": names("requestType callId accountId from to") | TRANSCRIPT,
    "callControl": names("requestType callId accountId conferenceId digits"),
}
# requestType: what it has beyond the base, https://docs.freeclimb.com/reference/webhooks
MORE = {
    "inboundCall": PARENT,
    "outDialApiConnect": PARENT | {"dialCallStatus"},
    "outDialStart": PARENT | {"dialCallId"},
    "outDialConnect": PARENT | {"dialCallStatus"},
    "machineDetected": PARENT | {"machineType"},
    "callStatus": PARENT | {"callEndedReason", "callDuration"},
    "redirect": PARENT | {"originalRequestType"},
    "getDigits": PARENT | {"digits", "reason"},
    "getSpeech": PARENT | {"reason", "recognitionResult", "confidence"},
    "record": PARENT | AUDIO | {"recordingSize", "recordingFormat", "termReason", "privacyMode"},
    "createConference": set(),
    "conferenceStatus": AUDIO | {"status"},
    "conferenceRecordingStatus": AUDIO | {"status"},
    "addToConferenceNotification": set(),
    "leaveConference": set(),
    "addToQueueNotification": set(),
    "queueWait": {"queuePosition", "queueTime", "currentQueueSize"},
    "dequeue": {"queueResult", "queueTime"},
    "removeFromQueueNotification": {"queueResult", "queueTime"},
}
# https://docs.callerdesk.io/sample-payload; `type`, key_press, hangup_cause and Uniqueid are sent
# though the page does not have them.
LIVE_CALL = names(
    "SourceNumber DestinationNumber DialWhomNumber Status StartTime CallSid Direction"
)
REPORT = LIVE_CALL | names(
    "CallDuration coins EndTime CallRecordingUrl campid TalkDuration call_group receiver_name"
    " error_code LegA_Picked_time LegB_Start_time LegB_Picked_time key_press hangup_cause"
)


def plan(seed="lives", providers=PROVIDERS):
    return Plan(seed, providers, ACCOUNT)


def lives(count=200, **options):
    the_plan = plan(**options)
    return [the_plan.life(number, NOON) for number in range(count)]


def fields(request):
    """The names and texts of a CallerDesk request."""
    if request.query:
        return dict(parse_qsl(request.query, keep_blank_values=True))
    body = request.body.decode()
    if body.startswith("{"):
        return json.loads(body, parse_float=str, parse_int=str)
    return dict(parse_qsl(body, keep_blank_values=True))


class PlanTests(SimpleTestCase):
    def test_the_same_seed_plays_the_same_calls(self):
        def told(**options):
            return [(life.requests, asdict(life.truth)) for life in lives(80, **options)]

        self.assertEqual(told(), told())
        self.assertNotEqual(told(), told(seed="other"))

    def test_another_start_changes_times_and_nothing_else(self):
        first, second = (plan().life(0, NOON + timedelta(days=n)) for n in (0, 7))
        self.assertEqual([r.body for r in first.requests], [r.body for r in second.requests])
        moved = [b.at - a.at for a, b in zip(first.requests, second.requests, strict=True)]
        self.assertEqual(set(moved), {timedelta(days=7)})

    def test_each_kind_of_life_comes_before_any_is_repeated(self):
        kinds = {life.kind for life in lives(2 * max(len(LIVES[p]) for p in PROVIDERS))}
        self.assertEqual(kinds, {name for provider in PROVIDERS for name in LIVES[provider]})

    def test_ids_are_not_used_twice(self):
        told = lives(2_000)
        for kind, name in (("calls", "provider_call_id"), ("recordings", "url")):
            ids = [getattr(x, name) for life in told for x in getattr(life.truth, kind)]
            self.assertEqual(len(ids), len(set(ids)))

    def test_a_life_fits_into_what_a_signature_is_good_for(self):
        for life in lives(1_000):
            variants = [r.variant for r in life.requests if r.variant]
            times = [r.at for r in [*life.requests, *variants]]
            self.assertGreaterEqual(min(times), NOON)
            self.assertLessEqual(max(times), NOON + timedelta(seconds=LONGEST + 15), life.kind)

    def test_live_lives_are_over_and_past_ones_lie_on_the_days_asked_for(self):
        for life in plan().live(range(50), lambda: NOON):
            ages = [(NOON - request.at).total_seconds() for request in life.requests]
            self.assertTrue(all(0 <= age < 240 for age in ages))
        for life in plan().past(range(50), 3, NOON):
            age = NOON.date() - life.truth.calls[0].started_at.date()
            self.assertIn(age.days, (1, 2, 3))


class FreeClimbTests(SimpleTestCase):
    def test_the_signature_is_the_one_of_freeclimbs_own_test(self):
        body = (
            b'{"accountId":"AC1334ffb694cd8d969f51cddf5f7c9b478546d50c",'
            b'"callId":"CAccb0b00506553cda09b51c5477f672a49e0b2213","callStatus":"ringing",'
            b'"conferenceId":null,"direction":"inbound","from":"+13121000109",'
            b'"parentCallId":null,"queueId":null,"requestType":"inboundCall","to":"+13121000096"}'
        )
        self.assertEqual(
            sign("sigsec_ead6d3b6904196c60835d039e91b3341c77a7793", 1679944186, body),
            "t=1679944186,v1=c3957749baf61df4b1506802579cc69a74c77a1ae21447b930e5a704f9ec4120",
        )

    def test_each_webhook_has_the_fields_of_its_page(self):
        met = defaultdict(int)
        for life in lives(400, providers=["freeclimb"]):
            for request in life.requests:
                payload = json.loads(request.body)
                name = payload["requestType"]
                met[name] += 1
                expected = ALONE[name] if name in ALONE else BASE | MORE[name]
                if name == "callStatus":
                    expected |= AUDIO & payload.keys()
                self.assertEqual(payload.keys(), expected, name)
                self.assertRegex(request.headers["Request-Id"], r"^RQ[0-9a-f]{40}$")
        self.assertEqual(met.keys(), MORE.keys() | ALONE.keys())

    def test_what_sources_spell_differently_comes_in_all_spellings(self):
        payloads = [
            json.loads(request.body)
            for life in lives(400, providers=["freeclimb"])
            for request in life.requests
        ]
        directions = {payload["direction"] for payload in payloads if "direction" in payload}
        self.assertEqual(directions, {"inbound", "outbound", "outboundAPI", "outboundDial", None})
        for name in ("callDuration", "recordingDurationSec", "recordingSize", "queuePosition"):
            kinds = {type(payload.get(name)) for payload in payloads}
            self.assertLessEqual({str, int}, kinds, name)

    def test_a_recording_can_be_ready_after_everything_is_over(self):
        late = 0
        for life in lives(300, providers=["freeclimb"]):
            ends = [c.ended_at for c in [*life.truth.conferences, *life.truth.calls]]
            over = None not in ends and max(ends)
            for request in life.requests:
                kind = json.loads(request.body)["requestType"]
                late += bool(over and kind == "conferenceRecordingStatus" and request.at > over)
        self.assertGreater(late, 0)


class CallerDeskTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lives = lives(400, providers=["callerdesk"])
        cls.requests = [request for life in cls.lives for request in life.requests]

    def test_each_event_has_the_fields_of_its_page(self):
        more = {"type", "Uniqueid", "campid"}
        for request in self.requests:
            names = fields(request).keys()
            expected = REPORT if "EndTime" in names else LIVE_CALL
            self.assertEqual(names - more, expected - more, request)

    def test_it_comes_by_get_json_and_form_and_the_type_is_not_always_right(self):
        ways = {(r.method, r.body[:1] == b"{", r.content_type) for r in self.requests}
        form = "application/x-www-form-urlencoded"
        self.assertEqual(
            ways,
            {
                ("GET", False, ""),
                ("POST", True, "application/json"),
                ("POST", True, "text/plain"),
                ("POST", False, form),
            },
        )

    def test_the_other_way_says_the_same(self):
        for request in self.requests:
            self.assertNotEqual(request.variant.query, request.query)
            self.assertEqual(fields(request.variant), fields(request))

    def test_times_are_indian_and_numbers_come_in_mixed_forms(self):
        for life in self.lives[:50]:
            call = life.truth.calls[0]
            told = fields(life.requests[-1])
            start = told["StartTime"].replace("T", " ").replace("n", " ").split()
            local = call.started_at + timedelta(hours=5, minutes=30)
            self.assertEqual(start, [f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}"])
            self.assertEqual(told["SourceNumber"][-10:], call.from_number[-10:])
        forms = {fields(request)["SourceNumber"][:-10] for request in self.requests}
        self.assertEqual(forms, {"", "0", "91", "+91"})

    def test_a_call_id_that_would_lose_a_zero_comes_as_a_bare_number_too(self):
        bare = [r for r in self.requests if r.body[:1] == b"{" and b'"CallSid":1' in r.body]
        self.assertTrue([r for r in bare if fields(r)["CallSid"].endswith("0")])
