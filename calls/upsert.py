"""Statements that write and read many rows, and refuse to overwrite those that somebody else
changed meanwhile."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID

import orjson
from django.db import connections, models

from .rows import json_of, layout, values_of
from .statements import Statement, fetch, fetch_all


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


Pair = tuple[models.Model | None, models.Model]  # a row as it was read, and as it is to be


class Action(NamedTuple):
    model: type[models.Model]
    conflict: tuple[str, ...]  # columns of the key or constraint that is met
    do: str  # NOTHING, OVERWRITE, GUARDED
    kept: frozenset[str] = frozenset()  # columns that a row which is there has already


class Share(NamedTuple):
    """Of the rows of one plan, those that one statement for SQLite writes."""

    place: int
    action: Action
    rows: Sequence[models.Model]


class Writes(Part[list[set[UUID]]]):
    """What a transaction writes: planned table by table, then sent together, in that order. The
    rows of a table are sorted by key, so that writers cannot deadlock. It is told the keys of the
    rows written, for each plan; Contended when a row was not overwritten."""

    def __init__(self):
        self._planned: list[tuple[Action, Sequence[Pair]]] = []

    def insert_new(self, rows: Sequence[models.Model]) -> None:
        """Rows of one model; those whose key is there are left alone."""
        self._plan((), "NOTHING", [(None, row) for row in rows])

    def upsert(
        self, pairs: Sequence[Pair], *, conflict: tuple[str, ...] = ("id",), guarded: bool
    ) -> None:
        """Insert or overwrite rows of one model. Guarded: a row is overwritten only while its
        revision is one less than ours."""
        self._plan(conflict, "GUARDED" if guarded else "OVERWRITE", pairs)

    def _plan(self, conflict: tuple[str, ...], do: str, pairs: Sequence[Pair]) -> None:
        if pairs:
            action = Action(type(pairs[0][1]), conflict, do)
            self._planned.append((action, sorted(pairs, key=_by_key)))

    def run(self, using: str) -> list[set[UUID]]:
        return together(using, self)[0]

    def statements(self, using: str) -> list[Statement]:
        """For PostgreSQL one for all tables, for SQLite some for each."""
        if not self._planned:
            return []
        if connections[using].vendor == "postgresql":
            texts = [
                json_of([row for _, row in pairs], layout(action.model, "postgresql"))
                for action, pairs in self._planned
            ]
            return [(_in_one(tuple(action for action, _ in self._planned), using), texts)]
        return [
            (_insert_rows(action, len(rows)), list(chain.from_iterable(map(lies.parameters, rows))))
            for _, action, rows in self._shares
            if (lies := layout(action.model, "sqlite"))
        ]

    @cached_property
    def _shares(self) -> list[Share]:
        shares = []
        for place, (action, pairs) in enumerate(self._planned):
            alike = defaultdict(list)
            for old, row in pairs:
                alike[_kept(action, old, row)].append(row)
            for kept, rows in alike.items():
                theirs = action._replace(kept=kept)
                shares += [Share(place, theirs, some) for some in _halved(rows)]
        return shares

    def told(self, answers: Sequence[Sequence[tuple]], using: str) -> list[set[UUID]]:
        written: list[set[UUID]] = [set() for _ in self._planned]
        if connections[using].vendor == "postgresql":
            for place, key in chain.from_iterable(answers):
                written[place].add(key)
        else:
            for (place, _, rows), answer in zip(self._shares, answers, strict=True):
                ids = {key for (key,) in answer}
                written[place].update(row.pk for row in rows if row.pk.hex in ids)
        for (action, pairs), keys in zip(self._planned, written, strict=True):
            if action.do != "NOTHING" and len(keys) < len(pairs):
                raise Contended(action.model._meta.label)
        return written


def insert_new(rows: Sequence[models.Model], *, using: str) -> set[UUID]:
    """Insert rows whose key is new, leave the others alone; the keys of those inserted."""
    writes = Writes()
    writes.insert_new(rows)
    return writes.run(using)[0] if rows else set()


def upsert(
    pairs: Sequence[Pair], *, conflict: tuple[str, ...] = ("id",), guarded: bool, using: str
) -> None:
    """As Writes.upsert, at once. Raises Contended."""
    writes = Writes()
    writes.upsert(pairs, conflict=conflict, guarded=guarded)
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
        vendor = connections[using].vendor
        return [(_select(self.model, vendor, self.only), [_asked(self.keys, vendor)])]

    def told(self, answers: Sequence[Sequence[tuple]], using: str) -> dict[UUID, models.Model]:
        lies = layout(self.model, connections[using].vendor)
        rows = [lies.instance(values, using) for values in chain.from_iterable(answers)]
        return {row.pk: row for row in rows}


def read(
    model: type[models.Model], keys: Collection[UUID], using: str, only: str = ""
) -> dict[UUID, models.Model]:
    return together(using, Reads(model, keys, only))[0]


def erase(model: type[models.Model], keys: Collection[UUID], *, using: str) -> int:
    """Delete the rows with these keys, however many; of how many there were any."""
    vendor = connections[using].vendor
    table = _quoted(model._meta.db_table)
    statement = f"DELETE FROM {table} WHERE id {_AMONG[vendor]} RETURNING 1"  # noqa: S608
    return len(fetch(using, statement, [_asked(keys, vendor)]))


def _asked(keys: Collection[UUID], vendor: str) -> list[UUID] | str:
    """Keys as one parameter."""
    if vendor == "postgresql":
        return list(keys)
    return orjson.dumps([key.hex for key in keys]).decode()


_AMONG = {"postgresql": "= ANY($1)", "sqlite": "IN (SELECT value FROM json_each(?))"}


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


def _by_key(pair: Pair) -> int:
    return pair[1].pk.int  # not the UUID itself, which compares in Python


def _kept(action: Action, old: models.Model | None, row: models.Model) -> frozenset[str]:
    """Columns of indexes that are as they were. SQLite writes to every index of a column that it is
    told to set, the same value or not: of a call's events three in four go to none."""
    if old is None or action.do == "NOTHING":
        return frozenset()
    attributes, values = _indexed(action.model)
    before, after = values(old), values(row)
    if before == after:
        return frozenset(attributes)
    each = zip(attributes, before, after, strict=True)
    return frozenset(column for column, was, is_now in each if was == is_now)


