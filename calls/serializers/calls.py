"""Calls."""

from uuid import UUID

from django.db.models import Manager
from rest_framework import serializers

from calls.models import Call

from .around import Around
from .base import IDS, PARTIES, OfAccountSerializer, plain
from .expansions import CALL_EXPANSIONS


class CallListSerializer(serializers.ListSerializer):
    def to_representation(self, data):
        rows = list(data.all() if isinstance(data, Manager) else data)
        self.child.around = Around(rows)
        return super().to_representation(rows)


class CallSerializer(OfAccountSerializer):
    """A call, with what people wrote on it and whose the numbers are; of many calls all is read at
    once."""

    around: Around

    service_number_id = serializers.SerializerMethodField(
        help_text="Of the service number, in its own list."
    )
    service_number_label = serializers.SerializerMethodField(
        help_text="What people call the service number."
    )
    service_number_source = serializers.SerializerMethodField(help_text="Where it was published.")
    agent_id = serializers.SerializerMethodField(help_text="Of the agent, in the list of agents.")
    agent_label = serializers.SerializerMethodField(
        help_text="What people call the agent; agent_name is the provider's word."
    )
    tags = serializers.SerializerMethodField(help_text="Names of its tags.")
    disposition = serializers.SerializerMethodField(
        help_text="How it turned out, in the staff's words."
    )
    note_count = serializers.SerializerMethodField(help_text="How many notes were written on it.")

    class Meta:
        model = Call
        list_serializer_class = CallListSerializer
        fields = read_only_fields = [
            "id",
            "account",
            "provider",
            *plain(Call, "id", "account"),
            "service_number_id",
            "service_number_label",
            "service_number_source",
            "agent_id",
            "agent_label",
            "tags",
            "disposition",
            "note_count",
        ]
        # What a field reads of the row, where it is not the column of its own name.
        columns = {
            **dict.fromkeys(
                ["service_number_id", "service_number_label", "service_number_source"],
                ["account", "service_number", "agent_number"],
            ),
            **dict.fromkeys(
                ["agent_id", "agent_label"], ["account", "service_number", "agent_number"]
            ),
            **dict.fromkeys(["tags", "disposition", "note_count"], []),
            # Whose number an id may hold.
            **{name: [name, *PARTIES] for name in sorted(IDS & set(plain(Call)))},
        }

    def to_representation(self, instance):
        if not isinstance(self.parent, CallListSerializer):
            self.around = Around([instance])
        return super().to_representation(instance)

    def get_service_number_id(self, call) -> UUID | None:
        return self._of(self.around.directory.service_number(call), "pk")

    def get_service_number_label(self, call) -> str | None:
        return self._of(self.around.directory.service_number(call), "label")

    def get_service_number_source(self, call) -> str | None:
        return self._of(self.around.directory.service_number(call), "source")

    def get_agent_id(self, call) -> UUID | None:
        return self._of(self.around.directory.agent(call.account_id, call.agent_number), "pk")

    def get_agent_label(self, call) -> str | None:
        return self._of(self.around.directory.agent(call.account_id, call.agent_number), "name")

    def get_tags(self, call) -> list[str]:
        return self.around.tags.get(call.pk, [])

    def get_disposition(self, call) -> str | None:
        return self.around.dispositions.get(call.pk)

    def get_note_count(self, call) -> int:
        return self.around.note_counts.get(call.pk, 0)

    def _of(self, row, name: str):
        value = row and getattr(row, name)
        return str(value) if value else None


class CallDetailSerializer(CallSerializer):
    """A call with what hangs on it: in a list what `expand` names, of one call more by itself."""

    def get_fields(self):
        shape = self.context.get("shape")
        return super().get_fields() | {
            name: expansion.serializer(source=expansion.source, many=True, read_only=True)
            for name, expansion in CALL_EXPANSIONS.items()
            if shape is None or shape.shows(name)
        }
