"""Counting again what changed: the only writer of tallies, missed customers and heard names.

A slot is counted from its calls, never added to; before the transaction that writes what was
counted, for in SQLite nobody else writes during one (calls of a busy half hour: 0.4 s; its
customers, in one transaction, 0.1 s). One writes at a time. Who counted a slot deletes the notes
that were there before it read the calls, and writes only if all are still there: so an older count
never overwrites a newer one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from heapq import merge
from itertools import chain, groupby, islice
from uuid import UUID

from django.db import connection, transaction

from calls.keys import tally_key
from calls.models import Call, CountingTurn, StaleSlot, Tally
from calls.upsert import erase, insert_new, upsert

from . import heard, missed, stale
from .days import OF_DAY, summed
from .figures import COUNTS, Figures, Row, with_waits
from .reading import COLUMNS
from .slots import DAY, SLOT, slot_of

_TURN = UUID("6a1d3c52-94e7-5b0e-8f27-3b0c5d9e7a41")

_AT_ONCE = 24  # slots; by one alone a year of few calls took eight times the work

Names = dict[tuple[UUID, str], str]  # (account, agent's number) → name
Counted = dict[tuple[UUID, str, str], Figures]  # (account, dimension, value) → figures


def recount(limit: int = 100, changed_before: datetime | None = None) -> int:
    """Count the slots that changed again, newest first, at most so many; how many it did. 0 where
    somebody else is counting."""
    done = 0
    stale_slots = StaleSlot.objects.order_by("-begins_at").values_list("begins_at", flat=True)
    if changed_before:
        stale_slots = stale_slots.filter(changed_at__lt=changed_before)
    for slot in list(stale_slots.distinct()[:limit]):
        notes = dict(StaleSlot.objects.filter(begins_at=slot).values_list("id", "customers"))
        if not notes:  # somebody else has counted it meanwhile
            continue
        if not _settle(set(chain.from_iterable(notes.values())), wait=False):
            break
        with _reading():
            tallies, names = _count([slot])
        with transaction.atomic():
            if not alone(wait=False):
                break
            if erase(StaleSlot, notes, using=connection.alias) < len(notes):
                transaction.set_rollback(True)
                continue
            _write([slot], tallies, names)
        done += 1
    return done


def recount_everything(progress: Callable[[int], None] = lambda done: None) -> int:
    """Count every slot again and look at every customer; how many slots. A few at a time, so it
    needs little memory, keeps nobody waiting long and may be stopped and begun again."""
    done = 0
    every = _merged(stale.slots(Call.objects.all()), _counted_slots())
    while slots := list(islice(every, _AT_ONCE)):
        with transaction.atomic():
            alone(wait=True)
            _write(slots, *_count(slots))
        for _ in slots:
            done += 1
            progress(done)
    _settle(missed.candidates(), wait=True)
    _settle(missed.listed(), wait=True)
    return done


def fold(rows: Iterable[Row]) -> Counted:
    """Figures of some conversations by account, service number and agent."""
    counted: Counted = defaultdict(with_waits)
    for row in rows:
        counted[row.account_id, Tally.Dimension.ALL, ""].count(row)
        for dimension, column in COLUMNS.items():
            if value := getattr(row, column):
                counted[row.account_id, dimension, value].count(row)
    return counted


def _settle(customers: Iterable[str], *, wait: bool) -> bool:
    """Look at customers anew, some in each transaction; False where somebody else is counting. Done
    while the notes are there, so that it is done again after whatever ends it."""
    for batch in missed.batches(customers):
        with transaction.atomic():
            if not alone(wait=wait):
                return False
            missed.settle(batch)
    return True


def _reading() -> AbstractContextManager:
    """PostgreSQL's poolers keep a cursor's session for a transaction; SQLite's would keep out who
    writes."""
    return transaction.atomic() if connection.vendor == "postgresql" else nullcontext()


def alone(*, wait: bool) -> bool:
    """Take the turn until the transaction ends. SQLite has one writer at a time anyway."""
    if not connection.features.has_select_for_update:
        return True
    turn = CountingTurn.objects.filter(pk=_TURN)
    if not turn.exists():
        insert_new([CountingTurn(pk=_TURN)], using=connection.alias)
    return bool(turn.select_for_update(skip_locked=not wait))


def _count(slots: list[datetime]) -> tuple[dict[UUID, Tally], Names]:
    """The tallies of some slots, in order, not saved; and the names that calls give the agents."""
    names: Names = {}
    tallies = {}
    for slot, those in groupby(_conversations(slots, names), key=lambda one: slot_of(one[0])):
        counted = fold(row for _, row in those)
        for (account, dimension, value), figures in counted.items():
            key = tally_key(account, slot.isoformat(), dimension, value)
            tallies[key] = Tally(
                id=key,
                begins_at=slot,
                account_id=account,
                dimension=dimension,
                value=value,
                waits={str(place): count for place, count in sorted(figures.waits.items())},
                **{name: getattr(figures, name) for name in COUNTS},
            )
    return tallies, names


def _write(slots: list[datetime], tallies: dict[UUID, Tally], names: Names) -> None:
    """Make these the tallies of the slots, and those of their days the sums."""
    _put(tallies, _tallies(OF_DAY, slots))
    days = sorted({slot_of(slot, DAY) for slot in slots})
    _put({row.id: row for day in days for row in summed(day)}, _tallies(OF_DAY.values(), days))
    heard.service_numbers(_by(tallies, Tally.Dimension.SERVICE_NUMBER))
    heard.agents({key: names.get(key, "") for key in _by(tallies, Tally.Dimension.AGENT)})


def _by(tallies: dict[UUID, Tally], dimension: str) -> list[tuple[UUID, str]]:
    return [(row.account_id, row.value) for row in tallies.values() if row.dimension == dimension]


def _conversations(slots: list[datetime], names: Names) -> Iterable[tuple[datetime, Row]]:
    """The slots', streamed, with the moment that each began; on the way the newest name of each
    agent is taken down."""
    begun = {"begun_at__gte": slots[0], "begun_at__lt": slots[-1] + SLOT}
    calls = Call.objects.filter(**begun, is_root=True)
    columns = calls.order_by("begun_at", "id").values_list("begun_at", "agent_name", *Row._fields)
    for begun_at, name, *values in columns.iterator():
        row = Row(*values)
        if name and row.agent_number:
            names[row.account_id, row.agent_number] = name
        yield begun_at, row


def _tallies(dimensions: Iterable[str], moments: list[datetime]) -> dict[UUID, Tally]:
    """Those that are there."""
    return Tally.objects.filter(dimension__in=[*dimensions], begins_at__in=moments).in_bulk()


def _put(fresh: dict[UUID, Tally], before: dict[UUID, Tally]) -> None:
    """These in place of those."""
    pairs = [(before.get(key), row) for key, row in fresh.items()]
    changed = [(old, row) for old, row in pairs if _content(old) != _content(row)]
    upsert(changed, guarded=False, using=connection.alias)
    if gone := before.keys() - fresh.keys():
        Tally.objects.filter(id__in=gone).delete()


def _content(row: Tally | None) -> list:
    return [getattr(row, name) for name in (*COUNTS, "waits")] if row else []


def _counted_slots() -> Iterable[datetime]:
    """The slots that have tallies, in order."""
    slots = Tally.objects.filter(dimension=Tally.Dimension.ALL).order_by("begins_at")
    moments = slots.values_list("begins_at", flat=True)
    slot = moments.first()
    while slot is not None:
        yield slot
        slot = moments.filter(begins_at__gt=slot).first()


def _merged(*ordered: Iterable[datetime]) -> Iterable[datetime]:
    """All of several ordered ones, in order, each once."""
    return (slot for slot, _ in groupby(merge(*ordered)))
