"""Subscriptions as people and integrations manage them: made, changed, paused, rotated, deleted.

How a target fares (failures, stopped and why) is written by `webhooks/outgoing/`. Each UPDATE here
names its columns, so that neither undoes the other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import QueryDict

from calls.filtersets import CallFilterSet, WordFilter
from calls.models import Call, Integration
from calltrack.jobs import Progress, enqueue

from .models import Attempt, Message, Subscription
from .outgoing import again
from .outgoing.events import EVENTS
from .outgoing.signing import new_secret

State = Subscription.State

MOST = 100  # of one integration, or of people: each is asked about every event
FORGET = "forget_subscription"
REDELIVER = "redeliver"
STEP = 200  # messages between two notes of where a job is
MOST_COUNTED = 100_000


class Refused(ValueError):
    """What was asked for cannot be, in words for people."""


def known() -> QuerySet:
    """All but those that wait to be forgotten."""
    return Subscription.objects.exclude(state=State.DELETED)


def filter_faults(text: str, *, sees_numbers: bool) -> list[str]:
    """What is wrong with a filter, each sentence with the parameter's name. `sees_numbers`: is the
    subscription told full numbers? What it is not told it may not search for by parts."""
    query = QueryDict(text.removeprefix("?"))
    filterset = CallFilterSet(query, Call.objects.none(), sees_numbers=sees_numbers)
    faults = []
    for name, values in query.lists():
        kind = filterset.filters.get(name)
        if kind is None:
            faults.append(f"{name}: calls have no such filter.")
        elif len(values) > 1 and not isinstance(kind, WordFilter):
            faults.append(f"{name}: given more than once.")
        elif "" in values:
            faults.append(f"{name}: has no value.")
    if not filterset.is_valid():
        for name, errors in filterset.errors.items():
            faults += [f"{name}: {error}" for error in errors]
    if text and not query:
        faults.append("This is no query: write it as missed=true&direction=inbound.")
    return faults


def ordered(events: Iterable[str]) -> list[str]:
    """Event types once each, in the order of the table."""
    return [name for name in EVENTS if name in set(events)]


def create(
    *, integration: Integration | None, created_by: str, key: UUID | None = None, **values
) -> Subscription:
    """A subscription with a new secret; the values are checked already. `key` is given by who must
    not make two by asking twice. Raises Refused."""
    if key and Subscription.objects.filter(pk=key).exists():
        raise Refused("This subscription was made already.")
    if known().filter(integration=integration).values("pk")[:MOST].count() >= MOST:
        raise Refused(f"There are {MOST} subscriptions already: delete one first.")
    values["events"] = ordered(values["events"])
    return Subscription.objects.create(
        id=key or uuid4(),
        secret=new_secret(),
        integration=integration,
        created_by=created_by[:150],
        **values,
    )


def change(subscription: Subscription, **values) -> list[str]:
    """Change what is checked already; the names of what differs now. `state` is never stopped."""
    state = values.pop("state", subscription.state)
    if "events" in values:
        values["events"] = ordered(values["events"])
    changed = [name for name, value in values.items() if getattr(subscription, name) != value]
    if changed:
        _update(subscription, **{name: values[name] for name in changed})
    if state != subscription.state:
        (resume if state == State.ACTIVE else pause)(subscription)
        changed.append("state")
    return changed


def pause(subscription: Subscription) -> None:
    """Nothing is sent until it is resumed; what it would be told is kept for then."""
    _update(subscription, state=State.PAUSED, reason="")


def resume(subscription: Subscription) -> None:
    """Also one that was stopped: its failures are counted anew."""
    again.resume(subscription)
    subscription.refresh_from_db()


def redeliver(message: Message) -> Message:
    """Raises Refused."""
    try:
        return again.redeliver(message)
    except ValueError as error:
        raise Refused(str(error)) from None


def send_test(subscription: Subscription) -> Message:
    """Raises Refused."""
    try:
        return again.send_test(subscription)
    except ValueError as error:
        raise Refused(str(error)) from None


def rotate_secret(subscription: Subscription, *, after: str | None = None) -> str:
    """A new secret, told only here; the one before signs beside it until it is dropped. `after` is
    the end of the secret that the asker knows of: asked twice by mistake, it makes one. Raises
    Refused."""
    if subscription.former_secret:
        raise Refused("The former secret still signs: drop it first.")
    if after is not None and after != hint(subscription.secret):
        raise Refused("There is a newer secret already.")
    secret = new_secret()
    same = Subscription.objects.filter(
        pk=subscription.pk, secret=subscription.secret, former_secret=""
    )
    if not same.update(secret=secret, former_secret=F("secret")):
        raise Refused("There is a newer secret already.")
    subscription.former_secret, subscription.secret = subscription.secret, secret
    return secret


def drop_former_secret(subscription: Subscription) -> None:
    """Raises Refused."""
    if not subscription.former_secret:
        raise Refused("There is no former secret.")
    same = Subscription.objects.filter(pk=subscription.pk, former_secret=subscription.former_secret)
    same.update(former_secret="")
    subscription.former_secret = ""


@transaction.atomic
def delete(subscription: Subscription) -> None:
    """It is gone for everybody at once; its messages, which may be many, go as a job."""
    _update(subscription, state=State.DELETED)
    enqueue(FORGET, {"subscription": str(subscription.pk)})


def forget(progress: Progress, *, subscription: str) -> None:
    """The job that deletes a subscription with its messages."""
    key = UUID(subscription)
    messages = Message.objects.filter(subscription=key)
    while ids := list(messages.order_by().values_list("pk", flat=True)[:STEP]):
        with transaction.atomic():
            Attempt.objects.filter(message__in=ids).delete()
            Message.objects.filter(pk__in=ids).delete()
            progress.save(done=progress.done + len(ids))
    Subscription.objects.filter(pk=key, state=State.DELETED).delete()
    progress.finish(f"A subscription and {progress.done:,} messages deleted.")


def start_redelivery(subscription: Subscription, since: datetime, until: datetime, created_by: str):
    """The job that delivers again what was given up of the messages made in that time."""
    given = {
        "subscription": str(subscription.pk),
        "since": since.isoformat(),
        "until": until.isoformat(),
    }
    return enqueue(REDELIVER, given, created_by=created_by)


def redeliver_failed(progress: Progress, *, subscription: str, since: str, until: str) -> None:
    """The job. By key, newest first; a step done twice finds what it queued no longer failed."""
    failed = Message.objects.filter(
        subscription=UUID(subscription),
        state=Message.State.FAILED,
        created_at__gte=datetime.fromisoformat(since),
        created_at__lt=datetime.fromisoformat(until),
    )
    if not progress.position:
        count = failed.order_by().values("pk")[:MOST_COUNTED].count()
        progress.save(done=0, total=count if count < MOST_COUNTED else None, position={"begun": 1})
    while step := list(failed.order_by("-created_at", "-id")[:STEP]):
        with transaction.atomic():
            queued = sum(_queued(message) for message in step)
            progress.save(done=progress.done + queued)
    progress.finish(f"{progress.done:,} messages are delivered again.")


def _queued(message: Message) -> bool:
    """False: somebody else did it meanwhile, or it is gone."""
    try:
        redeliver(message)
    except (Refused, Message.DoesNotExist):
        return False
    return True


def hint(secret: str) -> str:
    """The end of a secret, to know it by."""
    return secret[-4:]


def host_of(url: str) -> str:
    """What of a URL may be told to whoever must not have the secrets in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…" if parts.path.strip("/") or parts.query else url


def _update(subscription: Subscription, **values: Mapping) -> None:
    Subscription.objects.filter(pk=subscription.pk).exclude(state=State.DELETED).update(**values)
    for name, value in values.items():
        setattr(subscription, name, value)
