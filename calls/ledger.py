"""The only writer of calls: merges what was said into the tables.

Read the rows concerned, join in Python, write with one guarded upsert per table. No locks: a row
that somebody else changed meanwhile raises `Contended`, and the caller's transaction starts over.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.utils.timezone import now

from .ancestry import in_loop, settled, upwards
from .derived import (
    CONNECTION_IS_CALL,
    DERIVED_FLAGS,
    PARENT_LOOP,
    complete,
    connection,
    given_by_call,
    place,
)
from .facts import AnyFact
from .feed.notes import Changes, Pair
from .keys import call_key, conference_key
from .merge import Entry, State, join, said
from .models import Call, Leg
from .models.base import MergedModel
from .rows import instance
from .statements import Statement
from .tables import CALLS, LEGS, RECORDINGS, TABLES, Table, lay_out, load
from .tallies import stale
from .upsert import Part, Reads, Writes, read, together


@dataclass(slots=True)
class Saying:
    """What one delivery says, and whose calls it speaks of. Nobody changes it."""

    account: UUID
    provider: str
    delivery: UUID
    received_at: datetime
    facts: Sequence[AnyFact]


@dataclass(slots=True)
class Known:
    """An object that was spoken of: what identifies its row, and what was said."""

    identity: dict[str, Any]
    provider: str
    state: State


Spoken = dict[type[AnyFact], dict[UUID, Known]]


def gather(sayings: Iterable[Saying]) -> Spoken:
    """All that is said, joined per object: kind of fact → key → what is known of it."""
    spoken: Spoken = defaultdict(dict)
    for saying in sayings:
        for fact in saying.facts:
            table = TABLES[type(fact)]
            key, identity = table.identify(fact, saying.account)
            state = said(fact, delivery=saying.delivery, received_at=saying.received_at)
            _resolve(table, state, saying.account, identity)
            known = spoken[type(fact)].get(key)
            if known is None:
                spoken[type(fact)][key] = Known(identity, saying.provider, state)
            else:
                known.state = join(table.rules, known.state, state)
    return spoken


def _resolve(table: Table, state: State, account: UUID, identity: dict[str, Any]) -> None:
    """Turn a recording's links into keys; a call that names itself as parent has none."""
    if table is RECORDINGS:
        for name, key in (("call", call_key), ("conference", conference_key)):
            if entry := state.entries.get(name):
                state.entries[name] = Entry(key(account, entry.value), *entry[1:])
    elif table is CALLS:
        parent = state.entries.get("parent")
        if parent and parent.value == identity["provider_call_id"]:
            del state.entries["parent"]


def _adds_nothing(old: MergedModel, state: State) -> bool:
    """A bare mention of what is known better: most that is said of parents. Seen without loading
    the row's claims, which costs ten times as much."""
    if len(state.entries) > 2 or state.flags:
        return False
    strength, created_at = state.entries["strength"], state.entries["created_at"]
    return old.strength > strength.value and old.created_at < created_at.value


Rows = dict[UUID, MergedModel]
Found = dict[type[AnyFact], Rows]


class Before(Part[Found]):
    """The rows, as they are, of what is spoken of."""

    def __init__(self, spoken: Spoken):
        self._reads = {kind: Reads(TABLES[kind].model, known) for kind, known in spoken.items()}

    def statements(self, using: str) -> list[Statement]:
        return [one for reads in self._reads.values() for one in reads.statements(using)]

    def told(self, answers: Sequence[Sequence[tuple]], using: str) -> Found:
        each = zip(self._reads.items(), answers, strict=True)
        return {kind: reads.told([rows], using) for (kind, reads), rows in each}


def record(sayings: Iterable[Saying], using: str = DEFAULT_DB_ALIAS) -> set[UUID]:
    """Merge what these say: see `merge`, whose callers have something else to send meanwhile."""
    spoken = gather(sayings)
    (before,) = together(using, Before(spoken))
    return merge(spoken, before, Changes(), using)


def merge(
    spoken: Spoken,
    before: Found,
    changes: Changes,
    using: str = DEFAULT_DB_ALIAS,
) -> set[UUID]:
    """Merge into the tables what is spoken of, knowing the rows as they were before, and note what
    changed. In the transaction that read them, which is the caller's; raises `Contended`.

    Returns what the caller passes to `no_longer_topmost` after it has committed.
    """
    writes = Writes()
    moved, at_hand, written = set(), {}, set()
    for kind, table in TABLES.items():
        known = spoken.get(kind)
        if not known:
            continue
        changed = _changed(table, known, before[kind])
        rows = {row.pk: row for _, row in changed}
        writes.upsert(changed, conflict=table.conflict, guarded=True)
        changes.wrote(changed)
        if table is CALLS:
            providers = {key: thing.provider for key, thing in known.items()}
            follow(changed, providers, changes, writes, using)
            moved, at_hand, written = _moved(changed), before[kind] | rows, rows.keys()
    misplaced, topmost = _misplaced(moved, using, at_hand)
    if misplaced:
        writes.run(using)
        _put_right(misplaced, changes, using)
        changes.save(using)
    else:
        together(using, writes, changes)
    return topmost - written


