"""One statement that writes many rows and refuses those that somebody else changed meanwhile."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from uuid import UUID

import orjson
from django.db import connections, models

from .rows import cursor, json_of, layout


class Contended(Exception):
    """Somebody else changed a row between our reading and our writing: read again."""


def insert_new(rows: Sequence[models.Model], *, using: str) -> set[UUID]:
    """Insert rows whose key is new, leave the others alone; the keys of those inserted."""
    return set(_write(rows, (), "NOTHING", using)) if rows else set()


def upsert(
    rows: Sequence[models.Model], *, conflict: tuple[str, ...] = ("id",), guarded: bool, using: str
) -> None:
    """Insert or overwrite rows of one model, sorted by key so that writers cannot deadlock.

    Guarded: a row is overwritten only while its revision is one less than ours. Raises Contended
    when one is not; the transaction must then be rolled back, for the others are written.
    """
    if not rows:
        return
    written = _write(rows, conflict, "GUARDED" if guarded else "OVERWRITE", using)
    if len(written) < len(rows):
        raise Contended(rows[0]._meta.label)


def _write(
    rows: Sequence[models.Model], conflict: tuple[str, ...], action: str, using: str
) -> list[UUID]:
    """INSERT … ON CONFLICT; the keys that the database says it wrote."""
    model, vendor = type(rows[0]), connections[using].vendor
    statement = _insert(model, conflict, action, vendor)
    ordered = sorted(rows, key=lambda row: row.pk)
    lies = layout(model, vendor)
    with cursor(using) as cur:
        if vendor == "postgresql":
            cur.execute(statement, [json_of(ordered, lies)])
            return [key for (key,) in cur.fetchall()]
        written = []
        for row in ordered:
            cur.execute(statement, lies.parameters(row))
            written += [row.pk for _ in cur.fetchall()]
        return written


@lru_cache
def _insert(model: type[models.Model], conflict: tuple[str, ...], action: str, vendor: str) -> str:
    """Names are ours, quoted; values are parameters."""
    columns = layout(model, vendor).columns
    table, names = _quoted(model._meta.db_table), ", ".join(map(_quoted, columns))
    target = f"({', '.join(map(_quoted, conflict))})" if conflict else ""
    do = "NOTHING"
    if action != "NOTHING":
        changing = [_quoted(c) for c in columns if c not in ("id", *conflict)]
        do = "UPDATE SET " + ", ".join(f"{c} = EXCLUDED.{c}" for c in changing)
    if action == "GUARDED":
        do += f" WHERE {table}.revision = EXCLUDED.revision - 1"
    values = f"VALUES ({', '.join('?' * len(columns))})"
    if vendor == "postgresql":
        values = f"SELECT {names} FROM json_populate_recordset(NULL::{table}, $1::json)"  # noqa: S608
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
    fields = model._meta.concrete_fields
    names = [_quoted(field.column) for field in fields]
    among = "IN (SELECT value FROM json_each(?))"
    if vendor == "postgresql":
        among = "= ANY($1)"
        names = [
            f"{name}::text" if field.get_internal_type() == "JSONField" else name
            for name, field in zip(names, fields, strict=True)
        ]
    where = f"id {among}" + (f" AND {only}" if only else "")
    return f"SELECT {', '.join(names)} FROM {_quoted(model._meta.db_table)} WHERE {where}"  # noqa: S608


def _quoted(name: str) -> str:
    return f'"{name}"'
