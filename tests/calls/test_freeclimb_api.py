"""FreeClimb's resources made of our rows: every property, its type, and when it is empty."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import SimpleTestCase

from calls.choices import AnsweredBy, ConferenceStatus, Direction, Status
from calls.freeclimb_api import words
from tests.calls.freeclimb_client import ACCOUNT, FreeClimbTestCase
from tests.factories import NOON

# The vendor's page, where this lies beside a copy of it.
PAGE = Path(__file__).resolve().parents[3] / "shared/providers/docs/freeclimb-call-resource.txt"
RFC1123 = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

# Documented property → its type, as FreeClimb's page says.
DOCUMENTED = {
    "uri": "string",
    "dateCreated": "string date-time",
    "dateUpdated": "string date-time",
    "dateCreatedISO": "string date-time",
    "dateUpdatedISO": "string date-time",
    "revision": "integer",
    "callId": "string",
    "parentCallId": "string",
    "accountId": "string",
    "to": "string",
    "from": "string",
    "phoneNumberId": "string",
    "status": "string",
    "startTime": "string date-time",
    "connectTime": "string date-time",
    "endTime": "string date-time",
    "connectDuration": "int integer",
    "duration": "int integer",
    "direction": "string",
    "answeredBy": "string",
    "subresourceUris": "object",
}
# What its OpenAPI file adds.
DESCRIBED = {
    *("startTimeISO", "connectTimeISO", "endTimeISO", "audioStreamDuration", "callerName"),
    *("webRTC", "applicationId"),
}
UNKNOWN_TO_US = {"audioStreamDuration", "callerName", "webRTC", "riskScore"}


def after(seconds):
    return NOON + timedelta(seconds=seconds)


class CallResourceTests(FreeClimbTestCase):
    def finished(self, **values):
        """A call of which everything is known."""
        parent = self.call()
        said = {
            "parent": parent,
            "direction": Direction.OUTBOUND_DIAL,
            "started_at": after(1),
            "answered_at": after(5),
            "ended_at": after(65),
            "duration_seconds": 64,
            "talk_seconds": 60,
            "answered_by": AnsweredBy.HUMAN,
            "phone_number_id": "PN" + "1" * 40,
            "application_id": "AP" + "1" * 40,
            "provider_end_reason": "farEndHangup",
            "provider_created_at": datetime(2026, 3, 14, 11, 59, 58, 123456, tzinfo=UTC),
            "provider_updated_at": after(70),
            "provider_revision": 7,
        }
        return self.call(**said | values)

    def shown(self, row):
        return self.get(f"/Calls/{row.provider_call_id}")

    def test_each_documented_property_is_there_with_its_type(self):
        shown = self.shown(self.finished())
        forms = {
            "string": lambda value: isinstance(value, str) and value,
            "string date-time": lambda value: re.fullmatch(f"{RFC1123}|{ISO}", value),
            "integer": lambda value: type(value) is int,
            "int integer": lambda value: type(value) is int,
            "object": lambda value: isinstance(value, dict),
        }
        for name, form in DOCUMENTED.items():
            with self.subTest(name):
                self.assertTrue(forms[form](shown[name]), shown[name])
        self.assertLessEqual(DESCRIBED, shown.keys())

    def test_what_is_said_of_a_call_is_told(self):
        row = self.finished()
        uri = f"/Accounts/{ACCOUNT}/Calls/{row.provider_call_id}"
        self.assertEqual(
            self.shown(row),
            {
                "uri": uri,
                "dateCreated": "Sat, 14 Mar 2026 11:59:58 GMT",
                "dateUpdated": "Sat, 14 Mar 2026 12:01:10 GMT",
                "dateCreatedISO": "2026-03-14T11:59:58.123Z",
                "dateUpdatedISO": "2026-03-14T12:01:10.000Z",
                "revision": 7,
                "callId": row.provider_call_id,
                "parentCallId": row.parent.provider_call_id,
                "accountId": ACCOUNT,
                "applicationId": "AP" + "1" * 40,
                "to": "+13125550100",
                "from": row.from_number,
                "phoneNumberId": "PN" + "1" * 40,
                "status": "completed",
                "startTime": "Sat, 14 Mar 2026 12:00:01 GMT",
                "startTimeISO": "2026-03-14T12:00:01.000Z",
                "connectTime": "Sat, 14 Mar 2026 12:00:05 GMT",
                "connectTimeISO": "2026-03-14T12:00:05.000Z",
                "endTime": "Sat, 14 Mar 2026 12:01:05 GMT",
                "endTimeISO": "2026-03-14T12:01:05.000Z",
                "connectDuration": 60,
                "duration": 64,
                "audioStreamDuration": None,
                "direction": "outboundDial",
                "answeredBy": "human",
                "callerName": None,
                "callEndedReason": "farEndHangup",
                "riskScore": None,
                "webRTC": None,
                "subresourceUris": {"logs": f"{uri}/Logs", "recordings": f"{uri}/Recordings"},
            },
        )

    def test_the_list_shows_a_call_as_its_own_address_does(self):
        row = self.finished()
        listed = self.get("/Calls", from_=row.from_number)["calls"]
        self.assertEqual(listed, [self.shown(row)])

    def test_until_the_providers_record_is_known_the_dates_are_ours(self):
        row = self.call(created_at=NOON, updated_at=after(9), revision=3)
        shown = self.shown(row)
        self.assertEqual(shown["dateCreated"], "Sat, 14 Mar 2026 12:00:00 GMT")
        self.assertEqual(shown["dateUpdatedISO"], "2026-03-14T12:00:09.000Z")
        self.assertEqual(shown["revision"], 3)

    def test_what_nobody_said_is_null(self):
        row = self.call(
            status=Status.UNKNOWN,
            is_over=False,
            direction=Direction.UNKNOWN,
            from_number="",
            to_number="",
            started_at=None,
        )
        shown = self.shown(row)
        kept = {"uri", "callId", "accountId", "revision", "subresourceUris"}
        kept |= {"dateCreated", "dateUpdated", "dateCreatedISO", "dateUpdatedISO"}
        self.assertEqual({name for name, value in shown.items() if value is not None}, kept)

    def test_a_queued_call_was_not_dialled_yet(self):
        row = self.call(status=Status.QUEUED, is_over=False, answered_at=after(1))
        shown = self.shown(row)
        for name in ("startTime", "startTimeISO", "connectTime", "connectTimeISO", "endTime"):
            self.assertIsNone(shown[name], name)

    def test_an_ongoing_call_has_no_end_and_no_length(self):
        for status in words.ACTIVE:
            row = self.finished(status=status, is_over=False)
            shown = self.shown(row)
            for name in ("endTime", "endTimeISO", "duration", "connectDuration"):
                self.assertIsNone(shown[name], (status, name))

    def test_a_call_that_nobody_answered_has_an_end_but_no_length(self):
        for status in (Status.BUSY, Status.FAILED, Status.NO_ANSWER, Status.CANCELED):
            shown = self.shown(self.finished(status=status))
            self.assertIsNotNone(shown["endTime"], status)
            self.assertIsNone(shown["duration"], status)
            self.assertIsNone(shown["connectDuration"], status)

    def test_a_length_that_nobody_said_is_the_time_between(self):
        row = self.finished(duration_seconds=None, talk_seconds=None)
        shown = self.shown(row)
        self.assertEqual((shown["duration"], shown["connectDuration"]), (64, 60))
        backwards = self.finished(duration_seconds=None, ended_at=NOON)
        self.assertIsNone(self.shown(backwards)["duration"])

    def test_a_call_over_with_an_unknown_word_tells_what_was_said(self):
        shown = self.shown(self.finished(status=Status.UNKNOWN))
        self.assertIsNone(shown["status"])
        self.assertEqual(shown["duration"], 64)

    def test_what_we_never_hear_is_null(self):
        shown = self.shown(self.finished())
        self.assertEqual({shown[name] for name in UNKNOWN_TO_US}, {None})


class WordTests(SimpleTestCase):
    def test_each_of_our_words_is_one_of_freeclimbs_or_null(self):
        tables = (
            (words.STATUSES, Status),
            (words.DIRECTIONS, Direction),
            (words.CONFERENCE_STATUSES, ConferenceStatus),
        )
        for table, ours in tables:
            self.assertEqual(set(table), set(ours))
            self.assertIsNone(table["unknown"])
        self.assertEqual(set(words.ANSWERED_BY), {*AnsweredBy, ""})

    def test_no_word_of_freeclimbs_is_left_out(self):
        self.assertEqual(
            set(words.STATUSES.values()) - {None},
            {
                *("queued", "ringing", "inProgress", "canceled", "completed", "failed"),
                *("busy", "noAnswer"),
            },
        )
        self.assertEqual(
            set(words.CONFERENCE_STATUSES.values()) - {None},
            {"empty", "populated", "inProgress", "terminated"},
        )


@pytest.mark.skipif(not PAGE.exists(), reason="the vendor's page is not here")
def test_the_table_of_documented_properties_is_the_vendors():
    told = re.findall(r"^(\w+) \| ([\w -]+) \| ", PAGE.read_text(), re.MULTILINE)
    assert dict(told) == {"Property": "Type"} | DOCUMENTED
