"""Pages by key: page 1,000 costs what page 1 does, and new rows shift nothing. The API's lists and
the desk's share this."""

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
    time: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the cursors of the pages around them; "" where there is none."""

    rows: list[Any]
    newer: str
    older: str


class Keyset:
    """A list ordered by (time, id), both descending. The id decides among equal times."""

    def __init__(self, model, time: str):
        self.time = time
        self.signer = Signer(salt=f"cursor:{model._meta.label}")

    def page(self, queryset: QuerySet, cursor_text: str, size: int) -> Page:
        """Raises NotACursor."""
        cursor = self.read(cursor_text)
        newer = cursor is not None and cursor.newer
        rows = list(self.beyond(queryset, cursor)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if newer:
            rows.reverse()
        if not rows:
            return Page(rows, "", "")
        # Where we came from there is something; where we are heading only if `more`.
        return Page(
            rows,
            newer=self.sign(rows[0], newer=True) if (more if newer else cursor) else "",
            older=self.sign(rows[-1], newer=False) if newer or more else "",
        )

    def beyond(self, queryset: QuerySet, cursor: Cursor | None) -> QuerySet:
        """What lies beyond a row, nearest first; all, newest first, without one."""
        if cursor is None:
            return queryset.order_by(f"-{self.time}", "-id")
        # The first condition is what an index can be entered by, the second cuts equal times.
        side, inclusive = ("gt", "gte") if cursor.newer else ("lt", "lte")
        condition = Q((f"{self.time}__{inclusive}", cursor.time)) & (
            Q((f"{self.time}__{side}", cursor.time)) | Q((f"id__{side}", cursor.id))
        )
        order = [self.time, "id"] if cursor.newer else [f"-{self.time}", "-id"]
        return queryset.filter(condition).order_by(*order)

    def neighbour(self, queryset: QuerySet, row, *, newer: bool) -> UUID | None:
        """The id of the row before or after a row, which itself need not be in the list."""
        cursor = Cursor(newer, getattr(row, self.time), row.pk)
        return self.beyond(queryset, cursor).values_list("pk", flat=True).first()

    def sign(self, row, *, newer: bool) -> str:
        return self.signer.sign_object([int(newer), micros(getattr(row, self.time)), row.pk.hex])

    def read(self, text: str) -> Cursor | None:
        if not text:
            return None
        try:
            newer, time, key = self.signer.unsign_object(text)
        except (BadSignature, ValueError):
            raise NotACursor from None
        return Cursor(bool(newer), EPOCH + timedelta(microseconds=time), UUID(hex=key))
