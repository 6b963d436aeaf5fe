"""CallerDesk's times: local, without a zone, in several spellings, sometimes a null in disguise."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

INDIA = "Asia/Kolkata"
_NULL = re.compile(r"(null|none|0|0000-00-00\b.*)?", re.IGNORECASE | re.DOTALL)
# As documented; anything else is left to the slower reading of all spellings.
_USUAL = re.compile(r"\d{4}-\d\d-\d\d (?:[01]\d|2[0-3]):\d\d:\d\d", re.ASCII)
_TIME = re.compile(
    r"""
    (\d{4})-(\d{1,2})-(\d{1,2})
    (?:\s*[Tn]\s*|\s+)                                # a literal n is in a published sample
    (\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?
    \s*?(?:(Z|UTC|GMT|IST)|([+\- ])(\d{2}):?(\d{2})?)?    # a + in a query may come as a blank
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
# Outside lies nothing that was a call, and much that overflows when shown in another zone.
_YEARS = range(1971, 2100)


class BadTime(ValueError):
    """The text is neither a time nor one of the ways to write none."""


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """The zone of that name, CallerDesk's own where there is no such zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        return ZoneInfo(INDIA)


def is_null(text: str) -> bool:
    return not text or (text[0] in "nN0" and bool(_NULL.fullmatch(text)))


def moment(text: str, local: tzinfo) -> datetime | None:
    """An aware UTC time; None for a null. `local` counts where the text carries no offset.

    A local time that a clock change skipped or repeated is read by the offset before the change.
    """
    text = text.strip()
    if is_null(text):
        return None
    try:
        return _usual(text, local) if _USUAL.fullmatch(text) else _unusual(text, local)
    except (ValueError, OverflowError) as error:
        raise BadTime(text) from error


def _usual(text: str, local: tzinfo) -> datetime:
    """In a quarter of the time that all spellings take. Raises ValueError."""
    found = datetime.fromisoformat(f"{text}Z")
    if found.year not in _YEARS:
        raise BadTime(text)
    return found - local.utcoffset(found)


def _unusual(text: str, local: tzinfo) -> datetime:
    """A time in any of the spellings. Raises ValueError or OverflowError."""
    found = _TIME.fullmatch(text)
    if not found:
        raise BadTime(text)
    year, month, day, hour, minute = map(int, found.groups()[:5])
    if year not in _YEARS:
        raise BadTime(text)
    second, micro = int(found[6] or 0), int((found[7] or "0").ljust(6, "0"))
    offset = _offset(found, local)
    time = datetime(year, month, day, hour, minute, second, micro, tzinfo=offset)
    return time.astimezone(UTC)


def _offset(found: re.Match[str], local: tzinfo) -> tzinfo:
    if found[8]:
        return zone(INDIA) if found[8].upper() == "IST" else UTC
    if found[9]:
        ahead = timedelta(hours=int(found[10]), minutes=int(found[11] or 0))
        return timezone(-ahead if found[9] == "-" else ahead)
    return local
