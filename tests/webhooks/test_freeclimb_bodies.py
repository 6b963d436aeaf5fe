"""Bytes of any kind, unknown types, other accounts, and what a delivery is about."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calls.choices import Strength
from calls.facts import CallFact, ConferenceFact, ParticipantFact
from webhooks.providers.base import Context, Reading, Subject, Unreadable

from .freeclimb import (
    ACCOUNT,
    CALL,
    CONFERENCE,
    PAYLOADS,
    Message,
    about,
    fields,
    message,
    names,
    read,
    reader,
    values,
)

CASES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({key for case in CASES for key in fields(case)})


def parse(body, **kwargs):
    return reader.parse(Message(body=body, **kwargs), Context(ACCOUNT))


def all_of_it(body, **kwargs):
    """Whatever comes, nothing but Unreadable is raised, and by `parse` alone."""
    came = Message(body=body, **kwargs)
    subject = reader.describe(came)
    assert len(subject.kind) <= 64
    assert bool(subject.object) is bool(subject.provider_id)
    assert json.loads(reader.acknowledge(came, {}).body) == []
    try:
        reading = reader.parse(came, Context(region="US"))
    except Unreadable as error:
        assert str(error)
    else:
        assert isinstance(reading, Reading)
        assert reading.facts or reading.reason


@given(st.binary())
@example(b"")
@example(b" \n")
@example(b"\xef\xbb\xbf")
@example(b"[" * 60_000)
@example(b'{"callId":' * 12_000)
@example(b'{"callId":' + b"9" * 5_000 + b"}")
@example(b'{"callDuration":1e999,"callId":NaN,"revision":-Infinity}')
@example(b'{"callId":"\\ud800","\\udfff":1,"conferenceId":"\\u0000"}')
def test_any_bytes_are_read_or_unreadable(body):
    all_of_it(body)
    all_of_it(body, method="REST", kind="rest:call")


@given(case=st.sampled_from(CASES), changes=st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_value_in_any_field_is_read_or_unreadable(case, changes):
    body = json.dumps(fields(case) | changes).encode()
    all_of_it(body)
    all_of_it(body, method="REST", kind="rest:call")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"\xff not json", "neither JSON nor a form"),
        (b"[]", "no object"),
        (b'"callStatus"', "no object"),
        (b'{"requestType": "callStatus", "callId": "CA1"', "neither JSON nor a form"),
        (b'{"a":' * 20_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_says_why_and_is_about_nothing(body, reason):
    with pytest.raises(Unreadable, match=reason):
        parse(body)
    assert reader.describe(Message(body=body)) == Subject()


def test_a_byte_order_mark_other_encodings_and_line_breaks_are_read():
    text = json.dumps(fields("call_status"))
    for body in (b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16"), text.encode("utf-32")):
        assert names(parse(body), CallFact) == {(CALL,)}
    assert names(parse(b'{"callId":"CA1","transcript":"a\nb"}'), CallFact) == {("CA1",)}


def test_bytes_that_are_no_text_are_replaced_and_reported():
    reading = parse(b'{"requestType":"getSpeech","callId":"CA1","recognitionResult":"caf\xe9"}')
    assert names(reading, CallFact) == {("CA1",)}
    assert "no text" in reading.reason


def test_of_a_key_that_comes_twice_the_last_counts():
    assert names(parse(b'{"callId":"CA1","callId":"CA2"}'), CallFact) == {("CA2",)}


def test_numbers_keep_their_digits():
    reading = parse(b'{"callId":12345678901234567890123,"from":1672649960.960}')
    told = values(reading, CallFact, "12345678901234567890123")
    assert told["from_number"].raw == "1672649960.960"


def test_a_number_too_long_for_a_number_harms_nothing_else():
    reading = parse(b'{"callId":"CA1","mrcpCode":' + b"9" * 5_000 + b"}")
    assert names(reading, CallFact) == {("CA1",)}


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_a_form_is_read_whatever_it_is_called(content_type):
    body = b"requestType=inboundCall&callId=CA1&from=%2B13125550140&conferenceId=null&queueId="
    reading = parse(body, content_type=content_type)
    told = values(reading, CallFact, "CA1")
    assert told["from_number"].number == "+13125550140"
    assert names(reading, ConferenceFact) == set()
    assert "queue" not in told


def test_an_unknown_type_is_read_for_its_base_fields_and_flagged():
    reading = read("unknown_type", conferenceId=CONFERENCE)
    assert reading.reason == 'unknown requestType "parkWait"'
    told = about(reading, CallFact, CALL)
    assert {"direction", "status", "from_number", "to_number", "started_at"} <= told.keys()
    assert {fact.claim.strength for fact in reading.facts} == {Strength.INFERRED}
    assert about(reading, ParticipantFact, CONFERENCE, CALL) == {}


def test_a_missing_type_is_flagged_too():
    reading = read("missing_type")
    assert reading.reason == "unknown requestType: missing"
    assert reader.describe(message("missing_type")) == Subject("", "call", CALL)


def test_a_webhook_that_calls_itself_a_record_is_none():
    body = json.dumps(fields("rest_call", requestType="rest:call")).encode()
    kind = reader.describe(Message(body=body)).kind
    reading = parse(body, kind=kind)
    assert {fact.claim.strength for fact in reading.facts} == {Strength.INFERRED}


@pytest.mark.parametrize("name", ["message_delivery", "message_status"])
def test_text_messages_are_ignored(name):
    assert read(name) == Reading(reason="It is about a text message.")


@pytest.mark.parametrize("nothing", [None, "", " ", [], {}, True])
def test_what_names_nothing_is_ignored_with_the_reason(nothing):
    reading = read("inbound_call", callId=nothing)
    assert not reading.facts
    assert "names no call" in reading.reason


def test_another_account_is_refused_and_none_is_not_checked():
    with pytest.raises(Unreadable, match="account id AC2 is not this endpoint's"):
        read("call_status", accountId="AC2")
    with pytest.raises(Unreadable, match="account id AC2"):
        read("rest_call", accountId="AC2")
    assert read("call_status", accountId=None).facts
    assert reader.parse(message("call_status", accountId="AC2"), Context()).facts


def test_an_id_too_long_to_keep_whole_is_unreadable():
    with pytest.raises(Unreadable, match="callId"):
        read("call_status", callId="C" * 256)
    assert read("call_status", callId="C" * 255).facts
    subject = reader.describe(message("call_status", callId="C" * 256))
    assert subject == Subject("callStatus")


@pytest.mark.parametrize("case", CASES)
def test_each_payload_is_about_what_its_type_is_about(case):
    subject = reader.describe(message(case))
    if case in ("conference_recording_status", "create_conference_status") or case.startswith(
        "conference_status"
    ):
        assert (subject.object, subject.provider_id) == ("conference", CONFERENCE)
    elif case == "message_delivery":
        assert subject == Subject("messageDelivery")
    else:
        assert (subject.object, subject.provider_id) == ("call", fields(case)["callId"])
    expected = "rest:call" if case == "rest_call" else fields(case).get("requestType", "")
    assert subject.kind == expected


def test_a_conference_webhook_without_a_conference_is_about_its_call():
    assert reader.describe(message("conference_status_populated", conferenceId=None)) == Subject(
        "conferenceStatus", "call", CALL
    )
    assert reader.describe(message("call_control", callId=None)) == Subject(
        "callControl", "conference", CONFERENCE
    )


@pytest.mark.parametrize("case", CASES)
def test_each_payload_knows_all_its_words(case):
    reading = read(case)
    assert "unknown words" not in reading.reason
    assert bool(reading.facts) is not case.startswith("message_")
