"""Strangers' values made safe for columns: what does not fit is None or cut, never an error."""

import re
from typing import Any

from .base import Unreadable

MAX_ID = 255
_BIGGEST = 2**63 - 1
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL refuses NUL, UTF-8 lone surrogates
_DIGITS = 19  # of _BIGGEST
_WHOLE = re.compile(r"\d{1,19}(\.0*)?", re.ASCII)


def storable(value: str, limit: int | None = None) -> str:
    """Text that every database takes: no NUL, no lone surrogates, at most `limit` characters."""
    if not value.isascii() or "\0" in value:  # to ask first takes a quarter of the time
        value = _UNSTORABLE.sub("\ufffd", value)
    return value[:limit]


def text(value: Any, limit: int = 255) -> str | None:
    """Trimmed text of at most `limit` characters; None for null, "" and what is no scalar."""
    if value is None:
        return None
    if not isinstance(value, str):
        if isinstance(value, (dict, list, bool)):
            return None
        value = str(value)
    if not value.isascii() or "\0" in value:  # asked here too: 0.7 of the time
        value = storable(value)
    return value.strip()[:limit] or None


def identifier(value: Any, name: str) -> str | None:
    """A provider's id. One too long to be kept whole would be mistaken for another: Unreadable."""
    if value is None:
        return None
    cleaned = text(value, MAX_ID + 1)
    if cleaned is not None and len(cleaned) > MAX_ID:
        raise Unreadable(f"{name} is longer than {MAX_ID} characters")
    return cleaned


def whole(value: Any) -> int | None:
    """A count, seconds or bytes: a whole number from 0 on, as number or text; else None."""
    cleaned = text(value, 40)
    if cleaned is None:
        return None
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= _DIGITS):
        if not _WHOLE.fullmatch(cleaned):
            return None
        cleaned = cleaned.partition(".")[0]
    number = int(cleaned)
    return number if number <= _BIGGEST else None
