"""One statement that writes many rows and refuses those that somebody else changed meanwhile."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connections, models

_PLACEHOLDERS = 30_000  # SQLite takes 32,766 in one statement


class Contended(Exception):
    """Somebody else changed a row between our reading and our writing: read again."""


def insert_new(rows: Sequence[models.Model], *, using: str) -> set[UUID]:
    """Insert rows whose key is new, leave the others alone; the keys of those inserted."""
    return set(_write(rows, "DO NOTHING", "", using)) if rows else set()


def upsert(
    rows: Sequence[models.Model], *, conflict: Sequence[str] = ("id",), guarded: bool, using: str
) -> None:
    """Insert or overwrite rows of one model, sorted by key so that writers cannot deadlock.

    Guarded: a row is overwritten only while its revision is one less than ours. Raises Contended
    when one is not; the transaction must then be rolled back, for the others are written.
    """
    if not rows:
        return
    quote = connections[using].ops.quote_name
    kept = ("id", *conflict)
    columns = [field.column for field in rows[0]._meta.concrete_fields if field.column not in kept]
    assignments = ", ".join(f"{quote(c)} = EXCLUDED.{quote(c)}" for c in columns)
    guard = ""
    if guarded:
        guard = f" WHERE {quote(rows[0]._meta.db_table)}.revision = EXCLUDED.revision - 1"
    target = f"({', '.join(map(quote, conflict))})"
    written = _write(rows, f"DO UPDATE SET {assignments}{guard}", target, using)
    if len(written) < len(rows):
        raise Contended(rows[0]._meta.label)


def _write(rows: Sequence[models.Model], action: str, target: str, using: str) -> list[UUID]:
    """INSERT … ON CONFLICT; the keys that the database says it wrote."""
    connection = connections[using]
    quote = connection.ops.quote_name
    meta = rows[0]._meta
    fields = meta.concrete_fields
    one = f"({', '.join(['%s'] * len(fields))})"
    names = ", ".join(quote(field.column) for field in fields)
    head = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES "  # noqa: S608 — names of ours
    tail = f" ON CONFLICT {target} {action} RETURNING id"
    ordered = sorted(rows, key=lambda row: row.pk)
    size = max(1, _PLACEHOLDERS // len(fields))
    written = []
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), size):
            chunk = ordered[start : start + size]
            parameters = [
                field.get_db_prep_save(getattr(row, field.attname), connection)
                for row in chunk
                for field in fields
            ]
            cursor.execute(head + ", ".join([one] * len(chunk)) + tail, parameters)
            written += [meta.pk.to_python(key) for (key,) in cursor.fetchall()]
    return written


def read(model: type[models.Model], keys: Sequence[UUID], using: str) -> dict[UUID, models.Model]:
    return model._default_manager.using(using).in_bulk(list(keys)) if keys else {}
