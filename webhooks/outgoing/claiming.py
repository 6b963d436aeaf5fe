"""Which messages are sent next, and by whom.

A message is held by moving its `due_at` to the end of a lease, in an UPDATE that finds it still
due: of two workers one gets it, and what a killed worker held becomes due by itself. Of the
messages about one subject only the earliest that is queued may be sent.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import now

from calls.models import ChangeSet
from webhooks.models import Attempt, DispatchTurn, Message, Subscription

from .bodies import body_for
from .dispatch import TURN
from .events import TEST
from .pace import PATIENCE
from .trying import Claim

State = Subscription.State
CHOICES = 3  # while other workers take what was chosen


@dataclass(frozen=True, slots=True)
class Waiting:
    """What there is to do."""

    changes: bool = True
    messages: bool = True
    tests: bool = True

    def __bool__(self) -> bool:
        return self.changes or self.messages or self.tests


def waiting() -> Waiting:
    """Asked each second by idle workers: one query, a few looks into indexes."""
    at = now()
    found = DispatchTurn.objects.filter(pk=TURN).values_list(
        Exists(ChangeSet.objects.filter(position=None)),
        Exists(ChangeSet.objects.filter(position__gt=OuterRef("position"))),
        Exists(_open(at)),
        Exists(_tests(at)),
    )
    row = found.first()
    return Waiting(row[0] or row[1], *row[2:]) if row else Waiting()


def claim(
    worker: str, slots: int, busy: Counter[UUID], width: int, lease: timedelta
) -> list[Claim]:
    """At most so many messages, held by this worker for so long. `busy`: how many of each
    subscription it is sending already; `width`: how many of one it may send at once."""
    for _ in range(CHOICES):
        at = now()
        keys, targets = _choose(slots, busy, width, at, at + lease)
        held = _hold(worker, keys, targets, at, at + lease)
        if held or not keys:
            break
    return held


def _choose(
    slots: int, busy: Counter[UUID], width: int, at: datetime, until: datetime
) -> tuple[list[UUID], dict[UUID, Subscription]]:
    keys: list[UUID] = []
    targets = {subscription.pk: subscription for subscription in _open(at)}
    # No target is served before the others each time.
    for subscription in random.sample(list(targets.values()), len(targets)):
        most = min(_width(subscription, width) - busy[subscription.pk], slots - len(keys))
        if most <= 0:
            continue
        found = list(first_of_each(subscription, at).values_list("pk", flat=True)[:most])
        if found and _may_try(subscription, until):
            keys += found
    return keys, targets


def claim_tests(worker: str, slots: int, lease: timedelta) -> list[Claim]:
    """The same of messages that are tests."""
    at = now()
    tests = _tests(at).order_by("due_at").select_related("subscription__integration")[:slots]
    targets = {test.subscription_id: test.subscription for test in tests}
    return _hold(worker, [test.pk for test in tests], targets, at, at + lease)


def first_of_each(subscription: Subscription, at: datetime) -> QuerySet:
    """Its messages that are due, but for those that come after another about the same subject."""
    queued = Message.objects.filter(subscription=subscription.pk, state=Message.State.QUEUED)
    earlier = queued.filter(subject=OuterRef("subject"), number__lt=OuterRef("number"))
    due = queued.filter(due_at__lte=at).exclude(event=TEST)
    return due.filter(~Exists(earlier)).order_by("due_at")


def _open(at: datetime) -> QuerySet:
    """Subscriptions that may be sent to now and have something due."""
    may = Q(pause_until=None) | Q(pause_until__lte=at)
    due = Message.objects.filter(
        subscription=OuterRef("pk"), state=Message.State.QUEUED, due_at__lte=at
    )
    found = Subscription.objects.filter(may, Exists(due), state=State.ACTIVE)
    return found.exclude(integration__active=False).select_related("integration")


def _tests(at: datetime) -> QuerySet:
    """Tests go to targets that nothing else goes to, too, but to none of who was switched off."""
    due = Message.objects.filter(state=Message.State.QUEUED, event=TEST, due_at__lte=at)
    off = Q(subscription__integration__active=False)
    return due.exclude(off | Q(subscription__state=State.DELETED))


def _width(subscription: Subscription, width: int) -> int:
    """How many requests a target gets at once: half as many with each failure in a row."""
    return max(width >> subscription.failures, 1)


def _may_try(subscription: Subscription, until: datetime) -> bool:
    """A target that fails is probed by one worker with one message; the others wait for what comes
    of it, or for the end of the lease of a worker that was killed over it."""
    if subscription.failures < PATIENCE:
        return True
    same = Subscription.objects.filter(
        pk=subscription.pk,
        state=State.ACTIVE,
        failures=subscription.failures,
        pause_until=subscription.pause_until,
    )
    return bool(same.update(pause_until=until))


def _hold(
    worker: str,
    keys: Sequence[UUID],
    targets: Mapping[UUID, Subscription],
    at: datetime,
    until: datetime,
) -> list[Claim]:
    if not keys:
        return []
    with transaction.atomic():
        # In the order of their keys: two who want the same do not wait for each other in a circle.
        rows = list(
            Message.objects.filter(pk__in=keys, state=Message.State.QUEUED, due_at__lte=at)
            .order_by("pk")
            .select_for_update(no_key=True)
        )
        bodies = {row.pk: body_for(row, targets[row.subscription_id]) for row in rows}
        _give_up([row for row in rows if bodies[row.pk] is None], at)
        rows = [row for row in rows if bodies[row.pk] is not None]
        Message.objects.filter(pk__in=[row.pk for row in rows]).update(
            worker=worker, lease_until=until, due_at=until
        )
    return [_claimed(row, targets[row.subscription_id], bodies[row.pk]) for row in rows]


def _give_up(rows: Sequence[Message], at: datetime) -> None:
    """Messages of which nothing may be told any more; says so where their tries are read."""
    if not rows:
        return
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Message.State.FAILED, finished_at=at, worker="", lease_until=None
    )
    why = "not sent: the integration may no longer read this"
    Attempt.objects.bulk_create(
        Attempt(message=row, at=at, seconds=0, status=None, error=why) for row in rows
    )


def _claimed(message: Message, target: Subscription, body: str) -> Claim:
    secrets = [target.secret, target.former_secret]
    return Claim(message.pk, target.pk, target.url, [text for text in secrets if text], body)
