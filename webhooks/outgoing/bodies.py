"""What a message says: the object as /api/v1 shows it in its list, without what `expand` adds, to
those whom it goes to."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from rest_framework.renderers import JSONRenderer

from calls.masking import value_without_numbers
from calls.models import Conference, Recording
from calls.serializers import CallSerializer, ConferenceSerializer, ListedRecordingSerializer
from calls.serializers.base import IDS, PARTIES
from calls.views import CallViewSet, ConferenceViewSet, RecordingViewSet
from webhooks.api import DeliveryViewSet
from webhooks.models import Delivery, Message, Subscription
from webhooks.payloads import without_addresses
from webhooks.serializers import DeliverySerializer

from .events import EVENTS


@dataclass(frozen=True, slots=True)
class Audience:
    """What may be read by those whom a message goes to."""

    sees_numbers: bool
    may_hear: bool


# Kind of the feed → the view that shows it, how.
_SHOWN = {
    "call": (CallViewSet, CallSerializer),
    "conference": (ConferenceViewSet, ConferenceSerializer),
    "recording": (RecordingViewSet, ListedRecordingSerializer),
    "delivery": (DeliveryViewSet, DeliverySerializer),
}


def audience_of(subscription: Subscription) -> Audience:
    """An integration is told no more than its keys may read by now. What people made without one
    is told all, whole numbers if it says so."""
    if subscription.integration is None:
        return Audience(subscription.full_numbers, may_hear=True)
    scopes = subscription.integration.scopes
    full = subscription.full_numbers and "numbers:full" in scopes
    return Audience(full, may_hear="recordings:read" in scopes)


class Objects:
    """The objects of some changes as they are now, each shown once to each audience."""

    def __init__(self, keys: Iterable[tuple[str, UUID]]):
        """`keys`: (kind, id). Kinds that nobody is told of are left out."""
        wanted: dict[str, set[UUID]] = {kind: set() for kind in _SHOWN}
        for kind, key in keys:
            if kind in wanted:
                wanted[kind].add(key)
        self._rows = {kind: _read(kind, ids) for kind, ids in wanted.items() if ids}
        self._shown: dict[tuple[str, Audience], dict[UUID, str]] = {}

    def get(self, kind: str, key: UUID) -> Any:
        """The row, or None where it has been erased since."""
        return self._rows.get(kind, {}).get(key)

    def shown(self, kind: str, key: UUID, audience: Audience) -> str:
        """JSON of a row that is there."""
        if (kind, audience) not in self._shown:
            rows = self._rows[kind]
            context = {"sees_numbers": audience.sees_numbers, "may_hear": audience.may_hear}
            # As a list, for what lies around its rows is read for all of them at once.
            shown = _SHOWN[kind][1](list(rows.values()), many=True, context=context).data
            render = JSONRenderer().render
            self._shown[kind, audience] = {
                key: render(each).decode() for key, each in zip(rows, shown, strict=True)
            }
        return self._shown[kind, audience][key]


def _read(kind: str, ids: set[UUID]) -> dict[UUID, Any]:
    view = _SHOWN[kind][0](action="list", request=None)
    return view.get_queryset().order_by().in_bulk(ids)


def subject_of(row: Any) -> UUID:
    """What a message is about: those about the same are sent one after the other."""
    if isinstance(row, Recording):
        return row.call_id or row.conference_id or row.id
    return row.endpoint_id if isinstance(row, Delivery) else row.id


def call_of(row: Any) -> UUID | None:
    """The call that a filter is asked about."""
    if isinstance(row, Recording):
        return row.call_id
    return None if isinstance(row, Conference | Delivery) else row.id


def body(event: str, at: datetime, data: str) -> str:
    """The shape of Standard Webhooks around an object in JSON."""
    head = {"type": event, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    return f'{json.dumps(head, separators=(",", ":"))[:-1]},"data":{data}}}'


def body_for(message: Message, subscription: Subscription) -> str | None:
    """What is sent of a message: no more than may be told by now, whatever could be told when it
    was made. None where nothing of it may."""
    event, integration = EVENTS.get(message.event), subscription.integration
    if event and integration and event.scope not in integration.scopes:
        return None
    return readable(message.body, audience_of(subscription))


def readable(text: str, audience: Audience) -> str:
    """A body without what is not theirs to read; the very text if all of it is."""
    if audience.sees_numbers and audience.may_hear:
        return text
    said = shown = json.loads(text)
    if not audience.may_hear:
        shown = _without_addresses(shown)
    if not audience.sees_numbers and not _is_masked(shown):
        shown = value_without_numbers(shown)
    return text if shown == said else json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _is_masked(body: dict) -> bool:
    """Was it made for who sees no numbers? Ids of digits, which a call shows to them too, would
    not stay if it were masked once more."""
    data = body.get("data")
    if not data or not data.keys() & {*PARTIES}:
        return False
    ids = {name: data[name] for name in IDS & data.keys()}
    return value_without_numbers(data) | ids == data


def _without_addresses(value: Any) -> Any:
    """The same of what JSON holds."""
    if isinstance(value, dict):
        return {name: _without_addresses(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_addresses(one) for one in value]
    return without_addresses(value) if isinstance(value, str) else value
