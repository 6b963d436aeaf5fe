"""Indexes of the tables that are filled: made anew at the end, row by row they cost far more."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from calls.models import Call, Conference, Leg, Participant, Recording

_FILLED = (Call, Leg, Conference, Participant, Recording)


@contextmanager
def indexes_last() -> Iterator[None]:
    """Without all indexes but those of keys and constraints until the end, however that comes;
    killed, it leaves the database without them."""
    tables = [model._meta.db_table for model in _FILLED]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid::regclass::text = ANY(%s) AND NOT indisunique",
            [tables],
        )
        found = cursor.fetchall()
        for name, _ in found:
            cursor.execute(f"DROP INDEX {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for _, definition in found:
                cursor.execute(definition)
