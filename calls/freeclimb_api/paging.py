"""FreeClimb's pages, by key and with bounded work: page 1,000 costs what page 1 does.

A filter that no index answers is tried on so many rows of the list at a time, and a page may then
hold fewer rows than others, even none, though `nextPageUri` leads on. `total` and `numPages` are
counted where the list is no longer than what one step looks at; else they are null, which
FreeClimb's own description allows, until the last page knows them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from .cursors import Position
from .filters import Search

SIZE = 100  # as FreeClimb; there is no parameter for it
STEP = 10_000  # rows looked at, by an index, in one step
STEPS = 3  # of one page


@dataclass(frozen=True, slots=True)
class Listed:
    """A list before its filters: an index holds the rows of `scope`, newest first by `time`."""

    rows: QuerySet
    time: str
    scope: Q


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Any]
    at: Position
    next: Position | None  # None: nothing follows
    total: int | None

    def envelope(self, uri: Callable[[Position], str]) -> dict[str, Any]:
        """FreeClimb's, but for the rows."""
        start, behind = self.at.offset, self.at.offset + len(self.rows)
        pages = -(-self.total // SIZE) if self.total is not None else None
        return {
            "total": self.total,
            "start": start,
            "end": max(behind - 1, 0),
            "page": self.at.page,
            "numPages": pages if self.next else self.at.page + bool(behind or self.at.page),
            "pageSize": SIZE,
            "nextPageUri": uri(self.next) if self.next else None,
        }


def page(listed: Listed, search: Search, at: Position) -> Page:
    """The page that begins at a position."""
    if search.nothing:
        return Page([], at, None, at.offset)
    within = listed.rows.filter(listed.scope, search.within)
    found = within.filter(*search.entries, search.refined)
    order = f"-{listed.time}", "-id"
    entries = _entries(listed, search)
    stepwise = bool(search.entries or search.refined)
    rows, here, edge = [], at, None
    for _ in range(STEPS if stepwise else 1):
        edge = _edge(entries, listed.time, here) if stepwise else None
        among = found.filter(_beyond(listed.time, here))
        if edge is not None:
            among = among.filter((f"{listed.time}__gte", edge))
        rows += among.order_by(*order)[: SIZE + 1 - len(rows)]
        if len(rows) > SIZE or edge is None:
            break
        here = Position(edge)
    follows = _following(listed.time, rows, at, edge)
    rows = rows[:SIZE]
    if follows is None:
        return Page(rows, at, None, at.offset + len(rows))
    total = at.total
    if at.time is None and _edge(entries, listed.time, at) is None:
        total = found.order_by().count()
    follows = Position(follows.time, follows.id, at.offset + len(rows), at.page + 1, total)
    return Page(rows, at, follows, total)


def _entries(listed: Listed, search: Search) -> list[QuerySet]:
    """Ways into the list, each by an index of its own. What a filter enters by needs no scope: it
    would only keep an index from answering alone."""
    ways = search.entries or [listed.scope]
    bare = listed.rows.model._default_manager.order_by(f"-{listed.time}")
    return [bare.filter(way, search.within).values_list(listed.time, flat=True) for way in ways]


def _edge(entries: list[QuerySet], time: str, at: Position) -> datetime | None:
    """How far back a step may look: by the way in that leads furthest. None: to the end."""
    furthest = None
    for entry in entries:
        if at.time is not None:
            side = "lte" if at.id else "lt"
            entry = entry.filter((f"{time}__{side}", at.time))
        edge = entry[STEP - 1 : STEP].first()
        if edge is None:
            return None
        furthest = edge if furthest is None else min(furthest, edge)
    return furthest


def _beyond(time: str, at: Position) -> Q:
    if at.time is None:
        return Q()
    if at.id is None:
        return Q((f"{time}__lt", at.time))
    # The first condition is what an index can be entered by, the second cuts equal times.
    older = Q((f"{time}__lt", at.time)) | Q(id__lt=at.id)
    return Q((f"{time}__lte", at.time)) & older


def _following(time: str, rows: list, at: Position, edge: datetime | None) -> Position | None:
    if len(rows) > SIZE:
        last = rows[SIZE - 1]
        return Position(getattr(last, time), last.pk)
    return None if edge is None else Position(edge)
