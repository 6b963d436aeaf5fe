"""A page of the feed: which objects changed, and how they are now.

What is sent of an object is read when the page is, so what changed ten times within a page is sent
once, and nobody is told of a state that is over. Objects are read after the notes of them: an older
state than the noted one cannot be found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from calls.models import ChangeSet

from . import positions
from .cursors import Cursor
from .kinds import KINDS

SETS = 100  # read in one query
MOST_QUERIES = 10  # of them for one page, though it stays empty: the types asked for may be rare


class Forgotten(Exception):
    """Changes beyond the cursor are no longer kept."""


@dataclass(frozen=True, slots=True)
class Page:
    """`changes`: (kind, id, the row, None if it is gone). `more`: another page is there already."""

    changes: Sequence[tuple[str, UUID, Any]]
    cursor: Cursor
    more: bool


def page(cursor: Cursor, limit: int) -> Page:
    """At most so many objects beyond the cursor. Raises Forgotten."""
    return _copied(cursor, limit) if cursor.copies else _followed(cursor, limit)


def shapes(changes: Sequence[tuple[str, UUID, Any]], context: dict) -> list[dict[str, Any]]:
    """As the API shows them. `context`: what the serializers go by."""
    shown = {}
    for kind, about in KINDS.items():
        rows = [row for of, _, row in changes if of == kind and row is not None]
        if rows:
            objects = about.serializer(rows, many=True, context=context).data
            shown |= {(kind, row.pk): one for row, one in zip(rows, objects, strict=True)}
    return [
        {
            "type": kind,
            "id": str(key),
            "operation": "erase" if row is None else "upsert",
            "object": shown.get((kind, key)),
        }
        for kind, key, row in changes
    ]


def _copied(cursor: Cursor, limit: int) -> Page:
    """The tables by key, one after the other; what changes meanwhile comes again afterwards."""
    _check_kept(cursor.position)
    found = []
    for kind in cursor.kinds[cursor.kinds.index(cursor.kind) :]:
        last = cursor.id if kind == cursor.kind else UUID(int=0)
        rows = KINDS[kind].rows().order_by("id").filter(id__gt=last)[: limit - len(found)]
        found += [(kind, row.pk, row) for row in rows]
        if len(found) == limit:
            return Page(found, cursor.at_row(kind, found[-1][1]), more=True)
    return Page(found, cursor.at_changes(cursor.position), more=True)


def _followed(cursor: Cursor, limit: int) -> Page:
    given = positions.give_positions()
    keys, reached, all_read = _changed(cursor, limit)
    _check_kept(cursor.position)
    rows = {}
    for kind in cursor.kinds:
        ids = [key for of, key in keys if of == kind]
        if ids:
            rows |= {(kind, row.pk): row for row in KINDS[kind].rows().filter(id__in=ids)}
    changes = [(*key, rows.get(key)) for key in keys]
    return Page(changes, reached, more=not all_read or given == positions.MOST)


def _changed(cursor: Cursor, limit: int) -> tuple[list[tuple[str, UUID]], Cursor, bool]:
    """The objects, in the order of their last change; how far that is; whether it is all."""
    found: dict[tuple[str, UUID], None] = {}
    position, skipped = cursor.position, cursor.entries
    beyond = ChangeSet.objects.order_by("position").values_list("position", "changes")
    for _ in range(MOST_QUERIES):
        sets = list(beyond.filter(position__gt=position)[:SETS])
        for number, entries in sets:
            for place in range(skipped, len(entries)):
                kind, key = entries[place][0], (entries[place][0], UUID(hex=entries[place][1]))
                if kind not in cursor.kinds:
                    continue
                if key not in found and len(found) == limit:
                    return list(found), cursor.at_changes(number - 1, place), False
                found.pop(key, None)
                found[key] = None
            position, skipped = number, 0
        if len(sets) < SETS:
            return list(found), cursor.at_changes(position, skipped), True
    return list(found), cursor.at_changes(position, skipped), False


def _check_kept(position: int) -> None:
    """A position that was never given is one of a database that has been put back since."""
    if not positions.forgotten() <= position <= positions.last():
        raise Forgotten
