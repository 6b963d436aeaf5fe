"""Whole call lives of both providers, as deliveries that were never sent."""

from datetime import UTC, datetime, timedelta

from calls.content import content
from calls.models import Call, Conference, Leg, Participant, Recording
from webhooks.deliveries import build
from webhooks.models import Delivery
from webhooks.simulator.plan import Plan

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
TABLES = (Call, Leg, Conference, Participant, Recording)


class Lives:
    """`endpoints`: provider → endpoint. The same seed tells the same lives."""

    def __init__(self, endpoints, seed="order", account_id="AC" + "0" * 40):
        self.endpoints = endpoints
        self.plan = Plan(seed, list(endpoints), account_id)

    def requests(self, number):
        return self.plan.life(number, NOON).requests

    def delivery(self, request):
        """Fresh each time: processing writes on it."""
        return build(
            self.endpoints[request.provider],
            method=request.method,
            body=request.body,
            query=request.query,
            content_type=request.content_type,
            headers=request.headers,
            signed_at=request.at if request.provider == "freeclimb" else None,
            received_at=request.at + timedelta(seconds=1),
        )


def everything():
    """The content of all tables about calls: model → id → columns."""
    return {model: {row.pk: content(row) for row in model.objects.all()} for model in TABLES}


def wipe():
    for model in (*reversed(TABLES), Delivery):
        model.objects.all().delete()
