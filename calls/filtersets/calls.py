"""What calls can be asked for, by the API and, through its own forms of it, by the desk."""

from django_filters import rest_framework as filters

from calls.choices import AnsweredBy, Direction, Provider, Status
from calls.models import CallDisposition, CallTag

from .base import CreatedFilterSet
from .filters import (
    EitherEndFilter,
    HasRecordingFilter,
    InConferenceFilter,
    LengthFilter,
    MomentFilter,
    NumberFilter,
    OutcomeFilter,
    SourceFilter,
    WordFilter,
    WornFilter,
    YesNoFilter,
)


class CallFilterSet(CreatedFilterSet):
    provider = WordFilter("account__provider", choices=Provider.choices)
    account = filters.UUIDFilter("account")
    provider_call_id = filters.CharFilter("provider_call_id")
    provider_request_id = filters.CharFilter("provider_request_id")
    parent = filters.UUIDFilter("parent")
    is_root = YesNoFilter("is_root")
    conference = filters.UUIDFilter("participations__conference")
    status = WordFilter("status", choices=Status.choices)
    outcome = OutcomeFilter()
    direction = WordFilter("direction", choices=Direction.choices)
    is_over = YesNoFilter("is_over")
    live = YesNoFilter("is_over", exclude=True)
    missed = YesNoFilter("missed")
    flagged = YesNoFilter("flagged")
    answered_by = WordFilter("answered_by", choices=AnsweredBy.choices)
    number = EitherEndFilter(
        label="Either end of the call, whole number, or the customer's last four or more digits"
    )
    from_number = NumberFilter("from_number")
    to_number = NumberFilter("to_number")
    customer_number = NumberFilter("customer_number")
    service_number = NumberFilter("service_number")
    agent = NumberFilter("agent_number", label="The agent's number")
    group = filters.CharFilter("group_name", "iexact")
    source = SourceFilter()
    duration_min = LengthFilter("duration_seconds", "gte")
    duration_max = LengthFilter("duration_seconds", "lte")
    talk_min = LengthFilter("talk_seconds", "gte")
    talk_max = LengthFilter("talk_seconds", "lte")
    has_recording = HasRecordingFilter()
    in_conference = InConferenceFilter()
    tag = WornFilter(CallTag, "tag__name")
    disposition = WornFilter(CallDisposition, "disposition__name")
    begun_at__gte = MomentFilter("begun_at", "gte")
    begun_at__lt = MomentFilter("begun_at", "lt")
