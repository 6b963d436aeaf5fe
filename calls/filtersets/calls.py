"""What calls can be asked for, by the API and, through its own forms of it, by the desk."""

from django_filters import rest_framework as filters

from calls.choices import AnsweredBy, Direction, Provider, Status
from calls.models import Agent, Call, CallDisposition, CallTag, ServiceNumber

from .filters import (
    FlagFilter,
    HasRecordingFilter,
    InConferenceFilter,
    OutcomeFilter,
    SourceFilter,
    StatusesFilter,
    StatusFilter,
    WordFilter,
    WordsFilter,
    WornFilter,
    YesNoFilter,
)
from .numbers import AnyPartyFilter, OurNumberFilter, StoredNumberFilter
from .rules import LENGTHS, TIMES, RuledFilterSet

_OURS = "Its number in any format, or its id here."


class CallFilterSet(RuledFilterSet):
    newest_by = "begun_at"
    narrow = frozenset({"provider_call_id", "parent", "conference", "customer_number"})
    ordered = (
        *("agent", "service_number", "flagged", "live", "missed", "account"),
        *("status", "status__in", "outcome"),
    )
    common = frozenset({"status", "status__in", "outcome", "is_root"})
    costly = frozenset({"has_recording", "in_conference"})
    probed = ("number", "from_number", "to_number", "tag", "disposition", "source", "flag")
    branched = frozenset({"number"})
    indexed = frozenset({"is_over"})

    provider = WordFilter("account__provider", choices=Provider.choices)
    provider__in = WordsFilter("account__provider", choices=Provider.choices)
    account = filters.UUIDFilter("account", help_text="The account's id.")
    provider_call_id = filters.CharFilter("provider_call_id", help_text="The provider's own id.")
    provider_request_id = filters.CharFilter(
        "provider_request_id",
        help_text="What the call was asked for under (CallerDesk's `campid`).",
    )
    parent = filters.UUIDFilter("parent", help_text="Calls that this call dialled, by its id.")
    is_root = YesNoFilter("is_root", help_text="Conversations: calls that no other call dialled.")
    conference = filters.UUIDFilter(
        "participations__conference", help_text="Calls that took part in it, by its id."
    )
    status = StatusFilter("status", choices=Status.choices)
    status__in = StatusesFilter("status", choices=Status.choices)
    outcome = OutcomeFilter(help_text="What became of the call.")
    direction = WordFilter("direction", choices=Direction.choices)
    direction__in = WordsFilter("direction", choices=Direction.choices)
    is_over = YesNoFilter("is_over", help_text="Its end was reported.")
    live = YesNoFilter("is_over", exclude=True, help_text="Its end was not reported yet.")
    missed = YesNoFilter("missed", help_text="Inbound, over, and nobody answered.")
    flagged = YesNoFilter("flagged", help_text="Something looks wrong.")
    flag = FlagFilter(help_text="A word among `flags`, such as `parent_loop`.")
    answered_by = WordFilter("answered_by", choices=AnsweredBy.choices)
    answered_by__in = WordsFilter("answered_by", choices=AnsweredBy.choices)
    number = AnyPartyFilter(
        help_text="Of any party: a whole number in any format, or its last four or more digits; "
        "without the scope numbers:full exactly four."
    )
    from_number = StoredNumberFilter("from_number")
    to_number = StoredNumberFilter("to_number")
    customer_number = StoredNumberFilter("customer_number")
    service_number = OurNumberFilter("service_number", ServiceNumber, help_text=_OURS)
    agent = OurNumberFilter("agent_number", Agent, help_text=_OURS)
    group = filters.CharFilter("group_name", "iexact", help_text="The group, in any case.")
    source = SourceFilter(help_text="Where the service number was published.")
    has_recording = HasRecordingFilter(help_text="Of the call or of one that it dialled.")
    in_conference = InConferenceFilter(
        help_text="The call or one that it dialled took part in one."
    )
    tag = WornFilter(CallTag, "tag__name", help_text="The tag's name.")
    disposition = WornFilter(
        CallDisposition, "disposition__name", help_text="The disposition's name."
    )

    class Meta(RuledFilterSet.Meta):
        model = Call
        fields = {
            "begun_at": TIMES,
            "ended_at": TIMES,
            "created_at": TIMES,
            "updated_at": TIMES,
            "duration_seconds": LENGTHS,
            "talk_seconds": LENGTHS,
            "waited_seconds": LENGTHS,
        }
