"""What each delivery says about a row, read from its bytes again: who else spoke, and what lost."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from calls.choices import Strength
from calls.desk.provenance import Said, claimed, moment, table_of
from calls.merge import Entry, strongest
from calls.merge import said as saying_of
from calls.models import Call, Conference, Leg, Participant, Recording
from calls.models.base import MergedModel
from calls.tables import load

from .deliveries import context
from .models import Delivery
from .providers import PROVIDERS
from .providers.base import Unreadable

MOST_READ = 200  # deliveries for one answer


def subjects(row: MergedModel) -> set[UUID]:
    """What a delivery that speaks of this row is about."""
    if isinstance(row, Call):
        return {row.pk, *filter(None, [row.parent_id])} | set(
            row.participations.values_list("conference_id", flat=True)[:MOST_READ]
        )
    if isinstance(row, Leg):
        return {row.call_id, row.connected_call_id}
    if isinstance(row, Participant):
        return {row.conference_id, row.call_id}
    if isinstance(row, Recording):
        return {one for one in (row.call_id, row.conference_id) if one}
    return {row.pk}


def deliveries(about: Iterable[UUID], vouching: Iterable[UUID], most: int) -> list[Delivery]:
    """Those about these things and those that vouch, newest first."""
    found = Delivery.objects.select_related("endpoint__account")
    found = found.filter(Q(subject__in=about) | Q(pk__in=vouching))
    return list(found.order_by("-received_at", "-id")[:most])


def sayings(row: MergedModel, link) -> tuple[dict[str, list[Said]], bool]:
    """field → what was said of it, what stands first; and whether all deliveries were read.
    `link` gives a delivery's address."""
    read = deliveries(subjects(row), claimed(row), MOST_READ + 1)
    complete = len(read) <= MOST_READ
    table = table_of(row)
    entries: dict[str, list[tuple[Entry, Delivery]]] = {}
    for delivery in read[:MOST_READ]:
        for name, entry in _entries(table, row, delivery):
            said = entries.setdefault(name, [])
            if (entry, delivery) not in said:  # two facts of one delivery may say the same
                said.append((entry, delivery))
    standing = load(table, row, frozenset()).entries
    found = {}
    for name, said in entries.items():
        rule = table.rules.get(name, strongest)
        said.sort(key=lambda pair, rule=rule: rule(pair[0].value, pair[0].claim), reverse=True)
        found[name] = _told(standing.get(name), said, link, table, name)
    return found, complete


def _entries(table, row, delivery):
    try:
        facts = PROVIDERS[delivery.provider].parse(delivery, context(delivery.endpoint)).facts
    except Unreadable:
        return
    account = delivery.endpoint.account_id
    for fact in facts:
        if not isinstance(row, _MODELS[type(fact).__name__]):
            continue
        if table.identify(fact, account)[0] == row.pk:
            said = saying_of(fact, delivery=delivery.pk, received_at=delivery.received_at)
            yield from said.entries.items()


_MODELS = {
    "CallFact": Call,
    "LegFact": Leg,
    "ConferenceFact": Conference,
    "ParticipantFact": Participant,
    "RecordingFact": Recording,
}


def _told(standing, said, link, table, name):
    told = [_one(entry, delivery, link, table, name) for entry, delivery in said]
    if standing is None:
        return told
    ids = [delivery.pk for _, delivery in said]
    if standing.delivery in ids:
        winner = told.pop(ids.index(standing.delivery))
    else:  # pruned meanwhile: the row still knows what it said
        winner = _one(standing, None, link, table, name)
    return [_standing(winner), *told]


def _one(entry, delivery, link, table, name):
    value = entry.value if name in table.types else (entry.value,)
    return Said(
        value=tuple(value),
        strength=Strength(entry.claim.strength).label,
        as_of=moment(entry.claim.time),
        received_at=delivery.received_at if delivery else None,
        kind=(delivery.kind or "unknown") if delivery else "a delivery that is no longer kept",
        url=link(delivery) if delivery else "",
        stands=False,
    )


def _standing(said):
    return Said(**{name: getattr(said, name) for name in said.__slots__} | {"stands": True})
