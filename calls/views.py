"""The read API: `/api/v1/` but for the deliveries."""

from django.db.models import F, Prefetch
from django.utils.cache import patch_cache_control
from rest_framework.viewsets import ReadOnlyModelViewSet

from calls import filtersets, serializers
from calls.authentication import ApiKeyAuthentication, PersonAuthentication
from calls.models import Account, Call, Conference, Leg, Participant, Recording
from calls.pagination import NewestFirst
from calls.permissions import HasScope, may_hear, sees_numbers

# What hangs on one object is shown up to here; the rest is in the list of its kind.
MOST_SHOWN = 1_000


class ReadViewSet(ReadOnlyModelViewSet):
    """What all lists share. A view says which scope opens it and what its newest row is."""

    # The first one decides what a stranger hears: 401 and how to come in.
    authentication_classes = [ApiKeyAuthentication, PersonAuthentication]
    permission_classes = [HasScope]
    filter_backends = [filtersets.StrictFilterBackend]
    pagination_class = NewestFirst
    lookup_value_regex = "[^/]+"
    scope = "calls:read"
    newest_by = "created_at"

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True)  # nobody's proxy keeps telephone numbers
        return response

    def get_serializer_context(self):
        hears = may_hear(self.request) if self.request else True
        full = sees_numbers(self.request) if self.request else True
        return super().get_serializer_context() | {"may_hear": hears, "sees_numbers": full}


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
