"""Periods that people choose, in days of their own time zone."""

from datetime import date, datetime, time, timedelta

from django.db.models import TextChoices
from django.utils import timezone


class Period(TextChoices):
    TODAY = "today", "Today"
    YESTERDAY = "yesterday", "Yesterday"
    WEEK = "7d", "Last 7 days"
    MONTH = "30d", "Last 30 days"
    LONGEST = "31d", "Last 31 days"


_DAYS = {Period.TODAY: 1, Period.WEEK: 7, Period.MONTH: 30, Period.LONGEST: 31}


def days(period: str) -> tuple[date, date]:
    """The first and the last day of a period."""
    today = timezone.localdate()
    if period == Period.YESTERDAY:
        yesterday = today - timedelta(days=1)
        return yesterday, yesterday
    return today - timedelta(days=_DAYS[period] - 1), today


def begin(day: date) -> datetime:
    """The first moment of a day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end(day: date) -> datetime:
    """The first moment after a day."""
    return begin(day + timedelta(days=1))


def named(day: date) -> str:
    """Today, Yesterday, Thursday 19 November; with the year where it is another."""
    today = timezone.localdate()
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%A} {day.day} {day:%B}{year}"


def end_of_today() -> datetime:
    return end(timezone.localdate())
