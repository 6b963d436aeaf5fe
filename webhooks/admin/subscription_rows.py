"""Subscriptions and their last messages as one person may see them."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Prefetch
from django.utils.timezone import now

from calls.desk.paging import capped_counts
from webhooks import subscriptions
from webhooks.models import Attempt, Message, Subscription

from .endpoints import ago
from .messages import BADGES, decorate_tries

State = Subscription.State

STATE_BADGES = {
    State.ACTIVE: ("badge--ok", "Active"),
    State.PAUSED: ("badge--warn", "Paused"),
    State.STOPPED: ("badge--bad", "Stopped"),
    State.DELETED: ("", "Deleted"),
}
QUEUED_COUNTED = 1_000
TRIES_SHOWN = 10  # of a message in a list
SINCE = {  # what can be delivered again at once
    "1h": ("hour", timedelta(hours=1)),
    "1d": ("24 hours", timedelta(days=1)),
    "3d": ("3 days", timedelta(days=3)),
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}


def decorate(rows: Sequence[Subscription], request) -> None:
    """Give each row its badge, its times in words, and its texts as this viewer may read them."""
    at, viewer = now(), request.viewer
    may_see_url = request.user.has_perm("webhooks.change_subscription")
    for one in rows:
        one.badge, one.state_words = STATE_BADGES[one.state]
        one.shown_name = viewer.text(one.name)
        one.shown_filter = viewer.text(one.filter)
        one.shown_reason = viewer.text(one.reason)
        # Its path or query may be all that protects the target.
        one.host = viewer.text(subscriptions.host_of(one.url))
        one.shown_url = viewer.text(one.url if may_see_url else subscriptions.host_of(one.url))
        one.success_words = ago(one.last_success_at, at)
        one.hint = subscriptions.hint(one.secret)
        one.former_hint = subscriptions.hint(one.former_secret)
        one.made_by = viewer.text(one.created_by)
        one.integration_name = viewer.text(one.integration.name) if one.integration else ""


def count_queued(rows: Sequence[Subscription]) -> None:
    """Give each row how many of its messages wait, as far as that is worth counting."""
    waiting = Message.objects.filter(state=Message.State.QUEUED).order_by()
    counts = capped_counts([waiting.filter(subscription=one) for one in rows], QUEUED_COUNTED)
    for one, count in zip(rows, counts, strict=True):
        one.queued = count


def last_messages(subscription: Subscription, most: int, viewer) -> list[Message]:
    """Newest first, each with its last tries."""
    tries = Attempt.objects.order_by("-at", "-id")[:TRIES_SHOWN]
    found = subscription.messages.order_by("-created_at", "-id").defer("body")
    rows = list(found.prefetch_related(Prefetch("tries", tries, "last_tries"))[:most])
    for row in rows:
        row.badge = BADGES.get(row.state, "")
        decorate_tries(row.last_tries, viewer)
    return rows
