"""By hand: sent again, resumed, tried out."""

import json
import time
from uuid import uuid4

from django.db import transaction
from django.utils.timezone import now

from webhooks.models import Message, Subscription

from .bodies import body
from .events import TEST


def redeliver(message: Message) -> Message:
    """Queue it again with the same id and body, and all its tries before it. Later messages about
    the same subject that are still queued wait for it. Raises ValueError, in words for people."""
    finished = Message.objects.filter(pk=message.pk).exclude(state=Message.State.QUEUED)
    if not finished.update(
        state=Message.State.QUEUED, attempts=0, due_at=now(), finished_at=None, worker=""
    ):
        raise ValueError("This message is queued already.")
    message.refresh_from_db()
    return message


@transaction.atomic
def resume(subscription: Subscription) -> None:
    """Send to it from now on, and first what was kept meanwhile; its failures count anew. Raises
    ValueError, in words for people."""
    known = Subscription.objects.filter(pk=subscription.pk)
    if not known.exclude(state=Subscription.State.DELETED).update(
        state=Subscription.State.ACTIVE,
        reason="",
        failures=0,
        failing_since=None,
        pause_until=None,
    ):
        raise ValueError("This subscription was deleted.")
    queued = Message.objects.filter(subscription=subscription.pk, state=Message.State.QUEUED)
    queued.filter(lease_until=None, due_at__gt=now()).update(due_at=now())
    subscription.refresh_from_db()


def send_test(subscription: Subscription) -> Message:
    """Queue a message of the type `test`. It is tried once, also where the subscription is paused
    or stopped, and says nothing of how its events fare. Raises ValueError, in words for people."""
    if subscription.state == Subscription.State.DELETED:
        raise ValueError("This subscription was deleted.")
    data = {"subscription": str(subscription.pk), "text": "If you can verify this, all is well."}
    return Message.objects.create(
        id=uuid4(),
        subscription=subscription,
        event=TEST,
        subject=subscription.pk,
        number=time.time_ns() // 1_000,
        body=body(TEST, now(), json.dumps(data, separators=(",", ":"))),
    )
