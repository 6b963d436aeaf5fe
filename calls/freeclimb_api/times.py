"""Times as FreeClimb writes and takes them: GMT, RFC 1123 to the second, ISO 8601 to the
millisecond."""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
_YEARS = range(1900, 9999)  # beyond them a day more or less is no date
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def rfc1123(moment: datetime | None) -> str | None:
    """`Mon, 15 Jun 2009 20:45:30 GMT`"""
    return moment and format_datetime(moment.astimezone(UTC), usegmt=True)


def iso(moment: datetime | None) -> str | None:
    """`2024-10-09T15:05:03.358Z`"""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def read_time(text: str) -> datetime:
    """`YYYY-MM-DD hh:mm:ss` as documented, GMT; also the two forms in which we tell times. Raises
    ValueError."""
    if _TIME.fullmatch(text):
        moment = datetime.fromisoformat(text)
    else:
        moment = parsedate_to_datetime(text)
    if moment.year not in _YEARS:
        raise ValueError(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_date(text: str) -> datetime:
    """When a day `YYYY-MM-DD` begins, GMT. Raises ValueError."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    day = date.fromisoformat(text)
    if day.year not in _YEARS:
        raise ValueError(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def just_after(moment: datetime) -> datetime:
    """The end, exclusive, of what is "at or before" a time: of a whole second all of it, as times
    are told to the second."""
    return moment + (timedelta(microseconds=1) if moment.microsecond else SECOND)
