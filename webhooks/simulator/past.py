"""Hands the webhooks of past days to the inbox, in this process, with their own times."""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from webhooks import inbox
from webhooks.deliveries import build
from webhooks.models import Delivery, Endpoint

from .freeclimb import FREECLIMB
from .story import Request

BATCH = 200  # deliveries in one transaction
TRIES = 10  # a running server may hold the database for a while
UNDER_WAY = timedelta(seconds=1)


def hand_in(
    bundles: Iterable[tuple[list[Request], int]],
    endpoints: dict[str, Endpoint],
    arrived: Callable[[int], None],
) -> int:
    """Store and process all; returns how many deliveries there were."""
    batch: list[Delivery] = []
    lives = total = 0
    for requests, ended in bundles:
        batch += [delivery(request, endpoints[request.provider]) for request in requests]
        lives += ended
        if len(batch) >= BATCH:
            _store(batch)
            total += len(batch)
            arrived(lives)
            batch, lives = [], 0
    if batch:
        _store(batch)
    arrived(lives)
    return total + len(batch)


def delivery(request: Request, endpoint: Endpoint) -> Delivery:
    """Unsaved, received a moment after its event."""
    return build(
        endpoint,
        method=request.method,
        body=request.body,
        query=request.query,
        content_type=request.content_type,
        headers=request.headers,
        signed_at=request.at if request.provider == FREECLIMB else None,
        received_at=request.at + UNDER_WAY,
    )


def _store(batch: list[Delivery]) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            inbox.store(batch)
            return
        except inbox.Unavailable:
            if attempt == TRIES:
                raise
            time.sleep(0.2 * attempt)
