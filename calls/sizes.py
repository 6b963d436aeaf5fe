"""About how many rows a table has, without counting them; and when that is too many to read."""

import json
from datetime import timedelta

from django.conf import settings
from django.db import connections
from django.db.models import QuerySet

LONGEST = timedelta(days=31, hours=2)  # what still is "31 days" where clocks change
MOST_COUNTED = 10_000
_BYTES_A_ROW = 600  # of a call; for a table that nobody has analysed yet


def estimated_rows(model, using: str = "default") -> int:
    """About how many rows a table has, at the cost of nothing."""
    table, connection = model._meta.db_table, connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name = connection.ops.quote_name(table)
            cursor.execute(
                "SELECT SUM(CASE WHEN reltuples >= 0 THEN reltuples::bigint"
                " ELSE pg_relation_size(oid) / %s END)::bigint FROM pg_class WHERE relkind = 'r'"
                " AND (oid = %s::regclass OR oid IN"  # or what it is divided into
                " (SELECT inhrelid FROM pg_inherits WHERE inhparent = %s::regclass))",
                [_BYTES_A_ROW, name, name],
            )
        else:
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT MAX(rowid) FROM {name}")  # noqa: S608 – our own table's name
        return cursor.fetchone()[0] or 0


def is_big(model) -> bool:
    """Does what no index answers need a period here?"""
    return estimated_rows(model) > settings.PERIOD_NEEDED_ABOVE_ROWS


def estimated_matches(queryset: QuerySet) -> int:
    """About how many rows it has, as PostgreSQL's planner guesses; elsewhere they are counted, up
    to a cap."""
    if connections[queryset.db].vendor == "postgresql":
        plan = queryset.explain(format="json")
        # No plan: no row can match, and nothing is asked.
        return json.loads(plan)[0]["Plan"]["Plan Rows"] if plan else 0
    return queryset.values("pk")[:MOST_COUNTED].count()
