"""Why a value is what it is: which delivery said it, when, and how strongly.

What was said lies with `webhooks`, which calls do not know. It offers itself here, once, when its
admin is loaded; without it pages still tell what the rows know.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from calls.choices import Strength
from calls.facts import EPOCH
from calls.models import Call, Leg
from calls.models.base import MergedModel
from calls.tables import TABLES


@dataclass(frozen=True, slots=True)
class Heard:
    """A delivery, as a page shows it."""

    pk: UUID
    at: datetime
    kind: str
    state: str
    badge: str
    reason: str
    about: str  # what else than this it is about; "" for this
    payload: str
    cut: bool  # the payload is longer than that
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """One delivery's word about one field."""

    value: Any  # columns of the field, in their order
    strength: str
    as_of: datetime
    received_at: datetime | None
    kind: str
    url: str
    stands: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    permission: str
    # (request, row, ids of what else its deliveries may be about → how that is called, most)
    heard: Callable[[Any, MergedModel, dict[UUID, str], int], tuple[list[Heard], bool]]
    # (row) → field → what was said of it, the winner first; and whether that is all there is
    sayings: Callable[[MergedModel], tuple[dict[str, list[Said]], bool]]
    # (row) → address of the list of its deliveries
    all_heard: Callable[[MergedModel], str]


_inboxes: list[Inbox] = []


def offer(inbox: Inbox) -> None:
    """Called once, by the app that keeps the deliveries."""
    _inboxes[:] = [inbox]


def inbox_for(user) -> Inbox | None:
    """What this person may look into."""
    return next((one for one in _inboxes if user.has_perm(one.permission)), None)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a column holds what it holds: a claim, or a sentence where it was not said but made."""

    sentence: str = ""
    field: str = ""
    strength: str = ""
    as_of: datetime | None = None
    delivery: UUID | None = None


_HISTORY = "Kept by the ledger: how the row itself was written."
_COMPUTED = "Computed from what names it: the same thing has the same id everywhere."
MADE: dict[type, dict[str, str]] = {
    Call: {
        "account": "The account of the endpoint through which it was heard of.",
        "provider_call_id": "Names the call: every delivery about it says it.",
        "parent": "Found by the provider's id of the parent.",
        "is_root": "It has no parent, or its parents form a loop.",
        "missed": "Inbound, over, not answered.",
        "customer_number": "Follows from the direction and from who called whom.",
        "service_number": "Follows from the direction and from who called whom.",
        "customer_digits": "The customer's digits, last first, to be found by.",
        "agent_number": "Worked out from the legs.",
        "agent_name": "Worked out from the legs.",
        "agent_answered": "Worked out from the legs.",
        "begun_at": "Its start; while that is unknown, when we first heard of it.",
        "waited_seconds": "From the start to the answer, or to the end if nobody answered.",
        "flagged": "There are flags.",
        "flags": "Noticed while the deliveries were merged.",
    },
    Leg: {
        "call": "Names the leg.",
        "side": "Names the leg.",
        "connected_call": "Names the leg.",
    },
}
_EVERYWHERE = {
    "id": _COMPUTED,
    "revision": _HISTORY,
    "updated_at": _HISTORY,
    "claims": "What this page reads.",
    "flags": "Noticed while the deliveries were merged.",
    "account": "The account of the endpoint through which it was heard of.",
}
NOT_SAID = "Nobody said anything about it."


def table_of(row):
    return next(table for table in TABLES.values() if table.model is type(row))


def reasons(row: MergedModel) -> dict[str, Reason]:
    """column → why. Claims that cannot be read give none."""
    found = {
        column: Reason(sentence)
        for column, sentence in (_EVERYWHERE | MADE.get(type(row), {})).items()
    }
    columns = table_of(row).columns
    for name, place in _mapping(row.claims, "f").items():
        claim = _read(row.claims, place)
        if claim is None:
            continue
        for column in columns.get(name, ()):
            # A column may have been made from another field's word all the same: the claim counts.
            found[column] = Reason("", name, *claim)
            found[column.removesuffix("_id")] = found[column]
    return found


def claimed(row: MergedModel) -> set[UUID]:
    """The deliveries that vouch for its values."""
    found = [_read(row.claims, place) for place in set(_mapping(row.claims, "f").values())]
    return {claim[-1] for claim in found if claim}


def _mapping(claims, key):
    found = claims.get(key) if isinstance(claims, dict) else None
    return found if isinstance(found, dict) else {}


def _read(claims, place):
    try:
        strength, time, *_, delivery = claims["c"][place]
        return Strength(strength).label, moment(time), UUID(hex=delivery)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)