def _changed(table: Table, known: Mapping[UUID, Known], before: Rows) -> list[Pair]:
    """What was said that is new: (row as it was, its successor)."""
    changed = []
    for key, thing in known.items():
        old = before.get(key)
        if old is None:
            changed.append((None, build(table, key, thing, thing.state, None)))
        elif not _adds_nothing(old, thing.state):
            state = load(table, old, DERIVED_FLAGS)
            merged = join(table.rules, state, thing.state)
            if merged is not state:
                changed.append((old, build(table, key, thing, merged, old)))
    return changed


def build(
    table: Table, key: UUID, thing: Known, state: State, old: MergedModel | None
) -> MergedModel:
    """The row that holds a state, as the successor of `old`."""
    row = instance(table.model, {"id": key, **thing.identity, **lay_out(table, state)})
    row.revision = old.revision + 1 if old else 1
    row.updated_at = now()
    row.flags = sorted(state.flags)
    if isinstance(row, Call):
        named = row.parent_provider_call_id
        row.parent_id = call_key(row.account_id, named) if named else None
        complete(row, state, thing.provider)
        # Until `settle_parents` has looked: as before under the same parent, no loop under another.
        same = old is not None and old.parent_id == row.parent_id
        place(row, in_loop=same and PARENT_LOOP in old.flags)
    return row


def follow(
    changed: Sequence[tuple[Call | None, Call]],
    providers: dict[UUID, str],
    changes: Changes,
    writes: Writes,
    using: str,
    *,
    anew: bool = False,
) -> None:
    """What follows from calls that are written: legs, and notes of what is to be counted again.
    `anew` writes legs although the call gives no reason to."""
    writes.insert_new(stale.notes(changed))
    gone, legs = [], []  # (id, the revision it had); (what the leg was, what it is)
    for old, new in changed:
        provider = providers[new.id]
        if provider not in CONNECTION_IS_CALL:
            continue
        leg = connection(new, provider)
        former = connection(old, provider) if old else None
        if former and former.id != leg.id:
            gone.append((former.id, old.revision))
            former = None
        if anew or former is None or given_by_call(former) != given_by_call(leg):
            leg.revision, leg.updated_at = new.revision, new.updated_at
            legs.append((former, leg))
    if gone:
        Leg.objects.using(using).filter(id__in=[key for key, _ in gone]).delete()
        changes.erased(Leg, gone)
    known = [(None, leg) for _, leg in legs] if anew else legs
    writes.upsert(known, conflict=LEGS.conflict, guarded=False)
    changes.wrote(legs)


def _moved(changed: Sequence[tuple[Call | None, Call]]) -> set[UUID]:
    moved = set()
    for old, new in changed:
        former = old.parent_id if old else None
        if former != new.parent_id:
            moved.add(new.id)
            if former:
                moved.add(former)
    return moved


def no_longer_topmost(calls: Collection[UUID], using: str = DEFAULT_DB_ALIAS) -> set[UUID]:
    """Two transactions can close a loop together, neither seeing it: then a call that was topmost
    for one of them, which did not write it, has a parent once both have committed. These are for
    `settle_parents`."""
    return set(read(Call, calls, using, only="parent_id IS NOT NULL"))


def settle_parents(calls: Iterable[UUID], using: str = DEFAULT_DB_ALIAS) -> None:
    """Flag the calls above these that are their own ancestors, and list them as roots; unflag those
    that no longer are. Raises `Contended`."""
    changes = Changes()
    misplaced, _ = _misplaced(calls, using, {})
    if misplaced:
        _put_right(misplaced, changes, using)
    changes.save(using)


def _misplaced(
    calls: Iterable[UUID], using: str, at_hand: Mapping[UUID, Call]
) -> tuple[list[Pair], set[UUID]]:
    """Of these calls and those above them: (as it is, in its right place) where that differs, and
    the topmost. `at_hand`: rows that need not be read, for they are as this transaction has read
    them or is about to write them."""
    rows = upwards(calls, using, at_hand)
    looped = in_loop({key: row.parent_id for key, row in rows.items()})
    misplaced = []
    for key, old in rows.items():
        row = settled(old, in_loop=key in looped)
        if (row.is_root, row.flags, row.flagged) != (old.is_root, old.flags, old.flagged):
            row.revision, row.updated_at = old.revision + 1, now()
            misplaced.append((old, row))
    return misplaced, {key for key, row in rows.items() if row.parent_id is None}


def _put_right(misplaced: Sequence[Pair], changes: Changes, using: str) -> None:
    changes.wrote(misplaced)
    writes = Writes()
    writes.upsert(misplaced, guarded=True)
    providers = dict(
        Call.objects.using(using)
        .filter(id__in=[row.id for _, row in misplaced])
        .values_list("id", "account__provider")
    )
    follow(misplaced, providers, changes, writes, using)
    writes.run(using)
