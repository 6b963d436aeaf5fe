"""CallerDesk's times in every spelling."""

from datetime import UTC, datetime

import pytest

from tests.webhooks.callerdesk import INDIA, Request, call, leg, posted, read

THEN = datetime(2020, 4, 9, 8, 16, 56, tzinfo=UTC)  # the epoch in their sample 1586420216.7173


def start(text, zone="Asia/Kolkata"):
    reading = read(posted("live_inbound_ringing", StartTime=text), INDIA._replace(time_zone=zone))
    return call(reading).started_at, call(reading).flags, reading.reason


@pytest.mark.parametrize(
    "text",
    [
        "2020-04-09 13:46:56",
        "2020-04-09  13:46:56",
        "  2020-04-09 \t\n 13:46:56 ",
        "2020-04-09T13:46:56",
        "2020-04-09n13:46:56",
        "2020-04-09 T 13:46:56",
        "2020-4-9 13:46:56",
        "2020-04-09 13:46:56.000",
        "2020-04-09T08:16:56Z",
        "2020-04-09 08:16:56 UTC",
        "2020-04-09 13:46:56 IST",
        "2020-04-09T13:46:56+05:30",
        "2020-04-09T13:46:56 05:30",  # an unescaped plus in a query
        "2020-04-09 13:46:56 +0530",
        "2020-04-09 03:16:56-05",
    ],
)
def test_a_time_may_be_written_like(text):
    assert start(text) == (THEN, frozenset(), "")


def test_a_plus_in_a_query_is_an_offset_all_the_same():
    query = "CallSid=1.1&StartTime=2020-04-09T13:46:56+05:30"
    assert call(read(Request("GET", "", query))).started_at == THEN


@pytest.mark.parametrize(
    "text", ["", " ", "null", "NULL", "None", "0", "0000-00-00 00:00:00", "0000-00-00"]
)
def test_no_time_may_be_written_like(text):
    assert start(text) == (None, frozenset(), "")


@pytest.mark.parametrize(
    "text",
    [
        "yyyy-mm-dd hh:mm:ss",
        "2020-04-09",
        "13:46:56",
        "2020-02-30 10:00:00",
        "2020-13-01 10:00:00",
        "2020-01-01 24:00:00",
        "2020-01-01 10:60:00",
        "2020-01-01 10:00:60",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "1970-01-01 05:30:00",
        "2020-04-09 13:46:56+99:99",
        "2020-04-09 13:46:56 PST",
        "09-04-2020 13:46:56",
        "1586420216",
        "२०२०-०४-०९ १३:४६:५६",
        "now",
    ],
)
def test_a_bad_time_is_none_and_told(text):
    assert start(text) == (None, {"bad_time"}, f'bad times: StartTime "{text}"')


def test_each_bad_time_of_a_report_is_told_and_the_rest_is_read():
    reading = read(posted("report_inbound_answered", LegB_Start_time="x", EndTime="y"))
    assert reading.reason == 'bad times: LegB_Start_time "x", EndTime "y"'
    assert call(reading).flags == {"bad_time"}
    assert call(reading).status.over
    assert leg(reading, "b").started_at is None
    assert leg(reading, "b").answered_at is not None


def test_a_time_without_an_offset_is_in_the_zone_of_the_endpoint():
    assert start("2020-04-09 13:46:56", "UTC")[0] == datetime(2020, 4, 9, 13, 46, 56, tzinfo=UTC)
    assert start("2020-04-09 08:16:56Z", "America/New_York")[0] == THEN


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../etc/passwd", "Asia", "\0", "x" * 5000])
def test_a_zone_that_does_not_exist_is_callerdesks_own(zone):
    assert start("2020-04-09 13:46:56", zone)[0] == THEN


def test_a_local_time_that_was_skipped_or_repeated_is_read_by_the_offset_before():
    skipped, repeated = "2024-03-31 02:30:00", "2024-10-27 02:30:00"
    assert start(skipped, "Europe/Berlin")[0] == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert start(repeated, "Europe/Berlin")[0] == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
