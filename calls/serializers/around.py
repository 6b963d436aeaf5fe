"""What stands beside the calls of a page: one query each, and only for what is shown."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from uuid import UUID

from django.db.models import Count

from calls.directory import Directory
from calls.models import Call, CallDisposition, CallNote, CallTag


class Around:
    """Tags, disposition, how many notes, and whose the numbers are, of all these calls at once."""

    def __init__(self, calls: Sequence[Call]):
        self.calls = calls
        self.keys = [call.pk for call in calls]

    @cached_property
    def tags(self) -> dict[UUID, list[str]]:
        rows = CallTag.objects.filter(call__in=self.keys).order_by("tag__name")
        tags = defaultdict(list)
        for call, name in rows.values_list("call_id", "tag__name"):
            tags[call].append(name)
        return tags

    @cached_property
    def dispositions(self) -> dict[UUID, str]:
        rows = CallDisposition.objects.filter(call__in=self.keys).order_by()
        return dict(rows.values_list("call_id", "disposition__name"))

    @cached_property
    def note_counts(self) -> dict[UUID, int]:
        rows = CallNote.objects.filter(call__in=self.keys).order_by().values("call_id")
        return dict(rows.annotate(notes=Count("pk")).values_list("call_id", "notes"))

    @cached_property
    def directory(self) -> Directory:
        return Directory(self.calls)
