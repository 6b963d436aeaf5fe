"""Every documented word has one of ours; a new one is kept, shown, and stops nothing."""

import pytest

from calls.choices import Direction, EndReason, HangupBy, Status
from calls.facts import CallFact, StatusWord
from webhooks.providers.freeclimb import words

from .freeclimb import CALL, read, values


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("completed", Status.COMPLETED),
        ("busy", Status.BUSY),
        ("failed", Status.FAILED),
        ("noAnswer", Status.NO_ANSWER),
        ("canceled", Status.CANCELED),
    ],
)
def test_each_end_of_a_call(word, status):
    told = values(read("call_status", callStatus=word), CallFact, CALL)
    assert told["status"] == StatusWord(True, status, word)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", Status.QUEUED),
        ("ringing", Status.RINGING),
        ("inProgress", Status.IN_PROGRESS),
    ],
)
def test_each_step_of_a_call(word, status):
    told = values(read("get_digits", callStatus=word), CallFact, CALL)
    assert told["status"] == StatusWord(False, status, word)


@pytest.mark.parametrize(
    ("word", "direction"),
    [
        ("inbound", Direction.INBOUND),
        ("outbound", Direction.OUTBOUND),
        ("outboundAPI", Direction.OUTBOUND),
        ("outboundDial", Direction.OUTBOUND_DIAL),
    ],
)
def test_each_direction(word, direction):
    assert values(read("get_digits", direction=word), CallFact, CALL)["direction"] == direction


@pytest.mark.parametrize(
    ("word", "reason", "hangup_by"),
    [
        ("busy", EndReason.BUSY, None),
        ("noAnswer", EndReason.NO_ANSWER, None),
        ("failed", EndReason.FAILED, None),
        ("callCanceled", EndReason.CANCELED, HangupBy.APPLICATION),
        ("farEndHangup", EndReason.FAR_END_HANGUP, HangupBy.FAR_END),
        ("appHangup", EndReason.APP_HANGUP, HangupBy.APPLICATION),
        ("appReject", EndReason.APP_REJECT, HangupBy.APPLICATION),
        ("grpcHangup", EndReason.GRPC_HANGUP, HangupBy.APPLICATION),
        ("configErrorNoVoiceUrl", EndReason.NO_VOICE_URL, HangupBy.PROVIDER),
        ("internalError", EndReason.INTERNAL_ERROR, HangupBy.PROVIDER),
        ("maxDuration", EndReason.MAX_DURATION, HangupBy.PROVIDER),
        ("sunset", EndReason.UNRECOGNISED, None),
    ],
)
def test_why_a_call_ended_and_who_ended_it(word, reason, hangup_by):
    told = values(read("call_status", callEndedReason=word), CallFact, CALL)
    assert told["end_reason"] == (reason, word)
    assert told.get("hangup_by") == hangup_by


def test_all_23_documented_reasons_are_known_and_told_apart():
    assert len(words.END_REASONS) == 23
    assert len({reason for reason, _ in words.END_REASONS.values()}) == 23


def test_an_unknown_direction_is_not_said_but_shown():
    reading = read("get_digits", direction="sideways")
    assert "direction" not in values(reading, CallFact, CALL)
    assert reading.reason == 'unknown words: direction "sideways"'


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("get_digits", "callStatus"),
        ("get_digits", "reason"),
        ("get_speech", "reason"),
        ("call_status", "callEndedReason"),
        ("call_status", "answeredBy"),
        ("machine_detected", "machineType"),
        ("record", "termReason"),
        ("transcribe", "bargeInReason"),
        ("transcribe", "recordTermReason"),
        ("transcribe", "transcribeReason"),
        ("dequeue", "queueResult"),
        ("conference_status_populated", "status"),
        ("rest_call", "status"),
        ("rest_call", "direction"),
    ],
)
def test_a_new_word_is_shown_wherever_it_stands(name, field):
    reading = read(name, **{field: "brandNew"})
    assert reading.facts
    assert reading.reason == f'unknown words: {field} "brandNew"'


def test_all_new_words_of_a_delivery_are_shown_in_one_line():
    reading = read("unknown_type", direction="sideways", callStatus="asleep")
    assert reading.reason == (
        'unknown requestType "parkWait"; unknown words: callStatus "asleep", direction "sideways"'
    )
