"""Conferences, who takes part in them, and recordings."""

from calls.models import Conference, Participant, Recording

from .base import (
    AccountReferenceSerializer,
    MergedSerializer,
    OfAccountSerializer,
    plain,
    provider_id,
    provider_of,
)


class ParticipantSerializer(MergedSerializer):
    provider_conference_id = provider_id("conference.provider_conference_id")
    provider_call_id = provider_id("call.provider_call_id")

    class Meta:
        model = Participant
        fields = read_only_fields = [
            "id",
            "conference",
            "provider_conference_id",
            "call",
            "provider_call_id",
            *plain(Participant, "id", "conference", "call"),
        ]


class RecordingSerializer(MergedSerializer):
    """`url` is left out for those who may not hear recordings (context: `may_hear`)."""

    provider_call_id = provider_id("call.provider_call_id")
    provider_conference_id = provider_id("conference.provider_conference_id")

    class Meta:
        model = Recording
        fields = read_only_fields = [
            "id",
            "provider_recording_id",
            "call",
            "provider_call_id",
            "conference",
            "provider_conference_id",
            *plain(Recording, "id", "account", "provider_recording_id", "call", "conference"),
        ]

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        if not self.context.get("may_hear"):
            shown.pop("url", None)
        return shown


class ListedParticipantSerializer(ParticipantSerializer):
    account = AccountReferenceSerializer(source="conference.account", read_only=True)
    provider = provider_of("conference.account.provider")

    class Meta(ParticipantSerializer.Meta):
        fields = read_only_fields = [*ParticipantSerializer.Meta.fields, "account", "provider"]


class ListedRecordingSerializer(OfAccountSerializer, RecordingSerializer):
    class Meta(RecordingSerializer.Meta):
        fields = read_only_fields = [*RecordingSerializer.Meta.fields, "account", "provider"]


class ConferenceSerializer(OfAccountSerializer):
    class Meta:
        model = Conference
        fields = read_only_fields = [
            "id",
            "account",
            "provider",
            *plain(Conference, "id", "account"),
        ]


class ConferenceDetailSerializer(ConferenceSerializer):
    """A conference with what hangs on it: in a list what `expand` names, of one more by itself."""

    participants = ParticipantSerializer(source="shown_participants", many=True, read_only=True)
    recordings = RecordingSerializer(source="shown_recordings", many=True, read_only=True)

    class Meta(ConferenceSerializer.Meta):
        fields = read_only_fields = [
            *ConferenceSerializer.Meta.fields,
            "participants",
            "recordings",
        ]
