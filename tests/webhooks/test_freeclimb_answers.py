"""What each type gets to hear."""

import json

import pytest

from webhooks.providers.base import WITHOUT_SCRIPT, Answer

from .freeclimb import CONFERENCE, Message, fields, message, reader

HANGUP = [{"Hangup": {}}]
SAY = [{"Say": {"text": "Grüß Gott"}}, {"Hangup": {}}]
NOTHING = Answer(b"[]", "application/json")

EXPECTING = [
    "inbound_call",
    "out_dial_api_connect",
    "out_dial_start",
    "out_dial_connect",
    "machine_detected",
    "redirect",
    "get_digits",
    "get_speech",
    "record",
    "transcribe",
    "audio_stream",
    "create_conference",
    "leave_conference",
    "call_control",
    "conference_call_control",
    "queue_wait",
    "dequeue",
]
NOT_EXPECTING = [
    "out_dial_api_connect_no_answer",
    "out_dial_connect_busy",
    "call_status",
    "get_speech_hangup",
    "create_conference_status",
    "conference_status_populated",
    "conference_recording_status",
    "add_to_conference",
    "add_to_queue",
    "remove_from_queue",
    "message_delivery",
    "message_status",
]


def answer(name, scripts=(), **changes):
    return reader.acknowledge(message(name, **changes), dict(scripts))


def scripts_for(name, to="", percl=HANGUP):
    return {(fields(name)["requestType"], to): percl}


@pytest.mark.parametrize("name", EXPECTING)
def test_what_expects_percl_gets_the_script_or_is_noted(name):
    assert answer(name) == Answer(b"[]", "application/json", WITHOUT_SCRIPT)
    assert answer(name, scripts_for(name)) == Answer(b'[{"Hangup":{}}]', "application/json")


@pytest.mark.parametrize("name", NOT_EXPECTING)
def test_a_notification_gets_an_empty_array_and_no_note(name):
    assert answer(name) == NOTHING
    assert answer(name, scripts_for(name)) == NOTHING


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("out_dial_connect", {"callStatus": "failed"}),
        ("out_dial_connect", {"callStatus": "ringing"}),
        ("out_dial_connect", {"callStatus": None, "dialCallStatus": None}),
        ("get_speech", {"reason": "hangup"}),
        ("leave_conference", {"callStatus": "completed"}),
        ("audio_stream", {"callStatus": "completed"}),
        ("remove_from_queue", {"callStatus": "inProgress", "queueResult": "hangup"}),
    ],
)
def test_nothing_is_expected_of_us_once_a_call_is_over(name, changes):
    assert answer(name, scripts_for(name), **changes) == NOTHING


def test_who_did_not_get_into_a_queue_is_still_there():
    changes = {"callStatus": "inProgress", "queueResult": "queueFull"}
    assert answer("remove_from_queue", **changes).note == WITHOUT_SCRIPT


def test_a_finished_call_is_not_noted_but_still_gets_its_script():
    assert answer("record", callStatus="completed", termReason="hangup") == NOTHING
    assert answer("record", scripts_for("record"), callStatus="completed").body != b"[]"


def test_the_copy_of_the_status_counts_where_there_is_no_status():
    told = answer("out_dial_connect", scripts_for("out_dial_connect"), callStatus=None)
    assert told.body == b'[{"Hangup":{}}]'


def test_the_script_of_the_called_number_goes_before_the_one_for_all():
    to = fields("inbound_call")["to"]
    scripts = scripts_for("inbound_call", to, SAY) | scripts_for("inbound_call")
    assert json.loads(answer("inbound_call", scripts).body) == SAY
    assert json.loads(answer("inbound_call", scripts, to="+13125550199").body) == HANGUP
    assert json.loads(answer("inbound_call", scripts, to=None).body) == HANGUP
    del scripts["inboundCall", ""]
    assert answer("inbound_call", scripts, to="+13125550199").note == WITHOUT_SCRIPT


def test_the_older_name_of_call_control_finds_the_script_of_today():
    assert answer("conference_call_control", {("callControl", ""): HANGUP}).body != b"[]"


def test_an_unknown_type_may_have_a_script_and_is_not_noted_without():
    assert answer("unknown_type") == answer("missing_type") == NOTHING
    assert answer("unknown_type", scripts_for("unknown_type")).body == b'[{"Hangup":{}}]'


def test_junk_is_answered_with_an_empty_array():
    for body in (b"", b"\xff", b"[1]", b"{" * 9):
        assert reader.acknowledge(Message(body=body), {("", ""): HANGUP}) == NOTHING


def test_an_error_while_looking_for_scripts_is_not_swallowed():
    class Broken(dict):
        def get(self, key, default=None):
            raise OSError("no database")

    with pytest.raises(OSError, match="no database"):
        reader.acknowledge(message("inbound_call"), Broken())


def test_a_new_conference_expects_percl_at_the_address_without_a_status():
    assert answer("create_conference", conferenceId=CONFERENCE).note == WITHOUT_SCRIPT
    assert answer("create_conference", status="empty") == NOTHING
