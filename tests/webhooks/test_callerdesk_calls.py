"""CallerDesk payloads, and the facts that come of them."""

from datetime import UTC, datetime

import pytest

from calls.choices import (
    Direction,
    EndReason,
    HangupBy,
    Party,
    RecordingState,
    Status,
    Strength,
)
from calls.facts import EndWord, Number, StatusWord
from tests.webhooks.callerdesk import (
    PAYLOADS,
    PROVIDER,
    RECEIVED,
    Request,
    call,
    got,
    leg,
    payload,
    posted,
    read,
    recording,
)


def at(hour, minute, second=0, day=1):
    return datetime(2024, 1, day, hour, minute, second, tzinfo=UTC)


def test_an_answered_incoming_call_says_all_there_is_to_say():
    reading = read(posted("report_inbound_answered"))
    assert reading.reason == ""
    said = call(reading)
    assert dict(said.said()) == {
        "direction": Direction.INBOUND,
        "status": StatusWord(True, Status.COMPLETED, "ANSWER"),
        "end_reason": EndWord(EndReason.ANSWERED, "ANSWER"),
        "provider_error_code": "0",
        "from_number": Number("+919000000001", "9000000001"),
        "to_number": Number("+919000000002", "09000000002"),
        "customer_number": "+919000000001",
        "service_number": "+911204000000",
        "group_name": "TestGroup",
        "ivr_keys": "1",
        "started_at": at(4, 30),
        "answered_at": at(4, 30, 15),
        "ended_at": at(4, 31),
        "duration_seconds": 60,
        "talk_seconds": 45,
        "cost_amount": 1,
        "cost_unit": "coin",
    }
    assert said.flags == frozenset()
    assert said.claim.strength == Strength.FINAL


def test_the_caller_of_an_incoming_call_is_leg_a_and_the_agent_leg_b():
    reading = read(posted("report_inbound_answered"))
    a, b = leg(reading, "a"), leg(reading, "b")
    assert dict(a.said()) == {
        "party": Party.CUSTOMER,
        "number": Number("+919000000001", "9000000001"),
        "status": Status.COMPLETED,
        "started_at": at(4, 30),
        "answered_at": at(4, 30, 2),
        "ended_at": at(4, 31),
    }
    assert dict(b.said()) == {
        "party": Party.AGENT,
        "number": Number("+919000000002", "09000000002"),
        "name": "Ashish",
        "status": Status.COMPLETED,
        "started_at": at(4, 30, 5),
        "answered_at": at(4, 30, 15),
        "ended_at": at(4, 31),
    }


def test_a_recording_is_known_by_its_call():
    found = recording(read(posted("report_inbound_answered")))
    assert (found.key, found.call) == ("1704083400.960", "1704083400.960")
    assert found.url.startswith("https://callrecords.callerdesk.io/incoming/")
    assert (found.format, found.state) == ("wav", RecordingState.AVAILABLE)
    assert found.duration_seconds is None
    assert found.flags == frozenset()


def test_a_get_with_an_n_between_date_and_time_says_the_same_as_the_post():
    times = {
        name: value.replace("  ", " ").replace(" ", "n")
        for name, value in payload("report_inbound_answered").items()
        if "ime" in name
    }
    request = got("report_inbound_answered", **times)
    assert "01n10" in request.query
    assert read(request).facts == read(posted("report_inbound_answered")).facts
    assert call(read(request)).provider_request_id is None


def test_on_an_outgoing_call_the_source_is_the_agent():
    reading = read(posted("report_outbound_answered"))
    said = call(reading)
    assert said.direction == Direction.OUTBOUND
    assert said.status == StatusWord(True, Status.COMPLETED, "ANSWER")
    assert said.hangup_by == HangupBy.CUSTOMER
    assert said.customer_number == "+919000000002"
    assert said.provider_request_id == "8000000"
    a, b = leg(reading, "a"), leg(reading, "b")
    assert (a.party, a.name, b.party, b.name) == (Party.AGENT, "Ashish", Party.CUSTOMER, None)
    assert b.number.number == "+919000000002"


def test_a_busy_customer_is_told_from_the_cause():
    reading = read(posted("report_outbound_customer_busy"))
    said = call(reading)
    assert said.status == StatusWord(True, Status.BUSY, "Cancel-Customer")
    assert said.end_reason == EndWord(EndReason.CUSTOMER_LEG_FAILED, "Cancel-Customer")
    assert said.talk_seconds is None
    assert said.answered_at is None
    assert said.hangup_by is None
    assert leg(reading, "a").status == Status.COMPLETED
    assert leg(reading, "b").status == Status.BUSY


def test_an_agent_who_did_not_pick_up_fails_leg_a():
    reading = read(posted("report_outbound_agent_no_answer"))
    assert call(reading).status.status == Status.NO_ANSWER
    assert call(reading).end_reason.reason == EndReason.AGENT_LEG_FAILED
    assert leg(reading, "a").status == Status.NO_ANSWER
    assert leg(reading, "b").status is None
    assert leg(reading, "b").ended_at is None


