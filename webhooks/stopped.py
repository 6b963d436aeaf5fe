"""Subscriptions that were stopped because their target is dead, for whoever can do something."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from .models import Subscription

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Stopped:
    name: str
    url: str  # of its page
    reason: str
    failing_since: datetime | None


def stopped(request) -> list[Stopped]:
    """The first few; none for whom they are no business."""
    if not request.user.has_perm("webhooks.view_subscription"):
        return []
    found = Subscription.objects.filter(state=Subscription.State.STOPPED).order_by("name", "id")
    return [
        Stopped(
            name=request.viewer.text(one.name),
            url=reverse("admin:webhooks_subscription_change", args=[one.pk]),
            reason=request.viewer.text(one.reason),
            failing_since=one.failing_since,
        )
        for one in found.only("name", "reason", "failing_since")[:SHOWN]
    ]
