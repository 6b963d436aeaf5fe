"""Filters by a telephone number, in any format. An index answers best for the one value that is
stored, so it is looked up first."""

from uuid import UUID

from django import forms
from django.db.models import Q
from django_filters import rest_framework as filters

from calls.models import Agent, ServiceNumber
from calls.permissions import sees_numbers
from calls.search import SHORTEST_END, digits_of, ends_in, on_account, spellings

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
        stored = _stored(qs.model, self.field_name, spellings(value))
        if len(stored) == 1:
            return qs.filter((self.field_name, stored[0]))
        return qs.filter((f"{self.field_name}__in", stored))


def _stored(model, column: str, ways: list[str]) -> list[str]:
    """Which of these spellings there are, by one probe of the index each, in one query."""
    rows = model.objects.order_by().values_list(column, flat=True)
    probes = [rows.filter((column, way))[:1] for way in ways]
    # A part of a union may not be cut off on SQLite but within a query of its own.
    found = [
        model.objects.order_by().filter(pk__in=probe.values("pk")).values_list(column, flat=True)
        for probe in probes
    ]
    return sorted(found[0].union(*found[1:], all=True)) if found else []


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
            return (
                qs.filter((self.field_name, row.number), account=row.account_id)
                if row
                else (qs.none())
            )
        ways = spellings(value)
        known = set(self.named.objects.filter(number__in=ways).values_list("number", flat=True))
        if len(known) == 1:
            return qs.filter((self.field_name, known.pop()))
        return qs.filter((f"{self.field_name}__in", sorted(known or ways)))


class AnyPartyFilter(NumberFilter):
    """A whole number in any format, of any party, or its last four or more digits."""

    def filter(self, qs, value):
        if not value:
            return qs
        digits, ways = digits_of(value), spellings(value)
        condition = Q()
        for column in ("from_number", "to_number", "customer_number"):
            condition |= Q((f"{column}__in", ways))
        ours = Q(number__in=ways)
        if digits and self._may_end(len(digits)):
            condition |= ends_in(digits)
            ours |= Q(number__endswith=digits)
        for column, model in (("service_number", ServiceNumber), ("agent_number", Agent)):
            if rows := list(model.objects.filter(ours).order_by()[:_MOST_NAMED]):
                condition |= on_account(column, rows)
        return qs.filter(condition)

    def _may_end(self, length) -> bool:
        """Digit by digit, who sees no full numbers could find one out."""
        request = self.parent.request
        if request is not None and sees_numbers(request):
            return length >= SHORTEST_END
        return length == SHORTEST_END


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) >= 32 else None
    except ValueError:
        return None
