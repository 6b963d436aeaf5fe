"""Days and hours as the viewer's clock has them, as moments: a day may have 23 or 25 hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from calls.tallies import slot_of

HOUR = timedelta(hours=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def same_time(now: datetime, days_ago: int, zone: ZoneInfo) -> datetime:
    """When the clock showed the same, some days ago."""
    local = now.astimezone(zone)
    day = local.date() - timedelta(days=days_ago)
    return datetime.combine(day, local.time(), zone).astimezone(UTC)


def last_days(now: datetime, count: int, zone: ZoneInfo) -> list[datetime]:
    """The bounds of that many days, today the last: one more than days."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=ago) for ago in range(count - 1, -2, -1)]
    return [midnight(day, zone) for day in days]


def last_hours(now: datetime, count: int, zone: ZoneInfo) -> list[datetime]:
    """The bounds of that many hours, the present one the last. Where a zone's hours begin within a
    slot of the tallies (Nepal), they are moved to the slot's first moment: 08:45 to 09:45."""
    hour = now.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    end = slot_of(hour) + HOUR
    if end <= now:
        end += HOUR
    return [end - HOUR * ago for ago in range(count, -1, -1)]


@dataclass(frozen=True, slots=True)
class Span:
    """Some days, for figures: from the first one's midnight to that after the last."""

    start: datetime
    end: datetime
    name: str  # in the URL
    words: str


SPANS = {"today": (1, "Today"), "7": (7, "7 days"), "30": (30, "30 days")}
LONGEST = 400  # days


def span(name: str, now: datetime, zone: ZoneInfo) -> Span:
    """Today, the last 7 or 30 days with today; today for any other name."""
    name = name if name in SPANS else "today"
    days, words = SPANS[name]
    bounds = last_days(now, days, zone)
    return Span(bounds[0], bounds[-1], name, words)


def between(first: date, last: date, zone: ZoneInfo) -> Span:
    """From one day to another, both included."""
    words = f"{first:%d %b %Y} to {last:%d %b %Y}"
    return Span(midnight(first, zone), midnight(last + timedelta(days=1), zone), "", words)
