"""The list of calls as a file: the same calls, order, columns, names and time zone, one row per
conversation. However many there are, no more than a batch of them is in memory."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

import xlsxwriter
from django.db import connections
from django.db.models import QuerySet

from calls.desk.calls_list import Row, flat_rows
from calls.keyset import Cursor, Keyset
from calls.models import Account, Call
from calls.viewer import Viewer

BATCH = 2_000
XLSX_ROWS = 100_000
_LONGEST_CELL = 32_767  # characters that Excel takes

# What a spreadsheet takes for the beginning of a formula, the wide forms of East Asia included.
_RUNS = frozenset("=+-@\t\r\n＝＋－＠")

Value = str | int | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    value: Callable[[Row], Value]
    width: int = 14


COLUMNS = [
    Column("When", lambda row: row.call.begun_at, 19),
    Column("Direction", lambda row: row.call.get_direction_display()),
    Column("Customer", lambda row: row.customer, 18),
    Column("Service number", lambda row: row.service_number, 18),
    Column("Label", lambda row: row.service.label if row.service else "", 20),
    Column("Agent", lambda row: row.agent, 18),
    Column("Agent took it", lambda row: _either(row.call.agent_answered if row.agent else None)),
    Column("Status", lambda row: row.call.get_status_display()),
    Column("Waited (s)", lambda row: row.call.waited_seconds, 10),
    Column("Talked (s)", lambda row: row.call.talk_seconds, 10),
    Column("Recorded", lambda row: _either(row.has_recording), 10),
    Column("In a conference", lambda row: _either(row.in_conference)),
    Column("Looks wrong", lambda row: row.flags, 20),
    Column("Provider", lambda row: row.call.account.get_provider_display()),
    Column("Account", lambda row: row.call.account.name, 20),
    Column("Tags", lambda row: ", ".join(row.tags), 20),
    Column("Disposition", lambda row: row.disposition, 18),
    Column("Provider's call id", lambda row: row.call.provider_call_id, 44),
]
_READ = [
    *("account_id", "provider_call_id", "direction", "status", "flags"),
    *("customer_number", "service_number", "agent_number", "agent_name", "agent_answered"),
    *("begun_at", "waited_seconds", "talk_seconds"),
]


def headings(viewer: Viewer) -> list[str]:
    """The first says whose clock it is."""
    return [f"When ({viewer.zone.key})", *(column.heading for column in COLUMNS[1:])]


def values(calls: QuerySet, viewer: Viewer) -> Iterator[list[Value]]:
    """A list of values per call, newest first. Between batches no connection is held, so that slow
    downloads do not keep the pool's connections from everybody else."""
    keyset, accounts = Keyset(Call, "begun_at"), Account.objects.in_bulk()
    calls, cursor = calls.select_related(None).only(*_READ), None
    while batch := list(keyset.beyond(calls, cursor)[:BATCH]):
        for call in batch:
            call.account = accounts.get(call.account_id) or call.account
        # Times are made here: when a stream is read, the request's time zone is no longer set.
        rows = [
            [_local(column.value(row), viewer) for column in COLUMNS]
            for row in flat_rows(batch, viewer)
        ]
        connection = connections[calls.db]
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        yield from rows
        cursor = Cursor(False, batch[-1].begun_at, batch[-1].pk)
        if len(batch) < BATCH:
            return


def csv_stream(
    calls: QuerySet, viewer: Viewer, ended: Callable[[int, bool], None]
) -> Iterator[bytes]:
    """Plain UTF-8. A byte order mark would please Excel alone, and be part of the first heading
    for every program; for Excel there is XLSX. `ended` hears how many rows were sent, and whether
    those were all."""
    sent, whole = 0, False
    try:
        yield _csv_lines([headings(viewer)])
        lines = []
        for row in values(calls, viewer):
            lines.append([as_text(value) for value in row])
            if len(lines) == BATCH:
                yield _csv_lines(lines)
                sent, lines = sent + len(lines), []
        if lines:
            yield _csv_lines(lines)
            sent += len(lines)
        whole = True
    finally:
        ended(sent, whole)


def xlsx_file(calls: QuerySet, viewer: Viewer) -> tuple[IO[bytes], int]:
    """A file at its beginning, gone when it is closed, and how many rows it holds."""
    file = tempfile.TemporaryFile(prefix="calltrack-export-")  # noqa: SIM115 – the response closes it
    # One row at a time is in memory; what it sets aside lies in files too.
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": _CLOCK})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Calls")
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width)
    sheet.freeze_panes(1, 0)
    for place, heading in enumerate(headings(viewer)):
        sheet.write_string(0, place, heading, bold)
    number = 0
    for number, row in enumerate(values(calls, viewer), start=1):
        for place, value in enumerate(row):
            _write(sheet, number, place, value)
    book.close()
    file.seek(0)
    return file, number


_CLOCK = "yyyy-mm-dd hh:mm:ss"


def _write(sheet, row: int, place: int, value: Value) -> None:
    """Text as text, whatever it begins with: only a cell that says so is a formula."""
    if isinstance(value, datetime):
        sheet.write_datetime(row, place, value.replace(tzinfo=None))
    elif isinstance(value, int):
        sheet.write_number(row, place, value)
    elif value:
        sheet.write_string(row, place, value[:_LONGEST_CELL])


def as_text(value: Value) -> str:
    """A value for CSV. What would run gets an apostrophe before it, telephone numbers too:
    spreadsheets take a bare +919000001234 for a sum, lose the plus and show 9.19E+11; quotes do
    not help, a tab is lost on the way, and ="+91…" is a formula that other programs cannot read."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    text = str(value)
    return f"'{text}" if text.lstrip(" ")[:1] in _RUNS and isinstance(value, str) else text


def _csv_lines(rows: Iterable[list[str]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


def _local(value: Value, viewer: Viewer) -> Value:
    return value.astimezone(viewer.zone) if isinstance(value, datetime) else value


def _either(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"
