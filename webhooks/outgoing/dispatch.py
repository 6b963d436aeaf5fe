"""From changes to messages: in the order of the feed, by one worker at a time, each change once.

Active, paused and stopped subscriptions collect; those deleted and those of an integration that
was switched off do not. A message is written in the same transaction that notes how far the feed
was read, so none is lost or made twice, whatever gets killed.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.http import QueryDict

from calls.feed import positions
from calls.filtersets import CallFilterSet
from calls.models import Call, ChangeSet
from webhooks.models import DispatchTurn, Message, Subscription

from .bodies import Audience, Objects, audience_of, body, call_of, subject_of
from .events import EVENTS, events_of

logger = logging.getLogger(__name__)

TURN = UUID("a4b8f0f5-9d2b-5f1e-8a60-2f7b6c1d9e35")
MOST_SETS = 200  # in one transaction
MOST_ENTRIES = 1_000  # likewise, unless one set alone has more
_PLACES = 20  # bits of a message's number for its place within a set of changes
_EVENTS = 3  # of these for the events of one entry


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as the feed tells it, before anybody is told."""

    changes: ChangeSet
    place: int  # of the entry in the set
    kind: str
    key: UUID
    nth: int  # of the events of this entry
    event: str

    @property
    def number(self) -> int:
        return self.changes.position << _PLACES | self.place << _EVENTS | self.nth


def dispatch() -> bool:
    """Turn the next changes into messages; False when there were none."""
    positions.give_positions()
    with transaction.atomic():
        turn = _held()
        subscriptions = list(_told())
        if not subscriptions:
            return _pass_over(turn)
        sets = _next(turn.position)
        if not sets:
            return False
        if (gone := positions.forgotten()) > turn.position:
            logger.error("Changes from %d to %d were forgotten untold", turn.position, gone)
        Message.objects.bulk_create(
            messages(sets, subscriptions), ignore_conflicts=True, batch_size=500
        )
        DispatchTurn.objects.filter(pk=TURN).update(position=sets[-1].position)
    return True


def _pass_over(turn: DispatchTurn) -> bool:
    """Nobody is to be told: nothing is read."""
    newest = ChangeSet.objects.filter(position__gt=turn.position).order_by("-position")
    position = newest.values_list("position", flat=True).first()
    if position is not None:
        DispatchTurn.objects.filter(pk=TURN).update(position=position)
    return False


def _held() -> DispatchTurn:
    """The turn's row, for us alone until the transaction ends. SQLite has one writer anyway."""
    DispatchTurn.objects.bulk_create([DispatchTurn(pk=TURN)], ignore_conflicts=True)
    return DispatchTurn.objects.select_for_update().get(pk=TURN)


def _next(position: int) -> list[ChangeSet]:
    found = ChangeSet.objects.filter(position__gt=position).order_by("position")[:MOST_SETS]
    taken, entries = [], 0
    for changes in found:
        entries += len(changes.changes)
        if taken and entries > MOST_ENTRIES:
            break
        taken.append(changes)
    return taken


def _told() -> Iterable[Subscription]:
    live = Q(integration=None) | Q(integration__active=True)
    found = Subscription.objects.filter(live).exclude(state=Subscription.State.DELETED)
    return found.select_related("integration").order_by("pk")


def messages(sets: Sequence[ChangeSet], subscriptions: Sequence[Subscription]) -> list[Message]:
    """What these subscriptions are to be told of these changes."""
    wanted = {event for subscription in subscriptions for event in subscription.events}
    happened = [each for each in _happenings(sets) if each.event in wanted]
    objects = Objects((each.kind, each.key) for each in happened)
    # What has been erased since has nothing to show.
    rows = [(each, row) for each in happened if (row := objects.get(each.kind, each.key))]
    made = []
    for subscription in subscriptions:
        audience, events = audience_of(subscription), _events(subscription)
        mine = [(each, row) for each, row in rows if each.event in events]
        if subscription.filter:
            calls = {call_of(row) for _, row in mine} - {None}
            calls = _found(subscription.filter, calls, audience)
            mine = [(each, row) for each, row in mine if call_of(row) in calls]
        for each, row in mine:
            data = objects.shown(each.kind, each.key, audience)
            made.append(
                Message(
                    id=message_key(subscription.id, each),
                    subscription_id=subscription.id,
                    event=each.event,
                    subject=subject_of(row),
                    number=each.number,
                    body=body(each.event, each.changes.at, data),
                )
            )
    return made


def message_key(subscription: UUID, happening: Happening) -> UUID:
    """Telling again gives the same id."""
    name = f"{happening.changes.pk}:{happening.place}:{happening.event}"
    return uuid5(subscription, name)


def _happenings(sets: Iterable[ChangeSet]) -> Iterable[Happening]:
    for changes in sets:
        for place, (kind, key, _, words) in enumerate(changes.changes):
            for nth, event in enumerate(events_of(kind, words)):
                yield Happening(changes, place, kind, UUID(key), nth, event)


def _events(subscription: Subscription) -> set[str]:
    """What it subscribed to, but for what its integration may no longer read."""
    named = {event for event in subscription.events if event in EVENTS}
    if subscription.integration is None:
        return named
    return {event for event in named if EVENTS[event].scope in subscription.integration.scopes}


def _found(query: str, calls: set[UUID], audience: Audience) -> set[UUID]:
    """Those of these calls that a filter finds. A filter that is no longer understood finds all:
    told too much is better than never told."""
    if not calls:
        return set()
    among = Call.objects.filter(pk__in=calls)
    given = QueryDict(query.removeprefix("?"))
    filterset = CallFilterSet(given, among, sees_numbers=audience.sees_numbers)
    if not filterset.is_valid():
        logger.error("The filter %r is not understood: %s", query, filterset.errors.as_json())
        return calls
    return set(filterset.qs.order_by().values_list("pk", flat=True))
