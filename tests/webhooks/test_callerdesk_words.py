"""CallerDesk's words for how a call went, one by one."""

import pytest

from calls.choices import EndReason, HangupBy, Status
from calls.facts import EndWord, StatusWord
from tests.webhooks.callerdesk import call, leg, posted, read

COMPLETED, NO_ANSWER, CANCELED = Status.COMPLETED, Status.NO_ANSWER, Status.CANCELED
BUSY, FAILED, UNKNOWN = Status.BUSY, Status.FAILED, Status.UNKNOWN
RINGING, IN_PROGRESS = Status.RINGING, Status.IN_PROGRESS

# Status as sent; what a report means by it and why the call ended; what a live event means by it.
WORDS = [
    ("ANSWER", COMPLETED, EndReason.ANSWERED, IN_PROGRESS),
    ("Answered", COMPLETED, EndReason.ANSWERED, IN_PROGRESS),
    ("answer (16)", COMPLETED, EndReason.ANSWERED, IN_PROGRESS),
    ("NOANSWER", NO_ANSWER, EndReason.NO_ANSWER, None),
    ("NO ANSWER", NO_ANSWER, EndReason.NO_ANSWER, None),
    ("No-Answer (0)", NO_ANSWER, EndReason.NO_ANSWER, None),
    ("MISSED", NO_ANSWER, EndReason.NO_ANSWER, None),
    ("CANCEL", CANCELED, EndReason.HANGUP_BEFORE_ANSWER, None),
    ("Cancel-Agent", NO_ANSWER, EndReason.AGENT_LEG_FAILED, None),
    ("cancel-Agent", NO_ANSWER, EndReason.AGENT_LEG_FAILED, None),
    ("Cancel-Customer", NO_ANSWER, EndReason.CUSTOMER_LEG_FAILED, None),
    ("BUSY", BUSY, EndReason.BUSY, None),
    ("BUSY (17)", BUSY, EndReason.BUSY, None),
    ("CONGESTION", FAILED, EndReason.CONGESTION, None),
    ("Unavailable", FAILED, EndReason.UNREACHABLE, None),
    ("UN-AVAIL", FAILED, EndReason.UNREACHABLE, None),
    ("CHANUNAVAIL", FAILED, EndReason.UNREACHABLE, None),
    ("AgentUnregistered", FAILED, EndReason.AGENT_UNREGISTERED, None),
    ("INVALIDARGS", FAILED, EndReason.CONFIGURATION, None),
    ("FAILED", FAILED, EndReason.FAILED, None),
    ("Not Connected", NO_ANSWER, EndReason.IVR_ONLY, None),
    ("AgentEngaged", NO_ANSWER, EndReason.AGENT_ENGAGED, None),
    ("AgentonRing", NO_ANSWER, EndReason.AGENT_RINGING, None),
    ("Agentonring", NO_ANSWER, EndReason.AGENT_RINGING, None),
    ("AbandonedCall", NO_ANSWER, EndReason.ABANDONED, None),
    ("Abandonedcall", NO_ANSWER, EndReason.ABANDONED, None),
    ("Abandoned", NO_ANSWER, EndReason.ABANDONED, None),
    ("Voicemail", NO_ANSWER, EndReason.VOICEMAIL, None),
    ("LegB Answer", COMPLETED, EndReason.ANSWERED, IN_PROGRESS),
    ("LegA Answer", UNKNOWN, EndReason.UNRECOGNISED, RINGING),
    ("TransferToAgent", UNKNOWN, EndReason.UNRECOGNISED, RINGING),
    ("Transferring", UNKNOWN, EndReason.UNRECOGNISED, RINGING),
    ("Picked", UNKNOWN, EndReason.UNRECOGNISED, IN_PROGRESS),
    ("SOMETHINGNEW", UNKNOWN, EndReason.UNRECOGNISED, None),
    ("(16)", UNKNOWN, EndReason.UNRECOGNISED, None),
    ("उत्तर", UNKNOWN, EndReason.UNRECOGNISED, None),
]
REPORTED = [(word, status, reason) for word, status, reason, _ in WORDS]
LIVE = [(word, status) for word, _, _, status in WORDS]


