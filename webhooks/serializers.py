from calls.serializers import AccountReferenceSerializer, ReadSerializer, plain

from .models import Delivery


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
