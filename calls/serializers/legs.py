"""Legs: parties' connections."""

from calls.models import Leg

from .base import (
    AccountReferenceSerializer,
    MergedSerializer,
    plain,
    provider_id,
    provider_of,
)


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