@pytest.mark.parametrize(("word", "status", "reason"), REPORTED)
def test_a_report_ends_a_call_with_its_word(word, status, reason):
    reading = read(posted("report_inbound_abandoned", Status=word))
    assert call(reading).status == StatusWord(True, status, word)
    assert call(reading).end_reason == EndWord(reason, word)
    unknown = f'unknown words: Status "{word}"' if status == UNKNOWN else ""
    assert reading.reason == unknown


@pytest.mark.parametrize(("word", "status"), LIVE)
def test_a_live_event_says_how_far_a_call_is_or_nothing(word, status):
    said = call(read(posted("live_inbound_ringing", Status=word)))
    assert said.status == (StatusWord(False, status, word) if status else None)
    assert said.end_reason is None


@pytest.mark.parametrize("word", ["NO ANSWER", "BUSY", "UN-AVAIL", "AgentEngaged", "Cancel-Agent"])
def test_a_word_of_an_end_in_a_live_event_speaks_of_leg_b(word):
    reading = read(posted("live_inbound_agent_no_answer", Status=word, DialWhomNumber=""))
    assert reading.reason == ""
    assert call(reading).claim.stage == -1
    assert leg(reading, "a").status is None
    assert leg(reading, "b").status in (NO_ANSWER, BUSY, FAILED)


def test_a_live_event_of_a_call_that_ended_in_the_ivr_speaks_of_no_leg_b():
    reading = read(posted("live_inbound_ringing", Status="NotConnected", DialWhomNumber=""))
    assert leg(reading, "b") is None


def test_an_unknown_word_in_a_live_event_is_told():
    reading = read(posted("live_inbound_ringing", Status="NEWWORD"))
    assert reading.reason == 'unknown words: Status "NEWWORD"'
    assert leg(reading, "b").status is None


@pytest.mark.parametrize(
    ("cause", "code", "status"),
    [
        ("Busy (17-customer)", "", BUSY),
        ("BUSY", "0", BUSY),
        ("NOANSWER (0-customer)", "17", NO_ANSWER),
        ("Unavailable (19)", "0", FAILED),
        ("CANCEL(0-customer)", "", CANCELED),
        ("", "17", BUSY),
        ("", "1", FAILED),
        ("", "19", FAILED),
        ("", "0", NO_ANSWER),
        ("", "99", NO_ANSWER),
        ("", "", NO_ANSWER),
        ("SOMETHINGNEW (17-customer)", "0", BUSY),
        ("ANSWER (16-agent)", "19", FAILED),  # the leg that answered is not the one that failed
        ("Cancel-Customer", "17", BUSY),
    ],
)
def test_which_way_a_leg_failed_is_in_the_cause_else_in_the_code(cause, code, status):
    for word in ("Cancel-Customer", "Cancel-Agent"):
        changes = {"Status": word, "hangup_cause": cause, "error_code": code}
        assert (
            call(read(posted("report_outbound_customer_busy", **changes))).status.status == status
        )


@pytest.mark.parametrize(
    ("cause", "direction", "by"),
    [
        ("ANSWER(16-customer)", "IVR", HangupBy.CUSTOMER),
        ("ANSWER(16-agent)", "WEBOBD", HangupBy.AGENT),
        ("answer ( 16 Agent )", "IVR", HangupBy.AGENT),
        ("ANSWER(agent)", "IVR", HangupBy.AGENT),
        ("(16-agent", "IVR", HangupBy.AGENT),
        ("ANSWER (16)", "WEBOBD", HangupBy.CUSTOMER),
        ("ANSWER (16)", "IVR", None),
        ("ANSWER (16)", "", None),
        ("ANSWER", "WEBOBD", None),
        ("NOANSWER (0-agent)", "WEBOBD", None),
        ("Busy (17-customer)", "WEBOBD", None),
        ("", "WEBOBD", None),
        ("Cancel-Agent", "WEBOBD", None),
        ("()-(", "WEBOBD", None),
    ],
)
def test_who_hung_up_is_told_only_by_a_normal_end(cause, direction, by):
    changes = {"hangup_cause": cause, "Direction": direction}
    assert call(read(posted("report_outbound_answered", **changes))).hangup_by == by
    assert call(read(posted("live_outbound_picked", **changes))).hangup_by is None
