"""What a Call Report adds up to: durations, coins, contradictions, recordings."""

import pytest

from calls.choices import RecordingState, Status, Strength
from calls.facts import CallFact, StatusWord
from tests.webhooks.callerdesk import call, posted, read, recording


def durations(reading):
    return [
        (fact.claim.strength, fact.duration_seconds)
        for fact in reading.facts
        if isinstance(fact, CallFact) and fact.duration_seconds is not None
    ]


def test_a_missing_duration_is_inferred_from_start_and_end():
    reading = read(posted("report_inbound_answered", CallDuration=""))
    assert durations(reading) == [(Strength.INFERRED, 60)]
    for end in ("2024-01-01 09:59:59", "2024-02-01 10:00:00", ""):
        assert (
            durations(read(posted("report_inbound_answered", CallDuration="", EndTime=end))) == []
        )


@pytest.mark.parametrize(
    ("said", "flagged"), [("58", False), ("62", False), ("57", True), ("63", True)]
)
def test_a_duration_that_is_not_from_start_to_end_is_flagged(said, flagged):
    reading = read(posted("report_inbound_answered", CallDuration=said))
    assert durations(reading) == [(Strength.FINAL, int(said))]
    assert ("duration_mismatch" in call(reading).flags) is flagged


@pytest.mark.parametrize("said", ["-5", "abc", "1.5", "1e3", "9" * 30, "٣"])
def test_a_number_that_is_none_is_not_said_but_told(said):
    reading = read(posted("report_inbound_answered", TalkDuration=said, coins=said))
    assert call(reading).talk_seconds is None
    assert (call(reading).cost_amount, call(reading).cost_unit) == (None, None)
    assert reading.reason == f'unread numbers: TalkDuration "{said}", coins "{said}"'


def test_zero_is_a_number_and_nothing_is_none():
    reading = read(posted("report_inbound_answered", coins="0", TalkDuration="0"))
    assert (call(reading).cost_amount, call(reading).talk_seconds) == (0, 0)
    reading = read(posted("report_inbound_answered", coins="", TalkDuration=" "))
    assert (call(reading).cost_amount, call(reading).talk_seconds) == (None, None)
    assert durations(reading) == [(Strength.FINAL, 60)]


@pytest.mark.parametrize(
    ("changes", "flagged"),
    [
        ({}, False),
        ({"Status": "NOANSWER"}, True),
        ({"LegB_Picked_time": ""}, True),
        ({"LegB_Picked_time": "", "LegB_Start_time": "", "LegA_Picked_time": ""}, False),
        ({"LegB_Picked_time": "unreadable"}, False),
        ({"Status": "SOMETHINGNEW"}, False),
        ({"Direction": "WEBOBD", "Status": "BUSY", "LegA_Picked_time": ""}, False),
        ({"Direction": "WEBOBD", "LegB_Start_time": "", "LegB_Picked_time": ""}, True),
    ],
)
def test_a_word_that_the_times_of_picking_up_contradict_stands_and_is_flagged(changes, flagged):
    said = call(read(posted("report_inbound_answered", **changes)))
    assert ("answer_disagrees" in said.flags) is flagged
    assert said.status.word == changes.get("Status", "ANSWER")


def test_a_report_without_a_status_is_over_all_the_same():
    said = call(read(posted("report_inbound_answered", Status=None)))
    assert said.status == StatusWord(True, Status.UNKNOWN, "")
    assert said.end_reason is None
    assert said.claim.stage == -1


@pytest.mark.parametrize(
    ("url", "known", "audio"),
    [
        ("https://callrecords.callerdesk.io/incoming/01_2024/a.WAV?x=/b.mp3", True, "wav"),
        ("https://callerdesk.io/incoming/1700000000.960", True, None),
        ("HTTPS://CallRecords.CallerDesk.io:443/a.mp3#t=1", True, "mp3"),
        ("https://callerdesk.io", True, None),
        ("http://callrecords.callerdesk.io/a.wav", False, "wav"),
        ("https://callerdesk.io.example.com/a", False, None),
        ("https://notcallerdesk.io/a", False, None),
        ("https://callerdesk.io@example.com/a", False, None),
        ("https://example.com\\@callerdesk.io/a", False, None),
        ("https://callerdesk.io:8443/a", False, None),
        ("https://callerdesk.io/a b", False, None),
        ("https://[::1", False, None),
        ("file:///etc/passwd", False, None),
        ("//callerdesk.io/a.wav", False, None),
    ],
)
def test_only_https_at_callerdesk_is_a_known_place_of_recordings(url, known, audio):
    found = recording(read(posted("report_inbound_answered", CallRecordingUrl=url)))
    assert found.url == url
    assert found.format == audio
    assert found.flags == (frozenset() if known else {"recording_host_unknown"})


def test_an_address_too_long_to_keep_is_not_cut():
    url = "https://callerdesk.io/" + "a" * 1978
    assert recording(read(posted("report_inbound_answered", CallRecordingUrl=url))).url == url
    reading = read(posted("report_inbound_answered", CallRecordingUrl=url + "a"))
    assert recording(reading).url is None
    assert recording(reading).state == RecordingState.ANNOUNCED
    assert recording(reading).flags == call(reading).flags == {"url_too_long"}
