"""Whatever arrives is read or refused in an orderly way, and what comes of it can be stored."""

import json
import re
from datetime import datetime
from urllib.parse import quote_plus

from hypothesis import given, settings
from hypothesis import strategies as st

from calls.facts import CallFact
from tests.webhooks.callerdesk import PROVIDER, Request, payload, read
from webhooks.providers.base import Context, Reading, Unreadable

NAMES = [
    *payload("report_inbound_answered"),
    *("hangup_cause", "call_sid", "did", "LEGB_PICKED_TIME", "x"),
]
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LIMITS = {"url": 2000}

fragments = st.sampled_from(
    ["ANSWER", "Cancel-Agent", "(16-customer)", "2024-01-01 10:00:00", "0000-00-00", "n", "+", "&"]
    + ["https://callerdesk.io/a.wav", "9000000001", "null", "1.10", "IVR", "WEBOBD", "call_report"]
)
texts = st.text() | st.text(st.characters()) | fragments | st.lists(fragments).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(NAMES) | texts
contexts = st.builds(
    Context,
    region=st.sampled_from(["IN", "US", "", "ZZ"]),
    time_zone=st.sampled_from(["Asia/Kolkata", "UTC", "Europe/Berlin"]) | texts,
    agent_numbers=st.frozensets(st.sampled_from(["+919000000001", "+919000000002"])),
)


def check(request, context):
    subject = PROVIDER.describe(request)
    try:
        reading = read(request, context)
    except Unreadable as error:
        assert str(error)
        return
    assert isinstance(reading, Reading)
    assert reading.facts or reading.reason
    assert not UNSTORABLE.search(reading.reason + subject.kind + subject.provider_id)
    assert len(subject.kind) <= 64
    for fact in reading.facts:
        if isinstance(fact, CallFact):
            assert (subject.object, subject.provider_id) == ("call", fact.call_id)
        for name, value in fact.said():
            check_storable(name, value)


def check_storable(name, value):
    if isinstance(value, tuple):
        for part in value:
            check_storable(name, part)
    elif isinstance(value, str):
        assert len(value) <= LIMITS.get(name, 255)
        assert not UNSTORABLE.search(value)
    elif isinstance(value, datetime):
        assert 1970 <= value.year <= 2100
        assert value.tzinfo is not None
    elif isinstance(value, int):
        assert 0 <= value < 2**63


@given(st.dictionaries(names, values, max_size=12), contexts)
@settings(max_examples=400, deadline=None)
def test_any_json_is_read(fields, context):
    body = json.dumps({"CallSid": "1.10"} | fields).encode()
    check(Request(body=body), context)


@given(st.dictionaries(st.sampled_from(NAMES), texts, max_size=12), contexts)
@settings(max_examples=400, deadline=None)
def test_any_text_in_any_field_is_read_as_json_form_and_query(fields, context):
    fields = {"CallSid": "1.10"} | fields
    check(Request(body=json.dumps(fields).encode()), context)
    quoted = "&".join(
        f"{quote_plus(name)}={quote_plus(value, errors='replace')}"
        for name, value in fields.items()
    )
    check(Request(body=quoted.encode()), context)
    check(Request("GET", "", quoted), context)


@given(st.binary(), st.sampled_from([b"", b"{", b"CallSid=", b"--b\r\n", b"\xef\xbb\xbf"]), texts)
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_read_or_refused(body, before, content_type):
    check(Request("POST", content_type, "", before + body), Context())


@given(texts | st.lists(names | st.sampled_from("?&=%+")).map("".join))
@settings(max_examples=400, deadline=None)
def test_any_query_is_read(query):
    check(Request("GET", "", query), Context())


@given(st.dictionaries(names, texts), st.sampled_from(["b", "", "--", "b;b", "\xff"]), texts)
@settings(max_examples=200, deadline=None)
def test_any_multipart_is_read_or_refused(fields, boundary, content_type):
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    body = ("".join(parts) + f"--{boundary}--").encode("utf-8", "replace")
    check(Request("POST", content_type, "", body), Context())
