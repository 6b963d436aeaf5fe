"""When a message is tried again, and how long a target is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from webhooks.outgoing.pace import (
    DEAD_AFTER,
    DEAD_AFTER_TRIES,
    DELAYS,
    JITTER,
    LONGEST_PAUSE,
    LONGEST_RETRY_AFTER,
    PATIENCE,
    TRIES,
    Pace,
    is_dead,
    retry_after,
)

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(("tries", "delay"), list(enumerate(DELAYS, start=1)))
def test_the_pauses_of_a_message(tries, delay):
    found = [Pace().before_next(tries, 0) for _ in range(200)]
    assert all(delay * (1 - JITTER) <= each <= delay * (1 + JITTER) for each in found)
    assert len(set(found)) > 100  # not all at the same moment


def test_it_is_given_up_after_three_days():
    assert timedelta(days=2.5) < timedelta(seconds=sum(DELAYS)) < timedelta(days=3.5)
    assert Pace().before_next(TRIES, 0) is None
    assert Pace().before_next(TRIES, 60) is None


def test_a_target_may_ask_for_more_time_but_not_for_less():
    assert Pace().before_next(1, 600) == 600
    assert Pace().before_next(4, 1) > 300


def test_the_pauses_of_a_target():
    assert [Pace().pause(failures) for failures in range(PATIENCE)] == [0] * PATIENCE
    for failures, seconds in ((PATIENCE, 1), (PATIENCE + 3, 8), (PATIENCE + 20, LONGEST_PAUSE)):
        found = Pace().pause(failures)
        assert seconds * (1 - JITTER) <= found <= seconds * (1 + JITTER)
    assert Pace().pause(10_000_000) <= LONGEST_PAUSE * (1 + JITTER)
    assert Pace(0.01).pause(PATIENCE) < 0.02


@pytest.mark.parametrize(
    ("failures", "hours", "dead"),
    [(0, 0, False), (DEAD_AFTER_TRIES, 23, False), (DEAD_AFTER_TRIES - 1, 50, False)]
    + [(DEAD_AFTER_TRIES, 25, True)],
)
def test_when_a_target_is_dead(failures, hours, dead):
    since = NOW - timedelta(hours=hours) if failures else None
    assert is_dead(failures, since, NOW) == dead
    assert timedelta(hours=24) == DEAD_AFTER


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ("120", 120),
        (" 5 ", 5),
        ("-5", 0),
        ("1.5", 0),
        ("999999", LONGEST_RETRY_AFTER),
        ("9" * 400, 0),
        ("soon", 0),
        ("٣", 0),
        ("Sat, 14 Mar 2026 12:01:40 GMT", 100),
        ("Sat, 14 Mar 2026 12:01:40 -0000", 100),
        ("Sat, 14 Mar 2026 11:00:00 GMT", 0),
        ("Sat, 14 Mar 2099 11:00:00 GMT", LONGEST_RETRY_AFTER),
        ("Sat, 99 Mar 2026 11:00:00 GMT", 0),
    ],
)
def test_retry_after(header, seconds):
    assert retry_after(header, NOW) == seconds
