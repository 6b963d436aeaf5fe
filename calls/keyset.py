"""Pages by key: page 1,000 costs what page 1 does, and new rows shift nothing. The API's lists and
the desk's share this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet

from calls.facts import EPOCH, micros


class NotACursor(ValueError):
    """Not one that we gave out for this list."""


class Cursor(NamedTuple):
    """The row at the edge of a page; the page asked for lies beyond it."""

    newer: bool  # towards newer rows
    time: datetime | str
    id: UUID
    inclusive: bool = False  # beginning with that row


@dataclass(frozen=True, slots=True)
class Walk:
    """What a page may look at: so many rows of `base`, which an index holds in the list's order."""

    base: QuerySet
    rows: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the cursors of the pages around them; "" where there is none."""

    rows: list[Any]
    newer: str
    older: str


class Keyset:
    """A list ordered by (time, id), both descending. The id decides among equal times. A list by
    name is `ascending`; "newer" then means what comes before. Its cursors leave the name out, which
    not everybody may read whole: it is looked up again."""

    def __init__(self, model, time: str, *, ascending: bool = False):
        self.model = model
        self.time = time
        self.ascending = ascending
        self.signer = Signer(salt=f"cursor:{model._meta.label}")

    def page(
        self,
        queryset: QuerySet,
        cursor_text: str,
        size: int,
        walk: Walk | None = None,
        ways: Sequence[QuerySet] = (),
    ) -> Page:
        """Raises NotACursor. Within a walk a page may hold fewer rows than `size`, even none,
        though more follow. `ways`: the list in parts, of each of which an index alone tells the
        first rows."""
        cursor = self.read(cursor_text)
        if ways:
            queryset = queryset.filter(pk__in=self._nearest(ways, cursor, size + 1))
        newer = cursor is not None and cursor.newer
        edge = self.edge(walk, cursor) if walk else None
        if edge:
            queryset = queryset.filter(self.up_to(edge))
        rows = list(self.beyond(queryset, cursor)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        onwards = self._cursor(rows[-1], newer=newer) if more else edge
        back = None
        if cursor:  # where we came from there is something
            back = cursor._replace(newer=not newer, inclusive=not cursor.inclusive)
            back = self._cursor(rows[0], newer=not newer) if rows else back
        if newer:
            rows.reverse()
        onwards, back = self._text(onwards), self._text(back)
        return Page(rows, *((onwards, back) if newer else (back, onwards)))

    def _nearest(self, ways: Sequence[QuerySet], cursor: Cursor | None, rows: int) -> QuerySet:
        """The first rows of each way, as keys: asked for all at once a planner reads and sorts
        whatever any of them holds."""
        parts = []
        for way in ways:
            first = self.beyond(way, cursor).values("pk")[:rows]
            # SQLite cuts off no part of a union but within a query of its own.
            parts.append(self.model.objects.order_by().filter(pk__in=first).values("pk"))
        return parts[0].union(*parts[1:], all=True)

    def edge(self, walk: Walk, cursor: Cursor | None = None) -> Cursor | None:
        """The last row that the walk looks at, from the cursor or the beginning on; None where
        there are not so many. An index alone finds it."""
        rows = self.beyond(walk.base, cursor).values_list(self.time, "pk")
        found = rows[walk.rows - 1 : walk.rows].first()
        newer = cursor is not None and cursor.newer
        return Cursor(newer, *found) if found else None

    def within(self, queryset: QuerySet, walk: Walk) -> tuple[QuerySet, bool]:
        """The rows that the walk looks at from the beginning of the list on, and whether more
        follow."""
        edge = self.edge(walk)
        return (queryset.filter(self.up_to(edge)) if edge else queryset), edge is not None

    def up_to(self, edge: Cursor) -> Q:
        """All rows on this side of the edge, which is one of them."""
        return self._condition(edge._replace(newer=not edge.newer, inclusive=True))

    def beyond(self, queryset: QuerySet, cursor: Cursor | None) -> QuerySet:
        """What lies beyond a row, nearest first; all, newest first, without one."""
        upwards = self.ascending != (cursor is not None and cursor.newer)
        order = [self.time, "id"] if upwards else [f"-{self.time}", "-id"]
        if cursor is not None:
            queryset = queryset.filter(self._condition(cursor))
        return queryset.order_by(*order)

    def _condition(self, cursor: Cursor) -> Q:
        # The first condition is what an index can be entered by, the second cuts equal times.
        side = "gt" if cursor.newer != self.ascending else "lt"
        last = f"{side}e" if cursor.inclusive else side
        return Q((f"{self.time}__{side}e", cursor.time)) & (
            Q((f"{self.time}__{side}", cursor.time)) | Q((f"id__{last}", cursor.id))
        )

    def neighbour(
        self,
        queryset: QuerySet,
        row,
        *,
        newer: bool,
        walk: Walk | None = None,
        ways: Sequence[QuerySet] = (),
    ) -> UUID | None:
        """The id of the row before or after a row, which itself need not be in the list."""
        cursor = self._cursor(row, newer=newer)
        if ways:
            queryset = queryset.filter(pk__in=self._nearest(ways, cursor, 1))
        if walk and (edge := self.edge(walk, cursor)):
            queryset = queryset.filter(self.up_to(edge))
        return self.beyond(queryset, cursor).values_list("pk", flat=True).first()

    def _cursor(self, row, *, newer: bool) -> Cursor:
        return Cursor(newer, getattr(row, self.time), row.pk)

    def sign(self, row, *, newer: bool) -> str:
        return self._text(self._cursor(row, newer=newer))

    def _text(self, cursor: Cursor | None) -> str:
        if cursor is None:
            return ""
        time = None if isinstance(cursor.time, str) else micros(cursor.time)
        sides = int(cursor.newer) + 2 * int(cursor.inclusive)
        return self.signer.sign_object([sides, time, cursor.id.hex])

    def read(self, text: str) -> Cursor | None:
        """Raises NotACursor, also where the name that it stands for has gone."""
        if not text:
            return None
        try:
            sides, time, key = self.signer.unsign_object(text)
        except (BadSignature, ValueError):
            raise NotACursor from None
        if isinstance(time, int):
            time = EPOCH + timedelta(microseconds=time)
        else:
            time = self.model._base_manager.filter(pk=key).values_list(self.time, flat=True).first()
            if time is None:
                raise NotACursor
        return Cursor(bool(sides & 1), time, UUID(hex=key), bool(sides & 2))
