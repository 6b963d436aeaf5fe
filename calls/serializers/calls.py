"""Calls and their legs."""

from rest_framework import serializers

from calls.models import Call, Leg, Participant

from .base import (
    AccountReferenceSerializer,
    MergedSerializer,
    OfAccountSerializer,
    ReadSerializer,
    UtcDateTimeField,
    plain,
    provider_id,
    provider_of,
)
from .conferences import RecordingSerializer


class LegSerializer(MergedSerializer):
    provider_call_id = provider_id("call.provider_call_id")
    connected_provider_call_id = provider_id("connected_call.provider_call_id")

    class Meta:
        model = Leg
        fields = read_only_fields = [
            "id",
            "call",
            "provider_call_id",
            "side",
            "connected_call",
            "connected_provider_call_id",
            *plain(Leg, "id", "call", "side", "connected_call"),
        ]


class ListedLegSerializer(LegSerializer):
    account = AccountReferenceSerializer(source="call.account", read_only=True)
    provider = provider_of("call.account.provider")

    class Meta(LegSerializer.Meta):
        fields = read_only_fields = [*LegSerializer.Meta.fields, "account", "provider"]


class CallSerializer(OfAccountSerializer):
    class Meta:
        model = Call
        fields = read_only_fields = ["id", "account", "provider", *plain(Call, "id", "account")]


class ChildCallSerializer(ReadSerializer):
    """A call that this one dialled, in short."""

    class Meta:
        model = Call
        fields = read_only_fields = [
            "id",
            "provider_call_id",
            "status",
            "is_over",
            "direction",
            "from_number",
            "to_number",
            "begun_at",
            "started_at",
            "answered_at",
            "ended_at",
            "duration_seconds",
            "talk_seconds",
        ]


class CallConferenceSerializer(ReadSerializer):
    """A conference as one call took part in it: state, joined_at, left_at are that call's."""

    id = serializers.UUIDField(source="conference_id", read_only=True)
    provider_conference_id = provider_id("conference.provider_conference_id")
    alias = serializers.CharField(source="conference.alias", read_only=True, allow_null=True)
    status = serializers.CharField(source="conference.status", read_only=True)
    started_at = UtcDateTimeField(source="conference.started_at", read_only=True, allow_null=True)
    ended_at = UtcDateTimeField(source="conference.ended_at", read_only=True, allow_null=True)

    class Meta:
        model = Participant
        fields = read_only_fields = [
            "id",
            "provider_conference_id",
            "alias",
            "status",
            "started_at",
            "ended_at",
            "state",
            "joined_at",
            "left_at",
        ]


class CallDetailSerializer(CallSerializer):
    legs = LegSerializer(source="shown_legs", many=True, read_only=True)
    recordings = RecordingSerializer(source="shown_recordings", many=True, read_only=True)
    children = ChildCallSerializer(source="shown_children", many=True, read_only=True)
    conferences = CallConferenceSerializer(source="shown_participations", many=True, read_only=True)

    class Meta(CallSerializer.Meta):
        fields = read_only_fields = [
            *CallSerializer.Meta.fields,
            "legs",
            "recordings",
            "children",
            "conferences",
        ]
