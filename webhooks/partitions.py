"""The partitions of the table of deliveries, on PostgreSQL: made ahead of time, dropped when old.

A partition spans a day, or a calendar month where deliveries are kept for longer than MOST_DAYS:
whatever does not know the day looks into each one. What comes on a day that has none goes to the
default partition, which also holds what outlives its day, so nothing is ever refused. There is one
who makes or drops at a time: SHARE UPDATE EXCLUSIVE, which keeps out nobody who reads or writes.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import QuerySet

from .models import Delivery

AHEAD = timedelta(days=14)
MOST_DAYS = 100  # 365 partitions: 30 ms for a question without the day, 30 of them: 1 ms
MOST_SET_ASIDE = 5_000  # rows that outlive their partition; moving them holds up the intake
DAY = timedelta(days=1)
TABLE = Delivery._meta.db_table
_RANGE = re.compile(r"FROM \((?:MINVALUE|'([\d-]+)')\) TO \('([\d-]+)'\)")
# No lock in time; a deadlock; a row that came into the default partition just now.
_IN_THE_WAY = {"55P03", "40P01", "23514"}


class Busy(Exception):
    """Somebody reads or writes what has to stand still for a moment: later."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """From `since`, without `until`; date.min: from the beginning."""

    since: date
    until: date
    table: str


def divided() -> bool:
    """Are there partitions at all? SQLite has none."""
    return connection.vendor == "postgresql"


def partitions() -> list[Partition]:
    """All but the default one, oldest first, as the catalogue has them."""
    if not divided():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid IN"
            " (SELECT inhrelid FROM pg_inherits WHERE inhparent = %s::regclass)",
            [TABLE],
        )
        rows = cursor.fetchall()
    found = [(table, _RANGE.search(bounds)) for table, bounds in rows]
    return sorted(
        Partition(
            date.fromisoformat(known[1]) if known[1] else date.min,
            date.fromisoformat(known[2]),
            table,
        )
        for table, known in found
        if known
    )


def forgotten_until(today: date) -> date:
    """What came before this day is not kept; date.min: everything is."""
    days = settings.DELIVERIES_KEPT_DAYS
    return today - timedelta(days=days) if 0 < days < (today - date.min).days else date.min


def missing(there: Sequence[Partition], today: date) -> Iterator[tuple[date, date]]:
    """(since, until) of what no partition covers and one should, from the oldest to AHEAD. Today is
    left out, and has its turn tomorrow: who comes in now must not wait for rows to be moved."""
    day = max(there[0].since if there else today, forgotten_until(today))
    while day < today + AHEAD:
        covering = next((one for one in there if one.since <= day < one.until), None)
        if covering or day == today:
            day = covering.until if covering else day + DAY
            continue
        ends = [_end_of_span(day), *(one.since for one in there if one.since > day)]
        until = min(ends + [today] if day < today else ends)
        yield day, until
        day = until


def _end_of_span(day: date) -> date:
    if 0 < settings.DELIVERIES_KEPT_DAYS <= MOST_DAYS:
        return day + DAY
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def make(since: date, until: date) -> bool:
    """Make a partition, with what came into the default one meanwhile. False: somebody else has.
    Raises Busy."""
    table = f"{TABLE}_{since:%Y%m%d}"
    with _alone() as cursor:
        if any(one.since < until and since < one.until for one in partitions()):
            return False
        cursor.execute(f"CREATE TABLE {table} (LIKE {TABLE} INCLUDING ALL)")
        cursor.execute(
            f"WITH caught AS (DELETE FROM {TABLE}_default"  # noqa: S608
            " WHERE received_on >= %s AND received_on < %s RETURNING *)"
            f" INSERT INTO {table} SELECT * FROM caught",
            [since, until],
        )
        # Nobody reads the default partition meanwhile, which is small; the others go on.
        cursor.execute(
            f"ALTER TABLE {TABLE} ATTACH PARTITION {table}"
            f" FOR VALUES FROM ('{since}') TO ('{until}')"
        )
    return True


def drop(partition: Partition, staying: QuerySet) -> int | None:
    """Drop a partition, whatever it weighs; the rows whose ids `staying` gives go to the default
    one. Returns how many; None: too many to move while the intake waits, it was left. Raises
    Busy."""
    table = partition.table
    ids, parameters = staying.query.sql_with_params()
    with _alone() as cursor:
        if partition not in partitions():
            return 0
        # From now on it stands still; it can still be read.
        cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"CREATE TEMP TABLE staying (LIKE {TABLE}) ON COMMIT DROP")
        cursor.execute(
            f"INSERT INTO staying SELECT * FROM {table} WHERE id IN ({ids}) LIMIT %s",  # noqa: S608
            [*parameters, MOST_SET_ASIDE + 1],
        )
        if (many := cursor.rowcount) > MOST_SET_ASIDE:
            return None
        # The whole table is locked from here to the commit; while we wait for that, too.
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
        cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {table}")
        cursor.execute(f"INSERT INTO {TABLE} SELECT * FROM staying")  # noqa: S608
        cursor.execute(f"DROP TABLE {table}")
    return many


@contextmanager
def _alone():
    """A transaction in which nobody else makes or drops partitions."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute(f"LOCK TABLE ONLY {TABLE} IN SHARE UPDATE EXCLUSIVE MODE")
            yield cursor
    except (OperationalError, IntegrityError) as error:
        if getattr(error.__cause__, "sqlstate", None) in _IN_THE_WAY:
            raise Busy(str(error)) from error
        raise


def trouble(today: date) -> str:
    """What is wrong with the partitions, in words for staff; "": nothing."""
    if not divided():
        return ""
    there = partitions()
    for day, words in (
        (today + DAY, "Tomorrow's deliveries have no partition"),
        (today - DAY, "The deliveries of past days wait for a partition"),
    ):
        if any(since <= day < until for since, until in missing(there, today)):
            return f"{words} of their own. Nothing is lost, but the job make_partitions is late."
    return ""
