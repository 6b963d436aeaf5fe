"""Conferences, who was in them, and recordings of calls and conferences."""

import pytest

from calls.choices import (
    ConferenceStatus,
    ParticipantState,
    RecordingState,
    Status,
    Strength,
)
from calls.facts import CallFact, ConferenceFact, ConferenceWord, ParticipantFact, RecordingFact

from .freeclimb import (
    ACCOUNT,
    CALL,
    CONFERENCE,
    MISSING,
    RECORDING,
    SIGNED,
    about,
    message,
    names,
    read,
    reader,
    values,
)

URL = f"https://www.freeclimb.com/apiserver/Accounts/{ACCOUNT}/Recordings/{RECORDING}/Download"


def conference(name, **changes):
    return about(read(name, **changes), ConferenceFact, CONFERENCE)


def participant(name, **changes):
    reading = read(name, **changes)
    fact = next(f for f in reading.facts if type(f) is ParticipantFact)
    return fact.claim.strength, values(reading, ParticipantFact, CONFERENCE, CALL)


@pytest.mark.parametrize(
    ("word", "status", "time"),
    [
        ("creating", ConferenceStatus.CREATING, None),
        ("empty", ConferenceStatus.EMPTY, None),
        ("populated", ConferenceStatus.POPULATED, "started_at"),
        ("inProgress", ConferenceStatus.IN_PROGRESS, "started_at"),
        ("terminated", ConferenceStatus.TERMINATED, "ended_at"),
        ("failed", ConferenceStatus.FAILED, "ended_at"),
        ("internalError", ConferenceStatus.FAILED, "ended_at"),
        ("paused", ConferenceStatus.UNKNOWN, None),
    ],
)
def test_the_status_of_a_conference_tells_when_it_began_and_ended(word, status, time):
    told = conference("conference_status_populated", status=word)
    expected = {"status": (ConferenceWord(status, word), Strength.PROGRESS)}
    if time:
        expected[time] = (SIGNED, Strength.PROGRESS)
    assert told == expected


def test_a_conference_may_be_told_of_without_a_call():
    reading = read("conference_status_terminated")
    assert names(reading, CallFact) == names(reading, ParticipantFact) == set()
    assert values(reading, ConferenceFact, CONFERENCE)["ended_at"] == SIGNED
    subject = reader.describe(message("conference_status_terminated"))
    assert (subject.object, subject.provider_id) == ("conference", CONFERENCE)


def test_a_new_conference_says_a_status_only_at_its_own_address():
    assert conference("create_conference") == {}
    told = conference("create_conference_status")
    assert told["status"] == (ConferenceWord(ConferenceStatus.EMPTY, "empty"), Strength.PROGRESS)


def test_other_types_name_the_conference_without_its_status():
    reading = read("add_to_conference", status="terminated")
    assert about(reading, ConferenceFact, CONFERENCE) == {}
    fact = next(f for f in reading.facts if type(f) is ConferenceFact)
    assert fact.claim.strength == Strength.INFERRED


def test_a_call_joins_and_leaves():
    assert participant("add_to_conference") == (
        Strength.PROGRESS,
        {"state": ParticipantState.JOINED, "joined_at": SIGNED},
    )
    assert participant("leave_conference") == (
        Strength.PROGRESS,
        {"state": ParticipantState.LEFT, "left_at": SIGNED},
    )


def test_who_presses_keys_in_a_conference_is_in_it():
    for name in ("call_control", "conference_call_control"):
        assert participant(name) == (Strength.INFERRED, {"state": ParticipantState.JOINED})
    assert "status" not in about(read("call_control"), CallFact, CALL)


def test_other_types_name_the_participant_only():
    for name in ("create_conference", "conference_status_populated", "conference_recording_status"):
        assert participant(name) == (Strength.INFERRED, {})


def test_a_conference_webhook_speaks_of_its_call_as_of_a_step():
    told = about(read("conference_recording_status"), CallFact, CALL)
    assert told["status"][0].status == Status.COMPLETED
    assert told["status"][1] == Strength.PROGRESS
    # The recording was ready after the call: its news is no start and no end of the call.
    assert not {"started_at", "ended_at", "duration_seconds"} & told.keys()


def test_a_recording_of_a_conference_belongs_to_it_and_names_the_call():
    assert values(read("conference_recording_status"), RecordingFact, RECORDING) == {
        "provider_recording_id": RECORDING,
        "call": CALL,
        "conference": CONFERENCE,
        "url": URL,
        "duration_seconds": 95,
        "state": RecordingState.AVAILABLE,
    }


