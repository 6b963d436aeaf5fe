"""The lists of everything that is no call."""

from django_filters import rest_framework as filters

from calls.choices import (
    ConferenceStatus,
    ParticipantState,
    Party,
    Provider,
    RecordingState,
    Side,
    Status,
)

from .base import CreatedFilterSet
from .filters import NumberFilter, WordFilter


class AccountFilterSet(filters.FilterSet):
    provider = WordFilter("provider", choices=Provider.choices)
    provider_account_id = filters.CharFilter("provider_account_id")
    name = filters.CharFilter("name")


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
