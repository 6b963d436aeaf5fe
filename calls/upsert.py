"""Statements that write and read many rows, and refuse to overwrite those that somebody else
changed meanwhile."""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connections, models

from .rows import cursor, json_of, layout


class Contended(Exception):
    """Somebody else changed a row between our reading and our writing: read again."""


class Action(NamedTuple):
    model: type[models.Model]
    conflict: tuple[str, ...]  # columns of the key or constraint that is met
    do: str  # NOTHING, OVERWRITE, GUARDED


class Writes:
    """What a transaction writes: planned table by table, then sent together, in that order. The
    rows of a table are sorted by key, so that writers cannot deadlock."""

    def __init__(self):
        self._planned: list[tuple[Action, Sequence[models.Model]]] = []

    def insert_new(self, rows: Sequence[models.Model]) -> None:
        """Rows of one model; those whose key is there are left alone."""
        self._plan((), "NOTHING", rows)

    def upsert(
        self, rows: Sequence[models.Model], *, conflict: tuple[str, ...] = ("id",), guarded: bool
    ) -> None:
        """Insert or overwrite rows of one model. Guarded: a row is overwritten only while its
        revision is one less than ours."""
        self._plan(conflict, "GUARDED" if guarded else "OVERWRITE", rows)

    def _plan(self, conflict: tuple[str, ...], do: str, rows: Sequence[models.Model]) -> None:
        if rows:
            action = Action(type(rows[0]), conflict, do)
            self._planned.append((action, sorted(rows, key=lambda row: row.pk)))

    def run(self, using: str) -> list[set[UUID]]:
        """The keys of the rows written, for each plan. Raises Contended when a row was not
        overwritten; the transaction must then be rolled back, for the others are written."""
        if not self._planned:
            return []
        run = _run_postgresql if connections[using].vendor == "postgresql" else _run_sqlite
        written = run(self._planned, using)
        for (action, rows), keys in zip(self._planned, written, strict=True):
            if action.do != "NOTHING" and len(keys) < len(rows):
                raise Contended(action.model._meta.label)
        return written


def insert_new(rows: Sequence[models.Model], *, using: str) -> set[UUID]:
    """Insert rows whose key is new, leave the others alone; the keys of those inserted."""
    writes = Writes()
    writes.insert_new(rows)
    return writes.run(using)[0] if rows else set()


def upsert(
    rows: Sequence[models.Model], *, conflict: tuple[str, ...] = ("id",), guarded: bool, using: str
) -> None:
    """As Writes.upsert, at once. Raises Contended."""
    writes = Writes()
    writes.upsert(rows, conflict=conflict, guarded=guarded)
    writes.run(using)


def _run_postgresql(planned, using: str) -> list[set[UUID]]:
    """One statement for all tables: it took a batch from 17 round trips to 10."""
    texts = [json_of(rows, layout(action.model, "postgresql")) for action, rows in planned]
    written: list[set[UUID]] = [set() for _ in planned]
    with cursor(using) as cur:
        cur.execute(_together(tuple(action for action, _ in planned), using), texts)
        for place, key in cur.fetchall():
            written[place].add(key)
    return written


def _run_sqlite(planned, using: str) -> list[set[UUID]]:
    written = []
    with cursor(using) as cur:
        for action, rows in planned:
            lies = layout(action.model, "sqlite")
            values = f"VALUES ({', '.join('?' * len(lies.columns))})"
            statement, keys = _insert(action, lies.columns, values), set()
            for row in rows:
                cur.execute(statement, lies.parameters(row))
                if cur.fetchall():
                    keys.add(row.pk)
            written.append(keys)
    return written


@lru_cache
def _together(actions: tuple[Action, ...], using: str) -> str:
    parts, answers = [], []
    for place, action in enumerate(actions):
        columns = layout(action.model, "postgresql").columns
        rows = f"jsonb_array_elements(${place + 1}::jsonb) AS rows (one)"
        values = f"SELECT {', '.join(_cast(action.model, using))} FROM {rows}"  # noqa: S608
        parts.append(f"written_{place} AS ({_insert(action, columns, values)})")
        answers.append(f"SELECT {place}, id FROM written_{place}")  # noqa: S608
    return f"WITH {', '.join(parts)} {' UNION ALL '.join(answers)}"


def _cast(model: type[models.Model], using: str) -> Iterator[str]:
    """Each column out of an array. Without a type's length: a cast to it would cut what is too long
    silently, the column refuses it. A third less CPU than json_populate_recordset."""
    for place, field in enumerate(model._meta.concrete_fields):
        kind = field.db_type(connections[using]).partition("(")[0]
        is_json = kind == "jsonb"
        yield f"NULLIF(one -> {place}, 'null')" if is_json else f"(one ->> {place})::{kind}"


@lru_cache
def _insert(action: Action, columns: tuple[str, ...], values: str) -> str:
    """Names are ours, quoted; values are parameters."""
    table, names = _quoted(action.model._meta.db_table), ", ".join(map(_quoted, columns))
    target = f"({', '.join(map(_quoted, action.conflict))})" if action.conflict else ""
    do = "NOTHING"
    if action.do != "NOTHING":
        changing = [_quoted(c) for c in columns if c not in ("id", *action.conflict)]
        do = "UPDATE SET " + ", ".join(f"{c} = EXCLUDED.{c}" for c in changing)
    if action.do == "GUARDED":
        do += f" WHERE {table}.revision = EXCLUDED.revision - 1"
    return f"INSERT INTO {table} ({names}) {values} ON CONFLICT {target} DO {do} RETURNING id"  # noqa: S608


def read(
    model: type[models.Model], keys: Collection[UUID], using: str, only: str = ""
) -> dict[UUID, models.Model]:
    """The rows with these keys, as far as there are any. `only`: a condition in SQL of ours."""
    if not keys:
        return {}
    vendor = connections[using].vendor
    lies = layout(model, vendor)
    asked = list(keys)
    if vendor != "postgresql":
        asked = orjson.dumps([key.hex for key in keys]).decode()
    with cursor(using) as cur:
        cur.execute(_select(model, vendor, only), [asked])
        rows = [lies.instance(values, using) for values in cur.fetchall()]
    return {row.pk: row for row in rows}


@lru_cache
def _select(model: type[models.Model], vendor: str, only: str) -> str:
    among = "= ANY($1)" if vendor == "postgresql" else "IN (SELECT value FROM json_each(?))"
    where = f"id {among}" + (f" AND {only}" if only else "")
    names, table = layout(model, vendor).selected, _quoted(model._meta.db_table)
    return f"SELECT {names} FROM {table} WHERE {where}"  # noqa: S608


def _quoted(name: str) -> str:
    return f'"{name}"'
