"""Calls and what belongs to them, to be read."""

from calls import filtersets, serializers
from calls.models import Call, Conference, Leg, Participant, Recording

from .base import ReadViewSet

_CALLS = Call.objects.select_related("account").defer("claims")
_CONFERENCES = Conference.objects.select_related("account").defer("claims")


class CallViewSet(ReadViewSet):
    """Calls as the provider counts them, by their begin, newest first. `is_root=true` leaves the
    conversations: calls that no other call dialled."""

    queryset = Call.objects.defer("claims")
    joined = ("account",)
    serializer_class = serializers.CallDetailSerializer
    expansions = serializers.CALL_EXPANSIONS
    filterset_class = filtersets.CallFilterSet
    newest_by = "begun_at"


class LegViewSet(ReadViewSet):
    """Parties' connections, newest first."""

    queryset = Leg.objects.defer("claims")
    gathered = {"call": _CALLS, "connected_call": _CALLS}
    serializer_class = serializers.ListedLegSerializer
    filterset_class = filtersets.LegFilterSet


class ConferenceViewSet(ReadViewSet):
    """Conferences, newest first."""

    queryset = Conference.objects.defer("claims")
    joined = ("account",)
    serializer_class = serializers.ConferenceDetailSerializer
    expansions = serializers.CONFERENCE_EXPANSIONS
    expands_lists = True
    filterset_class = filtersets.ConferenceFilterSet


class ParticipantViewSet(ReadViewSet):
    """Calls in conferences, newest first."""

    queryset = Participant.objects.defer("claims")
    gathered = {"conference": _CONFERENCES, "call": _CALLS}
    serializer_class = serializers.ListedParticipantSerializer
    filterset_class = filtersets.ParticipantFilterSet


class RecordingViewSet(ReadViewSet):
    """Audio of calls and conferences, newest first."""

    queryset = Recording.objects.defer("claims")
    joined = ("account",)
    gathered = {"call": _CALLS, "conference": _CONFERENCES}
    serializer_class = serializers.ListedRecordingSerializer
    filterset_class = filtersets.RecordingFilterSet
    scope = "recordings:read"
