"""One call in every shape of request, and what is no request of CallerDesk's."""

import json
from urllib.parse import quote, urlencode

import pytest

from calls.choices import Strength
from calls.facts import StatusWord
from tests.webhooks.callerdesk import (
    PROVIDER,
    Request,
    call,
    got,
    payload,
    posted,
    read,
    recording,
)
from webhooks.providers.base import Subject, Unreadable

CASE = "report_inbound_answered"
TYPES = ["application/json", "application/x-www-form-urlencoded", "text/html", "", "multipart/x;="]


def multipart(fields, boundary="----b42", end="\r\n"):
    parts = [
        f'--{boundary}{end}Content-Disposition: form-data; name="{name}"{end}{end}{value}{end}'
        for name, value in fields.items()
    ]
    file = (
        f'--{boundary}{end}Content-Disposition: form-data; name="CallSid"; filename="a"{end}{end}9'
    )
    return "".join([file, end, *parts, f"--{boundary}--{end}"]).encode()


@pytest.mark.parametrize("content_type", TYPES)
def test_json_forms_and_multipart_are_known_without_their_content_type(content_type):
    expected = read(posted(CASE)).facts
    bodies = [
        json.dumps(payload(CASE)).encode(),
        b"\xef\xbb\xbf \r\n" + json.dumps(payload(CASE)).encode() + b"\n",
        urlencode(payload(CASE)).encode(),
        urlencode(payload(CASE)).encode() + b"\r\n",
        multipart(payload(CASE)),
        multipart(payload(CASE), end="\n"),
    ]
    for body in bodies:
        assert read(Request("POST", content_type, "", body)).facts == expected


def test_multipart_may_name_its_boundary_and_begin_with_something_else():
    body = b"preamble\r\n" + multipart(payload(CASE), "b42")
    request = Request("POST", 'multipart/form-data; boundary="b42"', "", body)
    assert read(request).facts == read(posted(CASE)).facts


def test_a_post_may_have_all_of_it_in_the_query():
    assert read(Request("POST", "", urlencode(payload(CASE)))).facts == read(posted(CASE)).facts


def test_a_delivery_read_from_a_database_may_hold_its_body_as_a_memoryview():
    request = posted(CASE)
    expected = read(request)
    request.body = memoryview(request.body)
    assert read(request) == expected


def test_a_value_of_the_body_wins_over_one_of_the_query():
    request = posted(CASE)
    request.query = "CallSid=other&campid=77&Status=BUSY"
    said = call(read(request))
    assert said.call_id == "1704083400.960"
    assert said.status.word == "ANSWER"


def test_the_query_fills_what_the_body_does_not_have():
    request = Request(query="type=live_call", body=b"CallSid=1.10&Status=ANSWER")
    assert call(read(request)).status.over is False


@pytest.mark.parametrize(
    "before", ["key=TOKEN?", "?", "a=1&key=TOKEN?", "type=call_report?", "TOKEN?"]
)
def test_fields_behind_a_second_question_mark_are_read(before):
    request = got(CASE)
    request.query = before + request.query
    assert read(request).facts == read(got(CASE)).facts


def test_a_query_within_the_address_of_a_recording_stays_there():
    url = "https://callrecords.callerdesk.io/a.wav?CallSid=9"
    request = Request("GET", "", f"CallRecordingUrl={url}&CallSid=1.10")
    assert recording(read(request)).url == url
    assert call(read(request)).call_id == "1.10"


def test_names_are_known_in_any_case_and_the_first_of_them_stands():
    for request in (
        Request(body=b'{"CallSid": 1.10, "CallSid": 2}'),
        Request(body=b'{"CALLSID": 1.10, "callsid": "2", "CallSid": "3"}'),
        Request(body=b"callSID=1.10&CallSid=2"),
        Request("GET", "", "callsid=1.10&CallSid=2"),
    ):
        assert call(read(request)).call_id == "1.10"


def test_other_spellings_count_where_the_documented_one_is_missing():
    said = read(Request(body=b"call_sid=1.10&call_status=ANSWER&did=01204000000&type=call_report"))
    assert call(said).call_id == "1.10"
    assert call(said).status.word == "ANSWER"
    assert call(said).service_number == "+911204000000"
    both = read(Request(body=b"call_sid=1.10&CallSid=2.20"))
    assert call(both).call_id == "2.20"


def test_plus_and_percent_are_decoded_and_bytes_that_are_no_text_replaced():
    body = b"CallSid=1.10&receiver_name=Asha+%E0%A4%86&call_group=\xff%ff"
    said = call(read(Request(body=body)))
    assert said.group_name == "��"
    quoted = quote("call & group=1?")
    said = call(read(Request("GET", "", f"CallSid=1.10&call_group={quoted}")))
    assert said.group_name == "call & group=1?"


def test_what_no_column_can_hold_is_replaced():
    said = call(read(Request(body=b'{"CallSid": "a\\u0000b\\ud800", "call_group": "\\u0000"}')))
    assert said.call_id == "a�b�"
    assert said.group_name == "�"


