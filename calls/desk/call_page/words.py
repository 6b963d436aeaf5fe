"""What people wrote on a call, and what they may choose from: one query for all of it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat

from calls.models import Call, CallChange, CallNote, CallTag, Disposition, Tag

MOST = 1_000  # rows; the history is cut first
DISPOSITION, TAG, NOTE, CHANGE = "1", "2", "3", "4"  # in this order


@dataclass(slots=True)
class Row:
    """A change, a note, a tag or a disposition; its text is `after`."""

    kind: str
    pk: UUID
    at: datetime | None
    edited_at: datetime | None
    author_id: int | None
    author_name: str
    before: str
    after: str

    def __str__(self):
        return self.after

    @property
    def name(self):  # of a tag or a disposition
        return self.after

    @property
    def worn(self):  # of a tag
        return bool(self.before)

    @property
    def kind_name(self):  # of a change
        return CallChange.Kind(self.kind.removeprefix(CHANGE)).label


@dataclass(slots=True)
class Words:
    history: list[Row] = field(default_factory=list)  # newest first
    notes: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    dispositions: list[Row] = field(default_factory=list)


def words_on(call: Call, *, choices: bool) -> Words:
    """With `choices`, for somebody who may write: all tags, and the dispositions in use."""
    on_it = Exists(CallTag.objects.filter(call=call, tag=OuterRef("pk")))
    tags = Tag.objects.all() if choices else Tag.objects.filter(on_it)
    worn = Case(When(on_it, then=Value("worn")), default=Value(""), output_field=CharField())
    parts = [
        _rows(
            CallChange.objects.filter(call=call),
            Concat(Value(CHANGE), "kind"),
            F("after"),
            at=F("at"),
            author=F("author_id"),
            name=F("author_name"),
            before=F("before"),
        ),
        _rows(tags, Value(TAG), F("name"), before=worn),
    ]
    if choices:
        offered = Disposition.objects.filter(active=True)
        parts.append(_rows(offered, Value(DISPOSITION), F("name")))
    notes = _rows(
        CallNote.objects.filter(call=call),
        Value(NOTE),
        F("text"),
        at=F("created_at"),
        edited=F("edited_at"),
        author=F("author_id"),
        name=F("author_name"),
    )
    found = [Row(*row) for row in notes.union(*parts, all=True).order_by("row_kind")[:MOST]]
    return Words(
        history=sorted(_of(found, CHANGE), key=lambda row: (row.at, row.pk), reverse=True),
        notes=sorted(_of(found, NOTE), key=lambda row: (row.at, row.pk)),
        tags=sorted(_of(found, TAG), key=str),
        dispositions=sorted(_of(found, DISPOSITION), key=str),
    )


def _of(rows, kind):
    return [row for row in rows if row.kind.startswith(kind)]


def _rows(queryset, kind, after, **more):
    """The columns that all parts have, each of one type."""
    text, moment, whole = CharField(), DateTimeField(), BigIntegerField()
    return (
        queryset.order_by()
        .annotate(
            row_kind=Cast(kind, text),
            row_at=Cast(more.get("at", Value(None)), moment),
            row_edited=Cast(more.get("edited", Value(None)), moment),
            row_author=Cast(more.get("author", Value(None)), whole),
            row_name=Cast(more.get("name", Value("")), text),
            row_before=Cast(more.get("before", Value("")), text),
            row_after=Cast(after, text),
        )
        .values_list(
            *("row_kind", "pk", "row_at", "row_edited", "row_author", "row_name"),
            *("row_before", "row_after"),
        )
    )