@pytest.mark.parametrize("kind", ["conferenceStatus", "conferenceRecordingEnded"])
def test_older_pages_tell_of_recordings_by_other_names(kind):
    changes = {"recordingDurationSec": MISSING, "recordingDuration": 22, "callId": None}
    told = values(
        read("conference_recording_status", requestType=kind, **changes), RecordingFact, RECORDING
    )
    assert told["duration_seconds"] == 22
    assert told["conference"] == CONFERENCE
    assert "call" not in told


def test_a_new_conference_may_report_a_recording_at_its_own_address():
    reading = read("create_conference_status", recordingId=RECORDING, recordingUrl=URL)
    told = values(reading, RecordingFact, RECORDING)
    assert (told["call"], told["conference"]) == (CALL, CONFERENCE)


def test_a_recording_of_a_call_is_not_the_conference_s():
    told = values(read("record", conferenceId=CONFERENCE), RecordingFact, RECORDING)
    assert told["call"] == CALL
    assert "conference" not in told


def test_the_recording_of_a_whole_call_comes_with_its_end():
    assert about(read("call_status_recorded"), RecordingFact, RECORDING) == {
        "provider_recording_id": (RECORDING, Strength.FINAL),
        "call": (CALL, Strength.FINAL),
        "url": (URL, Strength.FINAL),
        "duration_seconds": (13, Strength.FINAL),
        "state": (RecordingState.AVAILABLE, Strength.FINAL),
    }


def test_a_recording_of_no_length_is_none():
    assert names(read("call_status_recording_empty"), RecordingFact) == set()
    for nothing in ("", "0", 0, None, MISSING, " "):
        reading = read("call_status_recorded", recordingUrl=nothing, recordingId=nothing)
        assert names(reading, RecordingFact) == set()


def test_an_utterance_is_recorded():
    assert values(read("record"), RecordingFact, RECORDING) == {
        "provider_recording_id": RECORDING,
        "call": CALL,
        "url": f"/Accounts/{ACCOUNT}/Recordings/{RECORDING}/Download",
        "duration_seconds": 6,
        "size_bytes": 48044,
        "format": "audio/wav",
        "state": RecordingState.AVAILABLE,
    }
    assert (
        values(read("record", recordingSize=48044), RecordingFact, RECORDING)["size_bytes"] == 48044
    )


def test_a_redirected_recording_is_one():
    reading = read("record", requestType="redirect", originalRequestType="record")
    assert names(reading, RecordingFact) == {(RECORDING,)}


def test_milliseconds_are_rounded_up():
    told = values(read("transcribe"), RecordingFact, RECORDING)
    assert told["duration_seconds"] == 5
    assert told["size_bytes"] == 32000


def test_a_recording_without_an_address_is_announced():
    told = values(read("call_status_recorded", recordingUrl=None), RecordingFact, RECORDING)
    assert told["state"] == RecordingState.ANNOUNCED
    assert "url" not in told


@pytest.mark.parametrize(
    "suffix", ["", "/Download", "/Stream?next=/RE99999999", ".wav#/RE12345678"]
)
def test_without_an_id_the_one_in_the_path_counts(suffix):
    url = f"/Accounts/{ACCOUNT}/Recordings/{RECORDING}{suffix}"
    reading = read("call_status_recorded", recordingId="", recordingUrl=url)
    assert values(reading, RecordingFact, RECORDING)["provider_recording_id"] == RECORDING


def test_without_any_id_the_whole_address_is_the_key():
    keys = set()
    for url in ("https://audio.example/1/Download", "https://audio.example/2/Download"):
        reading = read("call_status_recorded", recordingId=None, recordingUrl=url)
        keys |= names(reading, RecordingFact)
    assert len(keys) == 2


def test_an_address_too_long_to_keep_is_not_cut_but_left_out():
    reading = read("call_status_recorded", recordingUrl="https://audio.example/" + "x" * 2000)
    told = values(reading, RecordingFact, RECORDING)
    assert "url" not in told
    assert told["state"] == RecordingState.ANNOUNCED
    assert "recordingUrl" in reading.reason


def test_only_types_that_report_recordings_do():
    changes = {"recordingId": RECORDING, "recordingUrl": URL}
    for name in ("get_digits", "unknown_type", "add_to_conference"):
        assert names(read(name, **changes), RecordingFact) == set()
