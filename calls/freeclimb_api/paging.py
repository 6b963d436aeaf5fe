"""FreeClimb's pages, by key and with bounded work: page 1,000 costs what page 1 does.

Where no one index answers all filters, a page tries so many rows of the list, and may then hold
fewer rows than others, even none, though `nextPageUri` leads on. `total` and `numPages` are told
where few rows need to be looked at for them; else they are null, which FreeClimb's own description
allows, until the last page knows them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Any

from django.db.models import Q, QuerySet

from .cursors import Position
from .filters import Search

SIZE = 100  # as FreeClimb; there is no parameter for it
STEP = 1_000  # rows of a way into the list that are tried at once; they may lie scattered
STEPS = 30  # of one page at most,
SECONDS = 0.05  # and none is begun after so long
COUNTED = 10_000  # rows that an index counts alone


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
    ways = _ways(listed, search)
    found = listed.rows.filter(listed.scope, search.within, *search.entries, search.refined)
    if search.entries or search.refined:
        rows, edge = _stepwise(found, listed.time, ways, at)
        counted = STEP
    else:
        rows, edge = list(_oldest_last(found, listed.time, at)[: SIZE + 1]), None
        counted = COUNTED
    follows = _following(listed.time, rows, edge)
    rows = rows[:SIZE]
    if follows is None:
        return Page(rows, at, None, at.offset + len(rows))
    total = at.total
    if at.time is None and _edge(ways, listed.time, at, counted) is None:
        total = found.order_by().count()
    follows = replace(follows, offset=at.offset + len(rows), page=at.page + 1, total=total)
    return Page(rows, at, follows, total)


def _ways(listed: Listed, search: Search) -> list[QuerySet]:
    """The times in the list by each index that leads into it. One filter alone is asked for: others
    would keep an index from answering without the table."""
    bare = listed.rows.model._default_manager.order_by(f"-{listed.time}")
    ways = [*search.entries, listed.scope]
    return [bare.filter(way, search.within).values_list(listed.time, flat=True) for way in ways]


def _stepwise(found: QuerySet, time: str, ways: list[QuerySet], at: Position):
    """Up to a page and one row more, and how far back was looked; None: to the end."""
    rows, enough = [], monotonic() + SECONDS
    for _ in range(STEPS):
        edge = _edge(ways, time, at, STEP)
        among = _oldest_last(found, time, at)
        if edge is not None:
            among = among.filter((f"{time}__gte", edge))
        rows += among[: SIZE + 1 - len(rows)]
        if edge is None or len(rows) > SIZE or monotonic() > enough:
            break
        at = Position(edge)
    return rows, edge


def _edge(ways: list[QuerySet], time: str, at: Position, rows: int) -> datetime | None:
    """How far back so many rows reach, by the way in that reaches furthest. None: to the end."""
    furthest = None
    for way in ways:
        if at.time is not None:
            way = way.filter((f"{time}__{'lte' if at.id else 'lt'}", at.time))
        edge = way[rows - 1 : rows].first()
        if edge is None:
            return None
        furthest = edge if furthest is None else min(furthest, edge)
    return furthest


def _oldest_last(found: QuerySet, time: str, at: Position) -> QuerySet:
    """What lies beyond a position, nearest first."""
    return found.filter(_beyond(time, at)).order_by(f"-{time}", "-id")


def _beyond(time: str, at: Position) -> Q:
    if at.time is None:
        return Q()
    if at.id is None:
        return Q((f"{time}__lt", at.time))
    # The first condition is what an index can be entered by, the second cuts equal times.
    older = Q((f"{time}__lt", at.time)) | Q(id__lt=at.id)
    return Q((f"{time}__lte", at.time)) & older


def _following(time: str, rows: list, edge: datetime | None) -> Position | None:
    if len(rows) > SIZE:
        last = rows[SIZE - 1]
        return Position(getattr(last, time), last.pk)
    return None if edge is None else Position(edge)
