"""Where a page ends, as text: letters and digits only, as the vendor's command line reads no
others; signed; with the filters in it, as its clients send nothing but the cursor."""

import json
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from calls.facts import EPOCH, micros

from .filters import Given

_SALT = "calls.freeclimb_api.cursor"
_MAC = 32  # hexadecimal digits
_LONGEST = 20_000


class NotACursor(ValueError):
    """Not one that we gave out for this list."""


@dataclass(frozen=True, slots=True)
class Position:
    """Between two rows, newest first; without a time before the first one."""

    time: datetime | None = None
    id: UUID | None = None  # of the last row behind us; None: all of that time is behind us
    offset: int = 0  # rows behind us
    page: int = 0
    total: int | None = None  # None: too many to count


def write(path: str, given: Given, at: Position) -> str:
    key = at.id.hex if at.id else ""
    content = [given, micros(at.time), key, at.offset, at.page, at.total]
    packed = zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 9).hex()
    return _mac(path, packed) + packed


def read(path: str, text: str) -> tuple[Given, Position]:
    """Raises NotACursor."""
    mac, packed = text[:_MAC], text[_MAC:]
    if len(text) > _LONGEST or not text.isascii():
        raise NotACursor
    if not constant_time_compare(mac, _mac(path, packed)):
        raise NotACursor
    given, time, key, offset, page, total = json.loads(zlib.decompress(bytes.fromhex(packed)))
    moment = EPOCH + timedelta(microseconds=time)
    return given, Position(moment, UUID(hex=key) if key else None, offset, page, total)


def _mac(path: str, packed: str) -> str:
    """Of this list alone: its path names the account and what the list hangs on."""
    made = salted_hmac(_SALT, f"{path}:{packed}", algorithm="sha256")
    return made.hexdigest()[:_MAC]
