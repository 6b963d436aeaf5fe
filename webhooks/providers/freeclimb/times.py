"""Times of the REST records: RFC 3339 where given, else RFC 1123; both are UTC."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..values import text


def moment(*values: Any) -> datetime | None:
    """The first of the values that is a time, in UTC; None where none is."""
    for value in values:
        cleaned = text(value, 64)
        if cleaned is not None:
            for read in (datetime.fromisoformat, parsedate_to_datetime):
                found = _read(read, cleaned)
                if found is not None:
                    return found
    return None


def _read(read, cleaned: str) -> datetime | None:
    if len(cleaned) < len("2009-06-15T20:45"):  # a day alone is no moment
        return None
    try:
        found = read(cleaned)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
