"""What each type of webhook says about calls."""

from datetime import timedelta

import pytest

from calls.choices import (
    AnsweredBy,
    Direction,
    EndReason,
    HangupBy,
    QueueState,
    Status,
    Strength,
)
from calls.facts import AgentWord, CallFact, EndWord, Number, QueueWord, StatusWord, micros
from webhooks.providers.base import Context

from .freeclimb import (
    CALL,
    CHILD,
    MISSING,
    QUEUE,
    RECEIVED,
    SIGNED,
    about,
    message,
    read,
    reader,
    values,
)

IN_PROGRESS = StatusWord(False, Status.IN_PROGRESS, "inProgress")


def call(name, key=CALL, **changes):
    return values(read(name, **changes), CallFact, key)


def test_an_inbound_call_is_said_with_its_start():
    assert about(read("inbound_call"), CallFact, CALL) == {
        "direction": (Direction.INBOUND, Strength.PROGRESS),
        "status": (StatusWord(False, Status.RINGING, "ringing"), Strength.PROGRESS),
        "from_number": (Number("+13125550140", "+13125550140"), Strength.PROGRESS),
        "to_number": (Number("+13125550160", "+13125550160"), Strength.PROGRESS),
        "started_at": (SIGNED, Strength.PROGRESS),
    }


def test_the_end_of_a_call_is_said_with_all_that_is_known_then():
    assert about(read("call_status"), CallFact, CALL) == {
        "direction": (Direction.INBOUND, Strength.FINAL),
        "status": (StatusWord(True, Status.COMPLETED, "completed"), Strength.FINAL),
        "from_number": (Number("+13125550140", "+13125550140"), Strength.FINAL),
        "to_number": (Number("+13125550160", "+13125550160"), Strength.FINAL),
        "end_reason": (EndWord(EndReason.FAR_END_HANGUP, "farEndHangup"), Strength.FINAL),
        "hangup_by": (HangupBy.FAR_END, Strength.FINAL),
        "ended_at": (SIGNED, Strength.FINAL),
        "duration_seconds": (41, Strength.FINAL),
        "started_at": (SIGNED - timedelta(seconds=41), Strength.INFERRED),
    }


@pytest.mark.parametrize("duration", [41, "41", " 41 ", 41.0])
def test_a_duration_may_be_a_number_or_a_text(duration):
    assert call("call_status", callDuration=duration)["duration_seconds"] == 41


@pytest.mark.parametrize("duration", [None, "", "-1", "abc", [], {}, True, 10**30, MISSING])
def test_an_end_without_a_duration_tells_no_start(duration):
    told = call("call_status", callDuration=duration)
    assert not {"duration_seconds", "started_at"} & told.keys()


def test_a_duration_counts_only_where_the_call_is_over():
    assert "duration_seconds" not in call("get_digits", callDuration=7)
    assert call("get_digits", callDuration=7, callStatus="completed")["duration_seconds"] == 7


def test_a_duration_longer_than_all_calendars_tells_no_start():
    assert "started_at" not in call("call_status", callDuration=10**15)


@pytest.mark.parametrize("word", ["ringing", "inProgress", "vanished", None, MISSING])
def test_a_call_status_is_an_end_whatever_its_word(word):
    told = call("call_status", callStatus=word)
    assert told["status"].over
    assert told["status"].status == Status.UNKNOWN
    assert told["status"].word == (word if isinstance(word, str) else "")
    assert told["ended_at"] == SIGNED
    assert "answered_at" not in told


def test_the_deprecated_copy_of_the_status_counts_only_where_there_is_no_status():
    told = call("call_status", callStatus=MISSING, dialCallStatus="busy")
    assert told["status"] == StatusWord(True, Status.BUSY, "busy")
    told = call("call_status", dialCallStatus="busy")
    assert told["status"].status == Status.COMPLETED


def test_other_types_end_a_call_only_where_their_word_does():
    assert call("get_digits")["status"] == IN_PROGRESS
    told = call("get_digits", callStatus="completed")
    assert told["status"] == StatusWord(True, Status.COMPLETED, "completed")
    assert "ended_at" not in told
    assert call("get_digits", callStatus="vanished")["status"] == StatusWord(
        False, Status.UNKNOWN, "vanished"
    )


def test_a_reason_for_the_end_counts_only_at_the_end():
    assert "end_reason" not in call("get_digits", callEndedReason="appHangup")


@pytest.mark.parametrize(
    "name",
    ["get_digits", "get_speech", "redirect", "audio_stream", "record", "out_dial_start"],
)
def test_a_call_in_progress_is_answered_by_now_and_began_before(name):
    told = about(read(name), CallFact, CALL)
    assert told["status"] == (IN_PROGRESS, Strength.PROGRESS)
    assert told["answered_at"] == (SIGNED, Strength.PROGRESS)
    assert told["started_at"] == (SIGNED, Strength.INFERRED)
    assert "ended_at" not in told


def test_any_ringing_tells_the_start():
    told = about(read("out_dial_connect", callStatus="ringing"), CallFact, CHILD)
    assert told["started_at"] == (SIGNED, Strength.PROGRESS)
    assert "answered_at" not in told


def test_an_inbound_call_starts_whatever_its_status():
    told = about(read("inbound_call", callStatus=None), CallFact, CALL)
    assert told["started_at"] == (SIGNED, Strength.PROGRESS)


