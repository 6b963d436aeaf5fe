from calls.serializers import AccountReferenceSerializer, ReadSerializer, plain

from .models import Delivery
from .payloads import without_addresses


class DeliverySerializer(ReadSerializer):
    """A delivery without its body, which has an address of its own."""

    account = AccountReferenceSerializer(source="endpoint.account", read_only=True)

    class Meta:
        model = Delivery
        fields = read_only_fields = [
            "id",
            "endpoint",
            "account",
            *plain(Delivery, "id", "endpoint", "body"),
        ]

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        if not self.context.get("may_hear"):
            for name in ("query", "reason"):
                if shown.get(name):
                    shown[name] = without_addresses(shown[name])
        return shown