@lru_cache
def _indexed(model: type[models.Model]) -> tuple[tuple[str, ...], Callable]:
    """The columns of its indexes, of their conditions too; and what takes a row's values there."""
    meta = model._meta
    names = {name for one in meta.constraints for name in getattr(one, "fields", ())}
    for index in meta.indexes:
        names |= {name.removeprefix("-") for name in index.fields}
        names |= index.condition.referenced_base_fields if index.condition else set()
    fields = [f for f in meta.concrete_fields if f.name in names or f.db_index or f.unique]
    columns = tuple(field.column for field in fields)
    return columns, values_of([field.attname for field in fields])


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
        left = {"id", *action.conflict, *action.kept}
        changing = [_quoted(c) for c in columns if c not in left]
        do = "UPDATE SET " + ", ".join(f"{c} = EXCLUDED.{c}" for c in changing)
    if action.do == "GUARDED":
        do += f" WHERE {table}.revision = EXCLUDED.revision - 1"
    return f"INSERT INTO {table} ({names}) {values} ON CONFLICT {target} DO {do} RETURNING id"  # noqa: S608


@lru_cache
def _select(model: type[models.Model], vendor: str, only: str) -> str:
    where = f"id {_AMONG[vendor]}" + (f" AND {only}" if only else "")
    names, table = layout(model, vendor).selected, _quoted(model._meta.db_table)
    return f"SELECT {names} FROM {table} WHERE {where}"  # noqa: S608


def _quoted(name: str) -> str:
    return f'"{name}"'
