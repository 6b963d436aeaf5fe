"""Call resources pulled by API: https://docs.freeclimb.com/reference/reference-calls."""

import time
from datetime import UTC, datetime

import pytest

from calls.choices import AnsweredBy, Direction, Status, Strength
from calls.facts import AgentWord, CallFact, Number, StatusWord, micros

from .freeclimb import CALL, CHILD, MISSING, RECEIVED, about, names, read, values

ISO = ("dateCreatedISO", "dateUpdatedISO")


def at(hour, minute, second, microsecond=0):
    return datetime(2026, 3, 4, hour, minute, second, microsecond, UTC)


def record(**changes):
    return values(read("rest_call", **changes), CallFact, CHILD)


def test_a_record_says_all_it_has():
    assert record() == {
        "parent": CALL,
        "direction": Direction.OUTBOUND_DIAL,
        "status": StatusWord(True, Status.COMPLETED, "completed"),
        "from_number": Number("+13125550160", "+13125550160"),
        "to_number": Number("+13125550170", "+13125550170"),
        "phone_number_id": "PN010101c0ffeec0ffeec0ffeec0ffeedecade0001",
        "application_id": "AP010101c0ffeec0ffeec0ffeec0ffeedecade0001",
        "started_at": at(9, 15, 1),
        "answered_at": at(9, 15, 9),
        "ended_at": at(9, 17, 10),
        "duration_seconds": 129,
        "talk_seconds": 121,
        "answered_by": AnsweredBy.HUMAN,
        "provider_created_at": at(9, 15, 0, 358_000),
        "provider_updated_at": at(9, 17, 10, 112_000),
        "provider_revision": 4,
    }


def test_its_claim_is_the_strongest_and_carries_the_revision():
    reading = read("rest_call")
    assert reading.facts[0].claim == (Strength.RECORD, micros(at(9, 17, 10, 112_000)), 8, 4)
    assert reading.facts[1].claim.strength == Strength.INFERRED


def test_it_tells_whom_its_parent_reached_as_of_the_answer():
    reading = read("rest_call")
    assert about(reading, CallFact, CALL) == {
        "agent": (AgentWord(True, "+13125550170", ""), Strength.INFERRED)
    }
    assert reading.facts[2].claim.time == micros(reading.facts[0].answered_at)
    never = read("rest_call", status="busy", connectTime=None, connectTimeISO=None)
    assert never.facts[2].agent.answered is False
    assert never.facts[2].claim.time == micros(never.facts[0].started_at)
    assert about(read("rest_call", direction="inbound"), CallFact, CALL) == {}


def test_without_iso_times_the_others_count_and_without_any_the_receipt():
    told = record(**dict.fromkeys(ISO, MISSING))
    assert told["provider_created_at"] == at(9, 15, 0)
    assert told["provider_updated_at"] == at(9, 17, 10)
    reading = read("rest_call", **dict.fromkeys((*ISO, "dateUpdated"), None), revision=None)
    assert reading.facts[0].claim == (Strength.RECORD, micros(RECEIVED), 8, -1)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Wed, 04 Mar 2026 09:15:01 GMT", at(9, 15, 1)),
        ("Wed, 04 Mar 2026 10:15:01 +0100", at(9, 15, 1)),
        ("Wed, 04 Mar 2026 09:15:01 -0000", at(9, 15, 1)),
        ("2026-03-04T09:15:01Z", at(9, 15, 1)),
        ("2026-03-04 09:15:01", at(9, 15, 1)),
        ("2026-03-04T14:45:01.5+05:30", at(9, 15, 1, 500_000)),
        ("", None),
        ("2026-03-04", None),
        ("soon", None),
        ("Wed, 99 Mar 2026 09:15:01 GMT", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        (1772615701, None),
        (["2026-03-04T09:15:01Z"], None),
    ],
)
def test_a_time_is_read_in_each_of_its_forms_or_not_said(written, meant):
    assert record(startTime=written).get("started_at") == meant


def test_a_time_without_a_zone_is_utc_wherever_the_server_stands(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert record(startTime="2026-03-04 09:15:01")["started_at"] == at(9, 15, 1)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_call_that_lasts_has_no_durations_even_where_they_are_zero():
    for word in ("queued", "ringing", "inProgress"):
        told = record(status=word, duration=0, connectDuration=0, endTime="")
        assert not told["status"].over
        assert not {"duration_seconds", "talk_seconds", "ended_at"} & told.keys()


def test_an_empty_field_says_nothing():
    empty = {"answeredBy": "", "parentCallId": "", "applicationId": None, "phoneNumberId": ""}
    told = record(**empty, connectTime="", connectDuration=None)
    left_out = {"answered_by", "parent", "application_id", "phone_number_id"}
    assert not (left_out | {"answered_at", "talk_seconds"}) & told.keys()
    assert names(read("rest_call", **empty), CallFact) == {(CHILD,)}


def test_numbers_may_be_texts_and_old_records_spell_the_parent_otherwise():
    told = record(duration="129", revision="4", parentCallId=MISSING, parentcallId=CALL)
    assert (told["duration_seconds"], told["provider_revision"]) == (129, 4)
    assert told["parent"] == CALL


def test_a_record_that_is_its_own_parent_has_none_and_one_of_no_call_is_ignored():
    assert "parent" not in record(parentCallId=CHILD)
    reading = read("rest_call", callId=None)
    assert not reading.facts
    assert reading.reason == "It names no call."


def test_why_a_call_ended_is_read_where_a_record_tells():
    assert record(callEndedReason="farEndHangup")["end_reason"].word == "farEndHangup"
