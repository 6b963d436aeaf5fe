"""Filters by a telephone number, in any format. An index answers best for the one value that is
stored, so it is looked up first."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError as FormError
from django.db.models import Q, Value
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from calls.models import Agent, ServiceNumber
from calls.search import (
    SHORTEST_END,
    SHORTEST_WHOLE,
    TOO_FEW,
    WHOLE_OR_FOUR,
    digits_of,
    ends_in,
    on_account,
    spellings,
)

_MOST_NAMED = 50  # numbers of ours that end alike


class _NumberField(forms.CharField):
    def to_python(self, value):
        text = value or ""
        if text.startswith(" "):
            text = "+" + text[1:]  # a plus sign that was not escaped in the URL
        return super().to_python(text)


class NumberFilter(filters.CharFilter):
    """A whole telephone number, in any format."""

    field_class = _NumberField

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("help_text", "A whole telephone number, in any format.")
        super().__init__(*args, **kwargs)

    def filter(self, qs, value):
        return qs.filter((f"{self.field_name}__in", spellings(value))) if value else qs


class StoredNumberFilter(NumberFilter):
    """The same of a column with an index of its own."""

    def filter(self, qs, value):
        if not value:
            return qs
        stored = _stored(qs.model, [self.field_name], spellings(value))
        return qs.filter(_is_one_of(self.field_name, stored[self.field_name]))


def _is_one_of(column: str, values: list[str]) -> Q:
    """One value is what an index answers in the order of the list."""
    return Q((column, values[0])) if len(values) == 1 else Q((f"{column}__in", values))


def _stored(model, columns: Sequence[str], ways: list[str]) -> dict[str, list[str]]:
    """Column → which of these spellings it holds: a probe of an index each, all in one query."""
    found = {column: [] for column in columns}
    probes = []
    for column in columns:
        for way in ways:
            # SQLite cuts off no part of a union but within a query of its own.
            first = model.objects.order_by().filter((column, way)).values("pk")[:1]
            rows = model.objects.order_by().filter(pk__in=first)
            probes.append(rows.values_list(Value(column), column))
    for column, way in probes[0].union(*probes[1:], all=True):
        found[column].append(way)
    return found


class OurNumberFilter(NumberFilter):
    """Calls of a service number or agent: by its number in any format, or by its id here."""

    def __init__(self, field_name, named, **kwargs):
        super().__init__(field_name, **kwargs)
        self.named = named

    def filter(self, qs, value):
        if not value:
            return qs
        if key := _uuid(value):
            row = self.named.objects.filter(pk=key).first()
            if row is None:
                return qs.none()
            return qs.filter((self.field_name, row.number), account=row.account_id)
        ways = spellings(value)
        known = set(self.named.objects.filter(number__in=ways).values_list("number", flat=True))
        return qs.filter(_is_one_of(self.field_name, sorted(known or ways)))


class _AnyPartyField(_NumberField):
    fault = None  # given by the filter, which knows who asks

    def validate(self, value):
        super().validate(value)
        if value and (told := self.fault(value)):
            raise FormError(told)


@extend_schema_field({"type": "string", "pattern": "^([^0-9]*[0-9]){4}"})
class AnyPartyFilter(NumberFilter):
    """A whole number in any format, of any party, or its last four or more digits."""

    field_class = _AnyPartyField

    @property
    def field(self):
        field = super().field
        field.fault = self._fault
        return field

    def _fault(self, text: str) -> str:
        """Why nothing can be searched for by it."""
        if sum(one in "0123456789" for one in text) < SHORTEST_END:
            return TOO_FEW
        digits = digits_of(text)
        if digits and len(digits) < SHORTEST_WHOLE and not self._may_end(len(digits)):
            return WHOLE_OR_FOUR
        return ""

    def filter(self, qs, value):
        if not value:
            return qs
        return qs.filter(reduce(or_, self.branches(qs.model, value), Q(pk__in=[])))

    def branches(self, model, value) -> list[Q]:
        """What each is answered by one index; the calls are those of all of them."""
        digits, ways = digits_of(value), spellings(value)
        stored = _stored(model, ("from_number", "to_number", "customer_number"), ways)
        found = [_is_one_of(column, values) for column, values in stored.items() if values]
        ours = Q(number__in=ways)
        if digits and not (found and len(value) >= SHORTEST_WHOLE) and self._may_end(len(digits)):
            found.append(ends_in(digits))
            ours |= Q(number__endswith=digits)
        for column, named in (("service_number", ServiceNumber), ("agent_number", Agent)):
            if rows := list(named.objects.filter(ours).order_by()[:_MOST_NAMED]):
                found.append(on_account(column, rows))
        return found

    def _may_end(self, length) -> bool:
        """Digit by digit, who sees no full numbers could find one out."""
        return length == SHORTEST_END or (self.parent.sees_numbers and length > SHORTEST_END)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) >= 32 else None
    except ValueError:
        return None
