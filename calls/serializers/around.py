"""What stands beside the calls of a page: one query each, and only for what is shown."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from uuid import UUID

from django.db import connections
from django.db.models import BooleanField, Count, F, Func, QuerySet, Value

from calls.directory import Directory
from calls.models import Call, CallDisposition, CallNote, CallTag


class _AnyOf(Func):
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


class Around:
    """Tags, disposition, how many notes, and whose the numbers are, of all these calls at once."""

    def __init__(self, calls: Sequence[Call]):
        self.calls = calls
        self.keys = [call.pk for call in calls]

    @cached_property
    def tags(self) -> dict[UUID, list[str]]:
        rows = self._of(CallTag).order_by("tag__name")
        tags = defaultdict(list)
        for call, name in rows.values_list("call_id", "tag__name"):
            tags[call].append(name)
        return tags

    @cached_property
    def dispositions(self) -> dict[UUID, str]:
        rows = self._of(CallDisposition).order_by()
        return dict(rows.values_list("call_id", "disposition__name"))

    @cached_property
    def note_counts(self) -> dict[UUID, int]:
        rows = self._of(CallNote).order_by().values("call_id")
        return dict(rows.annotate(notes=Count("pk")).values_list("call_id", "notes"))

    @cached_property
    def directory(self) -> Directory:
        return Directory(self.calls)

    def _of(self, model) -> QuerySet:
        """Rows of these calls. As one array: of 2,000 parameters the driver makes more work than
        the database has with them."""
        rows = model.objects.all()
        if connections[rows.db].vendor != "postgresql":
            return rows.filter(call__in=self.keys)
        return rows.filter(_AnyOf(F("call_id"), Value(self.keys)))
