"""Statements that write and read many rows, and refuse to overwrite those that somebody else
changed meanwhile."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import orjson
from django.db import connections, models

from .rows import json_of, layout
from .statements import Statement, fetch_all

_by_key = attrgetter("pk.int")  # not of the UUID itself, which compares in Python


class Contended(Exception):
    """Somebody else changed a row between our reading and our writing: read again."""


T = TypeVar("T", covariant=True)


class Part(Protocol[T]):
    """Of what is sent to the database together."""

    def statements(self, using: str) -> list[Statement]:
        """None where there is nothing to say."""

    def told(self, answers: Sequence[Sequence[tuple]], using: str) -> T:
        """What the rows mean that each statement returned. Raises Contended."""


def together(using: str, *parts: Part) -> list[Any]:
    """What each part is told. One trip to PostgreSQL, in the order of the parts: with a trip for
    each statement, a batch had ten of them and cost 1.07 times as much. After Contended the
    transaction must be rolled back, for what was not contended is written."""
    said = [part.statements(using) for part in parts]
    answers = iter(fetch_all(using, list(chain.from_iterable(said))))
    return [
        part.told(list(islice(answers, len(statements))), using)
        for part, statements in zip(parts, said, strict=True)
    ]


class Action(NamedTuple):
    model: type[models.Model]
    conflict: tuple[str, ...]  # columns of the key or constraint that is met
    do: str  # NOTHING, OVERWRITE, GUARDED


class Writes(Part[list[set[UUID]]]):
    """What a transaction writes: planned table by table, then sent together, in that order. The
    rows of a table are sorted by key, so that writers cannot deadlock. It is told the keys of the
    rows written, for each plan; Contended when a row was not overwritten."""

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
            self._planned.append((action, sorted(rows, key=_by_key)))

    def run(self, using: str) -> list[set[UUID]]:
        return together(using, self)[0]

    def statements(self, using: str) -> list[Statement]:
        """For PostgreSQL one for all tables, for SQLite some for each."""
        if not self._planned:
            return []
        if connections[using].vendor == "postgresql":
            texts = [
                json_of(rows, layout(action.model, "postgresql")) for action, rows in self._planned
            ]
            return [(_in_one(tuple(action for action, _ in self._planned), using), texts)]
        return [
            (_insert_rows(action, len(some)), list(chain.from_iterable(map(lies.parameters, some))))
            for action, rows in self._planned
            if (lies := layout(action.model, "sqlite"))
            for some in _halved(rows)
        ]

    def told(self, answers: Sequence[Sequence[tuple]], using: str) -> list[set[UUID]]:
        written: list[set[UUID]] = [set() for _ in self._planned]
        if connections[using].vendor == "postgresql":
            for place, key in chain.from_iterable(answers):
                written[place].add(key)
        else:
            told = iter(answers)
            for keys, (_, rows) in zip(written, self._planned, strict=True):
                for some in _halved(rows):
                    ids = {key for (key,) in next(told)}
                    keys.update(row.pk for row in some if row.pk.hex in ids)
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


@dataclass(slots=True)
class Reads(Part[dict[UUID, models.Model]]):
    """The rows with these keys, as far as there are any. `only`: a condition in SQL of ours."""

    model: type[models.Model]
    keys: Collection[UUID]
    only: str = ""

    def statements(self, using: str) -> list[Statement]:
        if not self.keys:
            return []
        vendor, asked = connections[using].vendor, list(self.keys)
        if vendor != "postgresql":
            asked = orjson.dumps([key.hex for key in asked]).decode()
        return [(_select(self.model, vendor, self.only), [asked])]

    def told(self, answers: Sequence[Sequence[tuple]], using: str) -> dict[UUID, models.Model]:
        lies = layout(self.model, connections[using].vendor)
        rows = [lies.instance(values, using) for values in chain.from_iterable(answers)]
        return {row.pk: row for row in rows}


def read(
    model: type[models.Model], keys: Collection[UUID], using: str, only: str = ""
) -> dict[UUID, models.Model]:
    return together(using, Reads(model, keys, only))[0]


@lru_cache
def _in_one(actions: tuple[Action, ...], using: str) -> str:
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


def _halved(rows: Sequence[models.Model]) -> Iterator[Sequence[models.Model]]:
    """Rows in parts of 64, 32, 16 … one, so that SQLite meets few statements that it has not seen.
    With a statement for each row its threads passed Python's lock on a hundred times a batch."""
    place, size = 0, 64
    while place < len(rows):
        while size > len(rows) - place:
            size //= 2
        yield rows[place : place + size]
        place += size


@lru_cache
def _insert_rows(action: Action, count: int) -> str:
    columns = layout(action.model, "sqlite").columns
    row = f"({', '.join('?' * len(columns))})"
    return _insert(action, columns, f"VALUES {', '.join([row] * count)}")


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


@lru_cache
def _select(model: type[models.Model], vendor: str, only: str) -> str:
    among = "= ANY($1)" if vendor == "postgresql" else "IN (SELECT value FROM json_each(?))"
    where = f"id {among}" + (f" AND {only}" if only else "")
    names, table = layout(model, vendor).selected, _quoted(model._meta.db_table)
    return f"SELECT {names} FROM {table} WHERE {where}"  # noqa: S608


def _quoted(name: str) -> str:
    return f'"{name}"'
