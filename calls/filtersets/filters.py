"""The kinds of filters. What one does not understand is an error, never "no filter"."""

import re
from datetime import UTC

from django import forms
from django.core.exceptions import ValidationError as FormError
from django.db.models import OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast
from django_filters import fields
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from calls.choices import GOING_ON, Status
from calls.models import Participant, Recording, ServiceNumber
from calls.search import on_account

# Up to 9,999,999 seconds, 99999:59 or 999:59:59.
_LENGTH = "[0-9]{1,7}|[0-9]{1,5}:[0-5]?[0-9]|[0-9]{1,3}:[0-5]?[0-9]:[0-5]?[0-9]"


class WordFilter(filters.MultipleChoiceFilter):
    """Any of the given words: `status=busy&status=no_answer`."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, distinct=False, **kwargs)

    def filter(self, qs, value):
        return qs.filter((f"{self.field_name}__in", value)) if value else qs


class WordsFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """The same in one parameter: `status__in=busy,no_answer`."""

    def __init__(self, field_name, **kwargs):
        kwargs.setdefault("help_text", "Any of these words, separated by commas.")
        super().__init__(field_name, lookup_expr="in", **kwargs)


class StatusFilter(WordFilter):
    """No index holds a status, so that its change is a cheap update. Calls that go on are few, and
    another index has those."""

    def leads(self, value) -> bool:
        """Is what it asks for held by one index, in the order of the list?"""
        return bool(value) and GOING_ON.issuperset(value)

    def filter(self, qs, value):
        qs = super().filter(qs, value)
        return qs.filter(is_over=False) if self.leads(value) else qs


class StatusesFilter(WordsFilter):
    """The same in one parameter."""

    leads = StatusFilter.leads

    def filter(self, qs, value):
        qs = super().filter(qs, value)
        return qs.filter(is_over=False) if self.leads(value) else qs


class _YesNoField(forms.Field):
    words = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value):
        if value in self.empty_values:
            return None
        if value.lower() not in self.words:
            raise FormError("Enter true or false.")
        return self.words[value.lower()]


class YesNoFilter(filters.BooleanFilter):
    """true or false; django-filter's own takes any other word for no filter."""

    field_class = _YesNoField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, widget=forms.TextInput, **kwargs)


class _MomentField(fields.IsoDateTimeField):
    def to_python(self, value):
        try:
            moment = super().to_python(value)
            return moment and moment.astimezone(UTC)
        except (OverflowError, ValueError):  # 0001-01-01T00:00:00+14:00
            raise FormError("Enter a date and time that exists.") from None


class MomentFilter(filters.IsoDateTimeFilter):
    """A moment in ISO 8601; UTC where it names no zone."""

    field_class = _MomentField


class _LengthField(forms.Field):
    """Seconds, also as 3:20 or 1:02:03."""

    fault = "Enter seconds, or minutes and seconds as 3:20."

    def to_python(self, value):
        text = (value or "").strip()
        if not text:
            return None
        if not re.fullmatch(_LENGTH, text):
            raise FormError(self.fault)
        seconds = 0
        for part in text.split(":"):
            seconds = seconds * 60 + int(part)
        return seconds


@extend_schema_field({"type": "string", "pattern": f"^({_LENGTH})$"})
class LengthFilter(filters.Filter):
    """Longer or shorter than so long, by its lookup."""

    field_class = _LengthField


@extend_schema_field({"type": "string", "enum": ["answered", "missed", "failed"]})
class OutcomeFilter(filters.ChoiceFilter):
    """What became of a call, in the words of the home page."""

    conditions = {
        "answered": Q(status__in=[Status.IN_PROGRESS, Status.COMPLETED]),
        "missed": Q(missed=True),
        "failed": Q(status=Status.FAILED),
    }
    labels = [("answered", "Answered"), ("missed", "Missed"), ("failed", "Failed")]

    def __init__(self, **kwargs):
        super().__init__(choices=self.labels, **kwargs)

    def leads(self, value) -> bool:
        return value == "missed"  # has an index of its own

    def filter(self, qs, value):
        return qs.filter(self.conditions[value]) if value else qs


class _HasFilter(YesNoFilter):
    """Whether something hangs on the call or on one that it dialled. Not `EXISTS … OR EXISTS …`:
    PostgreSQL would hash the whole table for it."""

    def filter(self, qs, value):
        if value is None:
            return qs
        own = self.rows.filter(call=OuterRef("pk")).values("pk")[:1]
        dialled = self.rows.filter(call__parent=OuterRef("pk")).values("pk")[:1]
        qs = qs.alias(_own=Subquery(own), _dialled=Subquery(dialled))
        there = Q(_own__isnull=False) | Q(_dialled__isnull=False)
        return qs.filter(there if value else ~there)


class HasRecordingFilter(_HasFilter):
    rows = Recording.objects.order_by()


class InConferenceFilter(_HasFilter):
    rows = Participant.objects.order_by()


class SourceFilter(filters.CharFilter):
    """Calls of the service numbers that were published there."""

    def filter(self, qs, value):
        if not value:
            return qs
        return qs.filter(on_account("service_number", ServiceNumber.objects.filter(source=value)))


class WornFilter(filters.CharFilter):
    """Calls that people put a tag or disposition on, by its name; `field_name` leads to it."""

    def __init__(self, worn, field_name, **kwargs):
        super().__init__(field_name, **kwargs)
        self.worn = worn

    def filter(self, qs, value):
        if not value:
            return qs
        worn = self.worn.objects.filter((self.field_name, value)).order_by()
        return qs.filter(pk__in=worn.values("call"))


class FlagFilter(filters.CharFilter):
    """Calls with this word among their flags. Both databases keep JSON as readable text."""

    def filter(self, qs, value):
        if not value:
            return qs
        flags = Cast("flags", TextField())
        return qs.filter(flagged=True).alias(_flags=flags).filter(_flags__contains=f'"{value}"')