def test_an_abandoned_call_was_offered_to_somebody_unnamed_who_did_not_take_it():
    reading = read(posted("report_inbound_abandoned"))
    said = call(reading)
    assert said.status.status == Status.NO_ANSWER
    assert said.end_reason.reason == EndReason.ABANDONED
    assert said.answered_at is None
    assert said.talk_seconds == 0
    assert said.flags == frozenset()
    second = leg(reading, "b")
    assert (second.status, second.party, second.number) == (Status.NO_ANSWER, Party.AGENT, None)
    assert (second.started_at, second.answered_at, second.ended_at) == (None, None, None)
    assert recording(reading) is None


def test_a_call_sid_written_as_a_number_keeps_its_zero():
    body = (PAYLOADS / "report_numbers_as_numbers.json").read_bytes()
    reading = read(Request(body=body))
    assert reading.reason == ""
    said = call(reading)
    assert said.call_id == "1700000000.120"
    assert said.from_number == Number("+919000000001", "9000000001")
    assert (said.duration_seconds, said.talk_seconds, said.cost_amount) == (60, 0, 1)
    assert said.provider_request_id is None
    assert said.provider_error_code == "0"
    assert PROVIDER.describe(Request(body=body)).provider_id == "1700000000.120"


@pytest.mark.parametrize(
    ("case", "status"),
    [("live_inbound_ringing", Status.RINGING), ("live_inbound_picked", Status.IN_PROGRESS)],
)
def test_a_live_event_never_ends_a_call(case, status):
    said = call(read(posted(case, EndTime="2024-01-01 10:01:00", CallDuration="60")))
    assert said.status.over is False
    assert said.status.status == status
    assert (said.ended_at, said.end_reason, said.duration_seconds) == (None, None, None)
    assert said.claim.strength == Strength.PROGRESS


def test_the_same_report_as_get_and_as_post_makes_equal_facts():
    for case in ("report_outbound_answered", "report_inbound_abandoned"):
        assert read(got(case)) == read(posted(case))


def test_a_hit_without_parameters_is_a_ping():
    for request in (Request("GET", ""), Request("POST", body=b" \n"), Request(body=b"{}")):
        assert PROVIDER.describe(request).kind == "ping"
        assert read(request).facts == ()
        assert read(request).reason == "ping: no CallSid"


def test_more_talk_than_call_is_kept_as_it_was_said():
    said = call(read(posted("report_longer_talk_than_call")))
    assert (said.duration_seconds, said.talk_seconds) == (18, 40)


def test_a_new_word_is_unknown_and_kept():
    reading = read(posted("report_new_word"))
    said = call(reading)
    assert said.status == StatusWord(True, Status.UNKNOWN, "SOMETHINGNEW")
    assert said.end_reason == EndWord(EndReason.UNRECOGNISED, "SOMETHINGNEW")
    assert reading.reason == 'unknown words: Status "SOMETHINGNEW"'


def test_a_recording_elsewhere_is_kept_as_text_and_flagged():
    reading = read(posted("report_recording_elsewhere"))
    assert recording(reading).url == "http://169.254.169.254/x"
    assert recording(reading).flags == {"recording_host_unknown"}
    assert call(reading).flags == {"recording_host_unknown"}


def test_ten_past_midnight_in_india_is_the_evening_before():
    said = call(read(posted("report_past_midnight")))
    assert said.started_at == datetime(2023, 12, 31, 18, 40, tzinfo=UTC)


@pytest.mark.parametrize("case", sorted(path.stem for path in PAYLOADS.glob("*.json")))
def test_every_payload_file_is_read(case):
    reading = read(Request(body=(PAYLOADS / f"{case}.json").read_bytes()))
    assert reading.facts or reading.reason


def test_a_change_of_a_member_is_no_call():
    request = posted("member_changed")
    assert PROVIDER.describe(request).kind == "member_update"
    assert read(request).facts == ()
    assert read(request).reason == "no CallSid: member_update"


def test_the_claim_of_a_report_is_as_of_its_end_and_that_of_a_live_event_as_of_receipt():
    report = call(read(posted("report_inbound_answered"))).claim
    assert report.time == at(4, 31).timestamp() * 1_000_000
    assert report.stage == 8
    live = call(read(posted("live_inbound_ringing"))).claim
    assert live.time == RECEIVED.timestamp() * 1_000_000
    assert live.stage == 2
    unended = call(read(posted("report_inbound_answered", EndTime=""))).claim
    assert unended.time == RECEIVED.timestamp() * 1_000_000


def test_the_answer_is_the_word_callerdesk_expects():
    answer = PROVIDER.acknowledge(posted("report_inbound_answered"), {})
    assert (answer.body, answer.content_type) == (b"success", "text/plain; charset=utf-8")
    assert PROVIDER.signature_header is None
    assert PROVIDER.methods == {"GET", "POST"}
