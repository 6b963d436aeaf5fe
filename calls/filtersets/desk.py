"""The filters of the desk's list of calls: the API's, with periods in the viewer's days and with
ids in place of telephone numbers, which no address of ours holds."""

from datetime import date
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError as FormError
from django_filters import rest_framework as filters

from calls.desk import periods
from calls.models import Call, CallDisposition, CallTag

from .calls import CallFilterSet
from .filters import LengthFilter
from .offered import Offered


class _PeriodFilter(filters.ChoiceFilter):
    def filter(self, qs, value):
        if not value:
            return qs
        first, last = periods.days(value)
        return qs.filter(begun_at__gte=periods.begin(first), begun_at__lt=periods.end(last))


class _DayField(forms.DateField):
    def to_python(self, value):
        day = super().to_python(value)
        if day and not date(1970, 1, 1) <= day <= date(2199, 12, 31):
            raise FormError("Enter a day from 1970 on.")
        return day


class _DayFilter(filters.Filter):
    """From the first moment of a day, or to its last."""

    field_class = _DayField

    def filter(self, qs, value):
        if value is None:
            return qs
        moment = periods.end(value) if self.lookup_expr == "lt" else periods.begin(value)
        return qs.filter((f"begun_at__{self.lookup_expr}", moment))


class _KeyField(forms.Field):
    """An id, of what `look_up` finds."""

    look_up = None

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            found = self.look_up(UUID(value))
        except ValueError:
            found = None
        if found is None:
            raise FormError("There is none with this id.")
        return found


class _KeyFilter(filters.Filter):
    field_class = _KeyField


class _AccountFilter(_KeyFilter):
    def filter(self, qs, value):
        return qs.filter(account=value.id) if value else qs


class _NumberOfFilter(_KeyFilter):
    """Calls of a service number or agent, which mean something within their account."""

    def filter(self, qs, value):
        if not value:
            return qs
        return qs.filter((self.field_name, value.number), account=value.account)


class _WornByIdFilter(_KeyFilter):
    def __init__(self, worn, **kwargs):
        super().__init__(**kwargs)
        self.worn = worn

    def filter(self, qs, value):
        if not value:
            return qs
        worn = self.worn.objects.filter((self.field_name, value.id)).order_by()
        return qs.filter(pk__in=worn.values("call"))


class _CustomerOfFilter(_KeyFilter):
    def filter(self, qs, value):
        return qs.filter(customer_number=value) if value else qs


class DeskCallFilterSet(CallFilterSet):
    period = _PeriodFilter(choices=periods.Period.choices)
    since = _DayFilter(lookup_expr="gte")
    until = _DayFilter(lookup_expr="lt")
    account = _AccountFilter()
    service_number = _NumberOfFilter("service_number")
    agent = _NumberOfFilter("agent_number")
    tag = _WornByIdFilter(CallTag)
    disposition = _WornByIdFilter(CallDisposition)
    customer_of = _CustomerOfFilter(label="The id of a call with this customer")

    duration_min = LengthFilter("duration_seconds", "gte")
    duration_max = LengthFilter("duration_seconds", "lte")
    talk_min = LengthFilter("talk_seconds", "gte")
    talk_max = LengthFilter("talk_seconds", "lte")

    narrow = frozenset({"customer_of", "parent", "conference", "provider_call_id"})
    probed = ("tag", "disposition", "source")

    # No number stands in an address of ours, and the list is of conversations.
    number = from_number = to_number = customer_number = None
    is_root = is_over = provider_request_id = flag = None
    provider__in = status__in = direction__in = answered_by__in = None

    class Meta(CallFilterSet.Meta):
        fields = {"begun_at": ["gte", "lt"]}

    def __init__(self, data, queryset, offered: Offered):
        super().__init__(data, queryset)
        for name in ("account", "service_number", "agent", "tag", "disposition"):
            self.form.fields[name].look_up = _looks_up(offered, name)
        self.form.fields["customer_of"].look_up = _customer_of
        given = self.form.is_valid() and self.form.cleaned_data
        if given and given["since"] and given["until"] and given["since"] > given["until"]:
            self.form.add_error("until", "The period ends before it begins.")

    @classmethod
    def period_names(cls):
        return super().period_names() | {"period", "since", "until"}

    @property
    def is_short(self) -> bool:
        return "period" in self.in_force or super().is_short

    def _bounds(self):
        since, until = (self.in_force.get(name) for name in ("since", "until"))
        lower, upper = super()._bounds()
        upper = [*filter(None, upper[:-1]), periods.end_of_today()]
        return [*lower, since and periods.begin(since)], [*upper, until and periods.end(until)]


def _looks_up(offered: Offered, kind: str):
    return lambda key: offered.get(kind, key)


def _customer_of(key: UUID) -> str | None:
    """The number of a call's customer."""
    number = Call.objects.filter(pk=key).values_list("customer_number", flat=True).first()
    return number or None
