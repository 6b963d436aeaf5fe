"""What came of the tries: written in one transaction for all that have come back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from webhooks.models import Attempt, Message, Subscription

from .events import TEST
from .pace import PATIENCE, Pace, is_dead
from .trying import GONE, Result

State = Message.State
BUSY = (429, 503)  # with Retry-After they speak of the target, not of one message
SEEN_EVERY = timedelta(seconds=10)  # how exactly it is kept when a target was last well
_FARES = ["state", "reason", "failures", "failing_since", "pause_until", "last_success_at"]


def settle(worker: str, results: Sequence[Result], pace: Pace) -> None:
    """Write the tries, and what becomes of their messages and targets. Twice is not worse than
    once, but for the log of tries."""
    if not results:
        return
    with transaction.atomic():
        targets = _locked(Subscription, {each.claim.subscription for each in results})
        messages = _locked(Message, {each.claim.message for each in results})
        # A subscription that was deleted meanwhile takes its messages along.
        known = [each for each in results if each.claim.message in messages]
        _log(known)
        settling = _Settling(worker, pace, now())
        for each in known:
            message = messages[each.claim.message]
            settling.message(message, each)
            if message.event != TEST:  # it says nothing of how events fare
                settling.target(targets[each.claim.subscription], each)
        settling.write(targets.values())


def _locked(model: type, keys: Iterable[UUID]) -> dict:
    rows = model.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in (rows.defer("body") if model is Message else rows)}


def _log(results: Iterable[Result]) -> None:
    Attempt.objects.bulk_create(
        Attempt(
            message_id=each.claim.message,
            at=each.at,
            seconds=round(each.seconds, 3),
            status=each.status,
            error=each.error,
            answer=each.answer,
        )
        for each in results
    )


@dataclass(slots=True)
class _Settling:
    worker: str
    pace: Pace
    at: datetime
    delivered: list[UUID] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)  # targets
    recovered: set[UUID] = field(default_factory=set)

    def message(self, message: Message, result: Result) -> None:
        if message.worker != self.worker or message.state != State.QUEUED:
            return  # its lease ended and another took it over: that one says what becomes of it
        tries = message.attempts + 1
        if result.delivered and not message.attempts:
            self.delivered.append(message.pk)  # like most: all in one UPDATE
            return
        pause = self.pace.before_next(tries, result.retry_after)
        if result.delivered or pause is None or message.event == TEST:
            state = State.DELIVERED if result.delivered else State.FAILED
            _let_go(message, state=state, attempts=tries, finished_at=self.at)
            _followers(message).filter(due_at__gt=self.at).update(due_at=self.at)
        else:
            due_at = self.at + timedelta(seconds=pause)
            _let_go(message, attempts=tries, due_at=due_at)
            # They are not looked at in vain while they wait for this one.
            _followers(message).filter(due_at__lt=due_at).update(due_at=due_at)

    def target(self, target: Subscription, result: Result) -> None:
        if result.delivered:
            if target.failures >= PATIENCE:
                self.recovered.add(target.pk)
            last = target.last_success_at
            if target.failures or target.pause_until or not last or self.at - last >= SEEN_EVERY:
                self.changed.add(target.pk)
                target.failures, target.failing_since, target.pause_until = 0, None, None
                target.last_success_at = self.at
            return
        self.changed.add(target.pk)
        target.failures += 1
        target.failing_since = target.failing_since or result.at
        pause = self.pace.pause(target.failures)
        if result.status in BUSY:
            pause = max(pause, result.retry_after)
        target.pause_until = self.at + timedelta(seconds=pause) if pause else None
        self._stop_if_dead(target, result)

    def _stop_if_dead(self, target: Subscription, result: Result) -> None:
        if target.state != Subscription.State.ACTIVE:
            return
        if result.status == GONE:
            target.reason = "The target answered 410 Gone: it wants to hear no more."
        elif is_dead(target.failures, target.failing_since, self.at):
            target.reason = (
                f"{target.failures:,} tries failed since {target.failing_since:%Y-%m-%d %H:%M} UTC"
                f" and none succeeded; the last one: {result.error}."
            )
        else:
            return
        target.state = Subscription.State.STOPPED

    def write(self, targets: Iterable[Subscription]) -> None:
        if self.delivered:
            Message.objects.filter(pk__in=self.delivered).update(
                state=State.DELIVERED,
                attempts=F("attempts") + 1,
                finished_at=self.at,
                worker="",
                lease_until=None,
            )
        for target in targets:
            if target.pk in self.changed:
                target.save(update_fields=_FARES)
            if target.pk in self.recovered:
                # What waits after failures of its own need not wait: the target is well again.
                queued = Message.objects.filter(subscription=target, state=State.QUEUED)
                waits = queued.filter(due_at__gt=self.at, lease_until=None)
                waits.update(due_at=self.at)


def _let_go(message: Message, **changes) -> None:
    Message.objects.filter(pk=message.pk).update(worker="", lease_until=None, **changes)


def _followers(message: Message):
    return Message.objects.filter(
        subscription=message.subscription_id,
        subject=message.subject,
        state=State.QUEUED,
        number__gt=message.number,
    )