def test_nulls_and_nested_values_say_nothing():
    body = (
        b'{"CallSid": "1.10", "campid": null, "Status": {"a": 1}, "coins": [1], "key_press": true}'
    )
    assert dict(call(read(Request(body=body))).said()) == {}
    for sid in ("null", "{}", "[]", "true", '""', '" "', '"null"'):
        assert read(Request(body=b'{"CallSid": %b}' % sid.encode())).facts == ()


def test_numbers_beyond_all_bounds_are_texts():
    body = f'{{"CallSid": 1, "CallDuration": {"9" * 5000}, "coins": NaN, "campid": Infinity}}'
    reading = read(Request(body=body.encode()))
    said = call(reading)
    assert (said.duration_seconds, said.cost_amount) == (None, None)
    assert said.provider_request_id == "Infinity"
    assert reading.reason.endswith('coins "NaN"')


@pytest.mark.parametrize(
    "body",
    [
        b'{"CallSid": "1"',
        b'{"CallSid": "1"} x',
        b'{"a":' * 20_000,
        b'[{"CallSid": "1"}]',
        b"[]",
        b'"text"',
        b"null",
        b"hello",
        b"\x00\x01\xff\xfe",
        b'<xml a="b">',
        b"--b\r\n",
    ],
)
def test_a_body_that_is_no_fields_cannot_be_read(body):
    request = Request(query="CallSid=1.10", body=body)
    with pytest.raises(Unreadable):
        read(request)
    assert PROVIDER.describe(request) == Subject()


def test_a_call_sid_too_long_to_keep_whole_cannot_be_read():
    longest = Request(body=b"CallSid=" + b"1" * 255)
    assert call(read(longest)).call_id == "1" * 255
    longer = Request(body=b"CallSid=" + b"1" * 256)
    with pytest.raises(Unreadable):
        read(longer)
    assert PROVIDER.describe(longer) == Subject("live_call")


@pytest.mark.parametrize(
    ("fields", "kind", "over"),
    [
        ("type=call_report", "call_report", True),
        ("type=CALL_REPORT&Status=Picked", "call_report", True),
        ("type=live_call&EndTime=2024-01-01+10:00:00&coins=1", "live_call", False),
        ("type=Live+Call", "live_call", False),
        ("EndTime=2024-01-01+10:00:00", "call_report", True),
        ("CallDuration=0", "call_report", True),
        ("TalkDuration=0", "call_report", True),
        ("CallRecordingUrl=x", "call_report", True),
        ("coins=1", "call_report", True),
        ("LegA_Picked_time=x", "call_report", True),
        ("legb_anything=x", "call_report", True),
        ("EndTime=&CallDuration=&coins=&LegA_Picked_time=", "live_call", False),
        ("EndTime=0000-00-00+00:00:00&LegB_Start_time=null", "live_call", False),
        ("Status=ANSWER", "live_call", False),
        ("type=&Status=ANSWER", "live_call", False),
    ],
)
def test_the_two_events_are_told_apart(fields, kind, over):
    request = Request(body=f"CallSid=1.10&{fields}".encode())
    assert PROVIDER.describe(request) == Subject(kind, "call", "1.10")
    said = call(read(request))
    assert bool(said.status and said.status.over) is over
    assert said.claim.strength == (Strength.FINAL if over else Strength.PROGRESS)


@pytest.mark.parametrize(("end", "over"), [("2024-01-01 10:01:00", True), ("", False)])
def test_an_unknown_type_is_read_with_little_weight(end, over):
    body = {"type": "Brand_New", "CallSid": "1.10", "Status": "ANSWER", "EndTime": end}
    request = Request(body=json.dumps(body).encode())
    assert PROVIDER.describe(request) == Subject("brand_new", "call", "1.10")
    reading = read(request)
    assert reading.reason == 'unknown type "brand_new"'
    assert {fact.claim.strength for fact in reading.facts} == {Strength.INFERRED}
    assert isinstance(call(reading).status, StatusWord)
    assert call(reading).status.over is over


def test_without_a_call_sid_the_kind_is_still_told():
    assert read(Request(body=b"EndTime=2024-01-01+10:00:00")).reason == "no CallSid: call_report"
    assert read(Request(body=b"type=live_call&campid=5")).reason == "no CallSid: live_call"
    assert read(Request(body=b"hello=world")).reason == "ping: no CallSid"
    long = Request(body=b"type=" + b"X" * 100)
    assert PROVIDER.describe(long) == Subject("x" * 64)
    longer_in_small_letters = Request(body="type={}".format("İ" * 64).encode())
    assert len(PROVIDER.describe(longer_in_small_letters).kind) == 64


def test_a_query_that_is_no_text_is_read_all_the_same():
    assert call(read(Request("GET", "", "CallSid=1.10&call_group=\ud800"))).group_name == "?"
