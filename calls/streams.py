"""Objects of the API as text that is sent while it is made: NDJSON and CSV.

A stream that is whole ends with a line break. One that broke ends with words in place of a row,
which no reader of JSON takes, and without a line break: our server ends a broken answer like a
whole one, so a client could not tell otherwise.
"""

import csv
import io
import json
import logging
from collections.abc import Callable, Iterable, Iterator

from calls.exports import as_text

logger = logging.getLogger(__name__)

PIECE = 250  # rows that are sent at once
BROKEN = b'\n"this export broke off: ask for it again'

Objects = Iterable[list[dict]]


class Stream:
    """Bytes for a response. `ended` hears once how many rows were sent and whether those were all,
    also when nobody ever took a byte."""

    def __init__(self, pieces: Iterator[tuple[bytes, int]], ended: Callable[[int, bool], None]):
        self._pieces, self._ended = pieces, ended
        self._sent, self._state = 0, "open"

    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        if self._state != "open":
            raise StopIteration
        try:
            piece, rows = next(self._pieces)
        except StopIteration:
            self._state = "whole"
            raise
        except Exception:
            logger.exception("An export broke off after %d rows", self._sent)
            self._state = "broken"
            return BROKEN
        self._sent += rows
        return piece

    def close(self):
        ended, self._ended = self._ended, None
        if ended is not None:
            self._pieces.close()
            ended(self._sent, self._state == "whole")


def ndjson(batches: Objects) -> Iterator[tuple[bytes, int]]:
    """(bytes, how many rows they hold). ASCII alone: nobody's reader splits a line elsewhere."""
    encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
    return _pieces(batches, lambda rows: "\n".join(map(encode, rows)))


def csv_text(
    batches: Objects, header: list[str], columns: Callable[[dict], list], *, safe: bool
) -> Iterator[tuple[bytes, int]]:
    """A header, then a line per object. `safe`: what a spreadsheet would run gets an apostrophe."""
    show = _safe if safe else _bare
    yield _lines([header]).encode(), 0
    yield from _pieces(
        batches, lambda rows: _lines([[show(v) for v in columns(row)] for row in rows]), begun=True
    )


def _pieces(batches: Objects, text, *, begun=False) -> Iterator[tuple[bytes, int]]:
    """The line break between two pieces comes with the later one, the last one at the end."""
    for batch in batches:
        for place in range(0, len(batch), PIECE):
            rows = batch[place : place + PIECE]
            yield (("\n" if begun else "") + text(rows)).encode(), len(rows)
            begun = True
    yield (b"\n" if begun else b""), 0


def _lines(rows: Iterable[list[str]]) -> str:
    """Without the last line's break."""
    lines = io.StringIO(newline="")
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue()[:-1]


def _bare(value) -> str | int | None:
    """csv itself writes None as nothing and a number as it is."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _safe(value) -> str | int | None:
    if value.__class__ is str:
        # Letters and digits run nowhere: most values are none of those that might.
        return value if value[:1].isalnum() else as_text(value)
    return as_text(_bare(value)) if isinstance(value, list) else _bare(value)
