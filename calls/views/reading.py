"""Calls and what belongs to them, to be read."""

from django.db.models import F, Prefetch

from calls import filtersets, serializers
from calls.models import Account, Call, Conference, Leg, Participant, Recording

from .base import ReadViewSet

# What hangs on one object is shown up to here; the rest is in the list of its kind.
MOST_SHOWN = 1_000


def legs_shown():
    order = "side", F("started_at").asc(nulls_last=True), "id"
    return (
        Leg.objects.select_related("call", "connected_call")
        .defer("claims", "call__claims", "connected_call__claims")
        .order_by(*order)[:MOST_SHOWN]
    )


def participants_shown():
    return (
        Participant.objects.select_related("call", "conference")
        .defer("claims", "call__claims", "conference__claims")
        .order_by(F("joined_at").asc(nulls_last=True), "id")[:MOST_SHOWN]
    )


def recordings_shown():
    return (
        Recording.objects.select_related("call", "conference")
        .defer("claims", "call__claims", "conference__claims")
        .order_by("created_at", "id")[:MOST_SHOWN]
    )


def children_shown():
    return Call.objects.defer("claims").order_by("begun_at", "id")[:MOST_SHOWN]


class AccountViewSet(ReadViewSet):
    queryset = Account.objects.all()
    serializer_class = serializers.AccountSerializer
    filterset_class = filtersets.AccountFilterSet


def calls_in_short():
    """What a row names of its calls: read apart, for a join of large tables misleads a planner
    without statistics, and the rows may lie on several nodes."""
    return Call.objects.select_related("account").defer("claims")


def conferences_in_short():
    return Conference.objects.select_related("account").defer("claims")


class CallViewSet(ReadViewSet):
    queryset = Call.objects.select_related("account").defer("claims")
    filterset_class = filtersets.CallFilterSet
    newest_by = "begun_at"

    def get_serializer_class(self):
        if self.action == "retrieve":
            return serializers.CallDetailSerializer
        return serializers.CallSerializer

    def get_queryset(self):
        calls = super().get_queryset()
        if self.action == "retrieve":
            calls = calls.prefetch_related(
                Prefetch("legs", legs_shown(), "shown_legs"),
                Prefetch("recordings", recordings_shown(), "shown_recordings"),
                Prefetch("children", children_shown(), "shown_children"),
                Prefetch("participations", participants_shown(), "shown_participations"),
            )
        return calls


class LegViewSet(ReadViewSet):
    queryset = Leg.objects.prefetch_related(
        Prefetch("call", calls_in_short()), Prefetch("connected_call", calls_in_short())
    ).defer("claims")
    serializer_class = serializers.ListedLegSerializer
    filterset_class = filtersets.LegFilterSet


class ConferenceViewSet(ReadViewSet):
    queryset = Conference.objects.select_related("account").defer("claims")
    serializer_class = serializers.ConferenceSerializer
    filterset_class = filtersets.ConferenceFilterSet

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .prefetch_related(
                Prefetch("participants", participants_shown(), "shown_participants"),
                Prefetch("recordings", recordings_shown(), "shown_recordings"),
            )
        )


class ParticipantViewSet(ReadViewSet):
    queryset = Participant.objects.prefetch_related(
        Prefetch("conference", conferences_in_short()), Prefetch("call", calls_in_short())
    ).defer("claims")
    serializer_class = serializers.ListedParticipantSerializer
    filterset_class = filtersets.ParticipantFilterSet


class RecordingViewSet(ReadViewSet):
    queryset = (
        Recording.objects.select_related("account")
        .prefetch_related(
            Prefetch("call", calls_in_short()), Prefetch("conference", conferences_in_short())
        )
        .defer("claims")
    )
    serializer_class = serializers.ListedRecordingSerializer
    filterset_class = filtersets.RecordingFilterSet
    scope = "recordings:read"
