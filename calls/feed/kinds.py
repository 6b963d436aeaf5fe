"""What the feed tells of: per kind the rows, and their shape, which is that of their list."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from rest_framework.serializers import ModelSerializer

from calls.models import Call, Conference, Leg, Participant, Recording
from calls.serializers import (
    CallSerializer,
    ConferenceSerializer,
    ListedLegSerializer,
    ListedParticipantSerializer,
    ListedRecordingSerializer,
)

OF_THE_DIRECTORY = {
    *("service_number_id", "service_number_label", "service_number_source"),
    *("agent_id", "agent_label"),
}


class FedCallSerializer(CallSerializer):
    """A call without what the directory says of its numbers: that changes without the call, and is
    read from the lists of service numbers and agents."""

    service_number_id = service_number_label = service_number_source = None
    agent_id = agent_label = None

    class Meta(CallSerializer.Meta):
        fields = read_only_fields = [
            name for name in CallSerializer.Meta.fields if name not in OF_THE_DIRECTORY
        ]


@dataclass(frozen=True, slots=True)
class Kind:
    rows: Callable[[], QuerySet]  # with what their shape needs, in a fixed number of queries
    serializer: type[ModelSerializer]
    scope: str = "calls:read"


def _calls() -> QuerySet:
    return Call.objects.select_related("account").defer("claims")


def _conferences() -> QuerySet:
    return Conference.objects.select_related("account").defer("claims")


def _legs() -> QuerySet:
    calls = Prefetch("call", _calls()), Prefetch("connected_call", _calls())
    return Leg.objects.prefetch_related(*calls).defer("claims")


def _participants() -> QuerySet:
    links = Prefetch("conference", _conferences()), Prefetch("call", _calls())
    return Participant.objects.prefetch_related(*links).defer("claims")


def _recordings() -> QuerySet:
    links = Prefetch("conference", _conferences()), Prefetch("call", _calls())
    recordings = Recording.objects.select_related("account").defer("claims")
    return recordings.prefetch_related(*links)


# In the order in which they are copied: what others point at comes first.
KINDS = {
    "call": Kind(_calls, FedCallSerializer),
    "leg": Kind(_legs, ListedLegSerializer),
    "conference": Kind(_conferences, ConferenceSerializer),
    "participant": Kind(_participants, ListedParticipantSerializer),
    "recording": Kind(_recordings, ListedRecordingSerializer, "recordings:read"),
}
