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
from calls.models import (
    Account,
    Agent,
    Call,
    Conference,
    Disposition,
    Leg,
    Participant,
    Recording,
    ServiceNumber,
    Tag,
)

from .filters import WordFilter, WordsFilter, YesNoFilter
from .numbers import NumberFilter
from .rules import TIMES, RuledFilterSet

CREATED = {"created_at": TIMES, "updated_at": TIMES}


def of_account(path: str) -> type[RuledFilterSet]:
    """The filters of what belongs to an account, which lies at the end of a path."""

    class OfAccountFilterSet(RuledFilterSet):
        provider = WordFilter(f"{path}__provider", choices=Provider.choices)
        provider__in = WordsFilter(f"{path}__provider", choices=Provider.choices)
        account = filters.UUIDFilter(path, help_text="The account's id.")

    return OfAccountFilterSet


class AccountFilterSet(RuledFilterSet):
    provider = WordFilter("provider", choices=Provider.choices)
    provider__in = WordsFilter("provider", choices=Provider.choices)
    provider_account_id = filters.CharFilter(
        "provider_account_id", help_text="The provider's own id."
    )
    name = filters.CharFilter("name", help_text="Its whole name.")

    class Meta(RuledFilterSet.Meta):
        model = Account
        fields = {"created_at": TIMES}


class ConnectedCallFilter(filters.UUIDFilter):
    """A connection is a leg of its call or of that call's parent; legs are found by those."""

    def filter(self, qs, value):
        if value is None:
            return qs
        parents = Call.objects.filter(pk=value).values_list("parent_id", flat=True)
        return qs.filter(call__in={value, *filter(None, parents)}, connected_call=value)


class LegFilterSet(of_account("call__account")):
    narrow = frozenset({"call", "connected_call", "provider_call_id"})

    call = filters.UUIDFilter("call", help_text="The id of its call.")
    provider_call_id = filters.CharFilter(
        "call__provider_call_id", help_text="The provider's own id of its call."
    )
    connected_call = ConnectedCallFilter(
        "connected_call", help_text="The id of the call that is this connection."
    )
    side = WordFilter("side", choices=Side.choices)
    party = WordFilter("party", choices=Party.choices)
    status = WordFilter("status", choices=Status.choices)
    status__in = WordsFilter("status", choices=Status.choices)
    number = NumberFilter("number")

    class Meta(RuledFilterSet.Meta):
        model = Leg
        fields = CREATED


class ConferenceFilterSet(of_account("account")):
    narrow = frozenset({"call", "provider_conference_id"})

    provider_conference_id = filters.CharFilter(
        "provider_conference_id", help_text="The provider's own id."
    )
    alias = filters.CharFilter("alias", help_text="Its whole alias.")
    status = WordFilter("status", choices=ConferenceStatus.choices)
    status__in = WordsFilter("status", choices=ConferenceStatus.choices)
    call = filters.UUIDFilter(
        "participants__call", help_text="The id of a call that took part in it."
    )

    class Meta(RuledFilterSet.Meta):
        model = Conference
        fields = CREATED


class ParticipantFilterSet(of_account("conference__account")):
    narrow = frozenset({"conference", "provider_conference_id", "call", "provider_call_id"})

    conference = filters.UUIDFilter("conference", help_text="The conference's id.")
    provider_conference_id = filters.CharFilter(
        "conference__provider_conference_id", help_text="The provider's own id of the conference."
    )
    call = filters.UUIDFilter("call", help_text="The id of the call that takes part.")
    provider_call_id = filters.CharFilter(
        "call__provider_call_id", help_text="The provider's own id of the call."
    )
    state = WordFilter("state", choices=ParticipantState.choices)

    class Meta(RuledFilterSet.Meta):
        model = Participant
        fields = CREATED


class RecordingFilterSet(of_account("account")):
    narrow = frozenset(
        {
            *("provider_recording_id", "call", "provider_call_id"),
            *("conference", "provider_conference_id"),
        }
    )

    provider_recording_id = filters.CharFilter(
        "provider_recording_id", help_text="The provider's own id."
    )
    call = filters.UUIDFilter("call", help_text="The id of the call recorded.")
    provider_call_id = filters.CharFilter(
        "call__provider_call_id", help_text="The provider's own id of the call."
    )
    conference = filters.UUIDFilter("conference", help_text="The id of the conference recorded.")
    provider_conference_id = filters.CharFilter(
        "conference__provider_conference_id", help_text="The provider's own id of the conference."
    )
    state = WordFilter("state", choices=RecordingState.choices)

    class Meta(RuledFilterSet.Meta):
        model = Recording
        fields = CREATED


class ServiceNumberFilterSet(of_account("account")):
    number = NumberFilter("number")
    label = filters.CharFilter("label", help_text="Its whole label.")
    source = filters.CharFilter("source", help_text="Where it was published.")
    campaign = filters.CharFilter("campaign", help_text="Its whole campaign.")

    class Meta(RuledFilterSet.Meta):
        model = ServiceNumber
        fields = {"created_at": TIMES}


class AgentFilterSet(of_account("account")):
    number = NumberFilter("number")
    name = filters.CharFilter("name", help_text="What people call them.")

    class Meta(RuledFilterSet.Meta):
        model = Agent
        fields = {"created_at": TIMES}


class TagFilterSet(RuledFilterSet):
    name = filters.CharFilter("name", help_text="Its whole name.")

    class Meta(RuledFilterSet.Meta):
        model = Tag
        fields = ()


class DispositionFilterSet(RuledFilterSet):
    name = filters.CharFilter("name", help_text="Its whole name.")
    active = YesNoFilter("active", help_text="Offered for calls.")

    class Meta(RuledFilterSet.Meta):
        model = Disposition
        fields = ()
