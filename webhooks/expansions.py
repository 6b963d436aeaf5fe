"""What webhooks add to the calls that `/api/v1/` shows."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from calls.serializers import CALL_EXPANSIONS, MOST_SHOWN, Expansion

from .models import Delivery
from .serializers import DeliverySerializer

_DELIVERIES = "shown_deliveries"


def add_to_calls() -> None:
    CALL_EXPANSIONS["deliveries"] = Expansion(
        DeliverySerializer, _DELIVERIES, _load, usual=False, scope="deliveries:read"
    )


def _load(calls: Sequence) -> None:
    """The deliveries of each, oldest first; no relation leads to them."""
    number = Window(RowNumber(), partition_by=F("subject"), order_by=("received_at", "id"))
    deliveries = defaultdict(list)
    for delivery in (
        Delivery.objects.filter(subject__in=[call.pk for call in calls])
        .annotate(_number=number)
        .filter(_number__lte=MOST_SHOWN)
        .select_related("endpoint__account")
        .defer("body")
        .order_by("received_at", "id")
    ):
        deliveries[delivery.subject].append(delivery)
    for call in calls:
        setattr(call, _DELIVERIES, deliveries[call.pk])
