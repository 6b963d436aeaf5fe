"""What people wrote on calls."""

from rest_framework import serializers

from calls.models import CallNote

from .base import ReadSerializer


class AuthorKindField(serializers.ChoiceField):
    """Of a note: whether a person wrote it or an integration; None once they are gone."""

    def __init__(self, **kwargs):
        super().__init__(choices=["person", "integration"], allow_null=True, **kwargs)

    def to_representation(self, note):
        if note.integration_id is not None:
            return "integration"
        return None if note.author_id is None else "person"


class NoteSerializer(ReadSerializer):
    """A note. Either a person wrote it or an integration, whose id is told."""

    text = serializers.CharField(read_only=True)
    author_name = serializers.CharField(read_only=True)
    author_kind = AuthorKindField(
        source="*", read_only=True, help_text="Null: whoever wrote it is no longer there."
    )

    class Meta:
        model = CallNote
        fields = read_only_fields = [
            "id",
            "call",
            "text",
            "author_name",
            "author_kind",
            "integration",
            "created_at",
            "edited_at",
        ]
