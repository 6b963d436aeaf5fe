"""Short ways through values, times and forms lead where the long way leads."""

import re
from urllib.parse import parse_qsl

from hypothesis import example, given, settings
from hypothesis import strategies as st

from webhooks.providers.callerdesk import request, times
from webhooks.providers.values import storable, text, whole

from .callerdesk import Request

NUL = "\x00"
characters = st.text(st.characters()) | st.text(st.sampled_from(f"a1 \u00a0é{NUL}\ud800\U0001f600"))


@given(characters, st.none() | st.integers(0, 5))
def test_only_what_no_database_takes_is_replaced(value, limit):
    expected = "".join(
        "\ufffd" if char == NUL or "\ud800" <= char <= "\udfff" else char for char in value
    )
    assert storable(value, limit) == expected[:limit]
    assert text(value, 5) == (expected.strip()[:5] or None)


@given(st.from_regex(r"\s*[0-9٣²]{0,21}(\.0*)?\s*", fullmatch=True) | characters | st.integers())
@example("9223372036854775807")
@example("9223372036854775808")
def test_a_whole_number_is_one_of_ascii_digits_that_fits(value):
    said = storable(str(value)).strip()[:40]
    digits = re.fullmatch(r"([0-9]{1,19})(\.0*)?", said)
    expected = int(digits[1]) if digits and int(digits[1]) < 2**63 else None
    assert whole(value) == expected


def moment(spelled, zone):
    try:
        return times.moment(spelled, times.zone(zone))
    except times.BadTime:
        return "bad"


@given(
    st.from_regex(r"(19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]", fullmatch=True),
    st.from_regex(r"[0-2][0-9]:[0-6][0-9]:[0-6][0-9]", fullmatch=True),
    st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/New_York", "UTC", "nowhere"]),
)
@example("2024-01-01", "24:00:00", "UTC")
@example("2024-03-31", "02:30:00", "Europe/Berlin")  # skipped
@example("2024-10-27", "02:30:00", "Europe/Berlin")  # came twice
@example("1970-12-31", "23:59:59", "America/New_York")
@example("2099-12-31", "23:59:59", "America/New_York")
@settings(max_examples=300, deadline=None)
def test_a_time_is_the_same_in_the_usual_and_in_another_spelling(day, time, zone):
    assert moment(f"{day} {time}", zone) == moment(f"{day}  {time}", zone)


@given(characters | st.from_regex(r"(?i)(null|none|n|0|0000-00-00).?.?", fullmatch=True))
def test_a_null_is_told_from_a_time(value):
    null = re.fullmatch(r"(?is)(null|none|0|0000-00-00\b.*)?", value)
    assert times.is_null(value) is bool(null)


PIECES = ["a", "B", "1", "%3A", "%3a", "%2F", "%", "%2", "%%3A41", "+", "=", "&", "%26", "%3D"]


@given(st.lists(st.sampled_from([*PIECES, "%C3%A9", "%ff", "%2B", "%25", ":", "/"])).map("".join))
@settings(max_examples=300, deadline=None)
def test_a_form_is_read_as_python_reads_it(form):
    body = "CallSid=1&" + form
    said = {}
    for name, value in parse_qsl(body, keep_blank_values=True, errors="replace"):
        said.setdefault(name.strip(), value.strip())
    read = request.read(Request(body=body.encode()))
    for name, value in said.items():
        if name and name == name.lower():
            assert read[name] == value
