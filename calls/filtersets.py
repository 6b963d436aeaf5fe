"""One filterset per list. What a filter does not understand is an error, never "no filter"."""

from datetime import UTC

from django import forms
from django.core.exceptions import ValidationError as FormError
from django.db.models import Q
from django_filters import fields, utils
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from calls.choices import (
    ConferenceStatus,
    Direction,
    ParticipantState,
    Party,
    Provider,
    RecordingState,
    Side,
    Status,
)
from calls.numbers import e164


class StrictFilterBackend(filters.DjangoFilterBackend):
    """Refuses parameters that nobody would read, and all faulty values, in one answer."""

    def filter_queryset(self, request, queryset, view):
        errors, known = {}, {"format"}
        filterset = None if view.detail else self.get_filterset(request, queryset, view)
        if filterset is not None:
            known |= {*filterset.filters, *view.pagination_class.parameters}
            if not filterset.is_valid():
                errors = utils.translate_validation(filterset.errors).detail
        several = {
            name
            for name, one in (filterset.filters.items() if filterset is not None else ())
            if isinstance(one, WordFilter)
        }
        for name, values in request.query_params.lists():
            if name not in known:
                errors[name] = ["Unknown parameter."]
            elif len(values) > 1 and name not in several:
                errors[name] = ["Given more than once."]
        if errors:
            raise ValidationError(errors)
        return queryset if filterset is None else filterset.qs


class WordFilter(filters.MultipleChoiceFilter):
    """Any of the given words: `status=busy&status=no_answer`."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, distinct=False, **kwargs)

    def filter(self, qs, value):
        return qs.filter((f"{self.field_name}__in", value)) if value else qs


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


class _NumberField(forms.CharField):
    def to_python(self, value):
        text = value or ""
        if text.startswith(" "):
            text = "+" + text[1:]  # a plus sign that was not escaped in the URL
        return super().to_python(text)


class NumberFilter(filters.CharFilter):
    """A whole telephone number, as E.164 or as it was sent."""

    field_class = _NumberField

    def filter(self, qs, value):
        if not value:
            return qs
        return qs.filter((f"{self.field_name}__in", sorted({value, e164(value, "") or value})))


class EitherEndFilter(NumberFilter):
    def filter(self, qs, value):
        if not value:
            return qs
        forms_of_it = sorted({value, e164(value, "") or value})
        return qs.filter(Q(from_number__in=forms_of_it) | Q(to_number__in=forms_of_it))


class CreatedFilterSet(filters.FilterSet):
    created_at__gte = MomentFilter("created_at", "gte")
    created_at__lt = MomentFilter("created_at", "lt")
    updated_at__gte = MomentFilter("updated_at", "gte")
    updated_at__lt = MomentFilter("updated_at", "lt")


class AccountFilterSet(filters.FilterSet):
    provider = WordFilter("provider", choices=Provider.choices)
    provider_account_id = filters.CharFilter("provider_account_id")
    name = filters.CharFilter("name")


class CallFilterSet(CreatedFilterSet):
    provider = WordFilter("account__provider", choices=Provider.choices)
    account = filters.UUIDFilter("account")
    provider_call_id = filters.CharFilter("provider_call_id")
    provider_request_id = filters.CharFilter("provider_request_id")
    parent = filters.UUIDFilter("parent")
    is_root = YesNoFilter("is_root")
    conference = filters.UUIDFilter("participations__conference")
    status = WordFilter("status", choices=Status.choices)
    direction = WordFilter("direction", choices=Direction.choices)
    is_over = YesNoFilter("is_over")
    live = YesNoFilter("is_over", exclude=True)
    missed = YesNoFilter("missed")
    number = EitherEndFilter(label="Either end of the call, whole number")
    from_number = NumberFilter("from_number")
    to_number = NumberFilter("to_number")
    customer_number = NumberFilter("customer_number")
    service_number = NumberFilter("service_number")
    begun_at__gte = MomentFilter("begun_at", "gte")
    begun_at__lt = MomentFilter("begun_at", "lt")


class LegFilterSet(CreatedFilterSet):
    provider = WordFilter("call__account__provider", choices=Provider.choices)
    account = filters.UUIDFilter("call__account")
    call = filters.UUIDFilter("call")
    provider_call_id = filters.CharFilter("call__provider_call_id")
    connected_call = filters.UUIDFilter("connected_call")
    side = WordFilter("side", choices=Side.choices)
    party = WordFilter("party", choices=Party.choices)
    status = WordFilter("status", choices=Status.choices)
    number = NumberFilter("number")


class ConferenceFilterSet(CreatedFilterSet):
    provider = WordFilter("account__provider", choices=Provider.choices)
    account = filters.UUIDFilter("account")
    provider_conference_id = filters.CharFilter("provider_conference_id")
    alias = filters.CharFilter("alias")
    status = WordFilter("status", choices=ConferenceStatus.choices)
    call = filters.UUIDFilter("participants__call")


class ParticipantFilterSet(CreatedFilterSet):
    provider = WordFilter("conference__account__provider", choices=Provider.choices)
    account = filters.UUIDFilter("conference__account")
    conference = filters.UUIDFilter("conference")
    provider_conference_id = filters.CharFilter("conference__provider_conference_id")
    call = filters.UUIDFilter("call")
    provider_call_id = filters.CharFilter("call__provider_call_id")
    state = WordFilter("state", choices=ParticipantState.choices)


class RecordingFilterSet(CreatedFilterSet):
    provider = WordFilter("account__provider", choices=Provider.choices)
    account = filters.UUIDFilter("account")
    provider_recording_id = filters.CharFilter("provider_recording_id")
    call = filters.UUIDFilter("call")
    provider_call_id = filters.CharFilter("call__provider_call_id")
    conference = filters.UUIDFilter("conference")
    provider_conference_id = filters.CharFilter("conference__provider_conference_id")
    state = WordFilter("state", choices=RecordingState.choices)