def test_a_transcription_says_what_it_has():
    told = call("transcribe")
    assert told["from_number"].number == "+13125550140"
    assert "status" not in told
    assert "direction" not in told


def test_a_speech_that_ended_by_hanging_up_ends_the_call():
    assert call("get_speech_hangup")["status"].over


def test_a_call_by_api_is_outbound_in_both_spellings():
    for word in ("outboundAPI", "outbound"):
        told = call("out_dial_api_connect", direction=word)
        assert told["direction"] == Direction.OUTBOUND
    assert call("out_dial_api_connect_no_answer")["status"] == StatusWord(
        True, Status.NO_ANSWER, "noAnswer"
    )


def test_a_dialled_call_names_its_parent():
    reading = read("out_dial_connect")
    told = about(reading, CallFact, CHILD)
    assert told["parent"] == (CALL, Strength.PROGRESS)
    assert told["direction"] == (Direction.OUTBOUND_DIAL, Strength.PROGRESS)
    assert about(reading, CallFact, CALL).keys() == {"agent"}
    assert about(read("out_dial_connect_busy"), CallFact, CHILD)["status"] == (
        StatusWord(True, Status.BUSY, "busy"),
        Strength.PROGRESS,
    )


def test_a_dialled_call_tells_whom_its_parent_reached_or_where_it_only_rang():
    assert about(read("out_dial_connect"), CallFact, CALL) == {
        "agent": (AgentWord(True, "+13125550170", ""), Strength.INFERRED)
    }
    for word, answered in (("ringing", False), ("busy", False), ("completed", True), ("x", False)):
        reading = read("out_dial_connect", callStatus=word, to="sip:desk@example.com")
        agent, _ = about(reading, CallFact, CALL)["agent"]
        assert agent == AgentWord(answered, "sip:desk@example.com", ""), word
    for silent in ({"to": None}, {"direction": "inbound"}, {"direction": None}):
        assert about(read("out_dial_connect", **silent), CallFact, CALL) == {}


def test_a_call_that_names_itself_has_no_parent():
    told = call("out_dial_connect", parentCallId=CHILD, key=CHILD)
    assert "parent" not in told
    assert "parent" not in call("out_dial_start", dialCallId=CALL)


def test_a_start_of_dialling_names_the_child():
    reading = read("out_dial_start")
    assert about(reading, CallFact, CHILD) == {
        "parent": (CALL, Strength.INFERRED),
        "started_at": (SIGNED, Strength.INFERRED),  # OutDial returns at once
    }
    assert "parent" not in values(reading, CallFact, CALL)


def test_a_dialled_call_that_dials_claims_no_child():
    reading = read("out_dial_start", direction="outboundDial")
    assert about(reading, CallFact, CHILD) == {}


def test_a_redirected_start_of_dialling_names_the_child_too():
    reading = read("redirect", originalRequestType="outDialStart", dialCallId=CHILD)
    assert about(reading, CallFact, CHILD) == {"parent": (CALL, Strength.INFERRED)}


def test_a_detected_machine_answered():
    for word in ("answering machine", "answeringMachine", "fax modem", "faxMachine"):
        reading = read("machine_detected", machineType=word)
        assert values(reading, CallFact, CHILD)["answered_by"] == AnsweredBy.MACHINE
        assert reading.reason == ""
    assert call("call_status", answeredBy="human")["answered_by"] == AnsweredBy.HUMAN


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("queue_wait", QueueState.WAITING),
        ("add_to_queue", QueueState.WAITING),
        ("dequeue", QueueState.LEFT),
        ("remove_from_queue", QueueState.LEFT),
    ],
)
def test_a_queue_is_waited_in_until_it_is_left(name, state):
    told = about(read(name), CallFact, CALL)
    assert told["queue"] == (QueueWord(state, QUEUE), Strength.PROGRESS)


def test_a_result_means_that_the_queue_was_left_and_null_says_nothing():
    told = call("get_digits", queueId=QUEUE, queueResult="queueFull")
    assert told["queue"].state == QueueState.LEFT
    assert "queue" not in call("queue_wait", queueId=None)
    assert call("queue_wait")["status"] == StatusWord(False, Status.QUEUED, "queued")


def test_leaving_a_queue_outranks_waiting_within_the_same_second():
    def claim(name):
        return next(f.claim for f in read(name).facts if type(f) is CallFact and f.queue)

    assert claim("dequeue") > claim("add_to_queue")


def test_numbers_that_are_none_stay_as_they_are():
    told = call("out_dial_connect", key=CHILD, to="sip:desk@pbx.example", from_="1000000051")
    assert told["to_number"] == Number("sip:desk@pbx.example", "sip:desk@pbx.example")
    assert told["from_number"].raw == "1000000051"
    told = call("inbound_call", region="US", from_="(312) 555-0140")
    assert told["from_number"] == Number("+13125550140", "(312) 555-0140")


def test_the_claim_has_the_time_of_the_signature_and_the_rank_of_the_status():
    claim = read("get_digits").facts[0].claim
    assert claim == (Strength.PROGRESS, micros(SIGNED), 3, -1)
    assert read("transcribe").facts[0].claim.stage == -1


def test_unsigned_it_has_the_time_of_receipt():
    unsigned = message("call_status")
    unsigned.signed_at = None
    fact = reader.parse(unsigned, Context()).facts[0]
    assert fact.ended_at == RECEIVED
    assert fact.claim.time == micros(RECEIVED)
