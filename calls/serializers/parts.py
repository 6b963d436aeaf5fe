"""What is shown of other calls, and of conferences, within a call."""

from rest_framework import serializers

from calls.models import Call, Participant

from .base import ReadSerializer, UtcDateTimeField, provider_id


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
