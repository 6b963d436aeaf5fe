"""Rows as they are beside rows as they should be."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from uuid import UUID

from calls import ledger
from calls.content import same
from calls.derived import DERIVED_FLAGS, connection, place
from calls.ledger import Known
from calls.merge import State, join
from calls.models import Leg
from calls.models.base import MergedModel
from calls.tables import CALLS, Table, load
from calls.upsert import read

from .report import Pair
from .spool import Spool

USING = "default"


@dataclass(slots=True)
class Compared:
    """`rows` as they should be; the pairs that differ; the pairs of legs that differ, where each
    connection is a call; and the ids of all such legs."""

    rows: list[MergedModel] = field(default_factory=list)
    changed: list[Pair] = field(default_factory=list)
    legs: list[Pair] = field(default_factory=list)
    connections: list[UUID] = field(default_factory=list)


def compare(
    spool: Spool,
    table: Table,
    known: Mapping[UUID, Known],
    before: Mapping[UUID, MergedModel],
    looped: Set[UUID],
) -> Compared:
    """`before` are the rows as they are, `looped` the calls that are their own ancestors."""
    found = Compared()
    for key, thing in known.items():
        old = before.get(key)
        new = ledger.build(table, key, thing, state_of(spool, table, old, thing), old)
        if table is CALLS:
            place(new, in_loop=key in looped)
        found.rows.append(new)
        if old is None or not same(old, new):
            found.changed.append((old, new))
    if table is CALLS:
        _compare_legs(found, known, before)
    return found


def _compare_legs(found: Compared, known: Mapping[UUID, Known], before) -> None:
    wanted = {leg.id: leg for row in found.rows if (leg := connection(row, known[row.id].provider))}
    found.connections = list(wanted)
    # A call that is missing is written with its leg anyway.
    there = read(Leg, [leg.id for leg in wanted.values() if leg.connected_call_id in before], USING)
    found.legs = [
        (old, leg)
        for key, leg in wanted.items()
        if leg.connected_call_id in before and not ((old := there.get(key)) and same(old, leg))
    ]
    # A spoiled leg is written with its call, whose guard then covers both.
    spoiled = {leg.connected_call_id for _, leg in found.legs}
    spoiled -= {new.id for _, new in found.changed}
    found.changed += [(before[row.id], row) for row in found.rows if row.id in spoiled]


def state_of(spool: Spool, table: Table, row: MergedModel | None, thing: Known) -> State:
    """What all kept deliveries say of an object, and what those no longer kept said."""
    if row is None or _all_kept(row, thing):
        return thing.state
    return join(table.rules, no_longer_kept(spool, table, row), thing.state)


def _all_kept(row: MergedModel, thing: Known) -> bool:
    """Whether a row names no delivery but those that stand for what is said of it: so it is with
    nearly all, and saves reading their claims."""
    claims = row.claims
    try:
        return "g" not in claims and {claim[-1] for claim in claims["c"]} <= {
            entry.delivery.hex for entry in thing.state.entries.values()
        }
    except (LookupError, TypeError):
        return False


def no_longer_kept(spool: Spool, table: Table, row: MergedModel) -> State:
    """The part of a row that only deliveries outside the spool vouch for."""
    try:
        state = load(table, row, DERIVED_FLAGS)
    except (AttributeError, LookupError, TypeError, ValueError):
        return State()  # claims that somebody spoiled vouch for nothing
    named = {entry.delivery for entry in state.entries.values()}
    held = spool.held(named.union(*state.flags.values()))
    entries = {name: entry for name, entry in state.entries.items() if entry.delivery not in held}
    flags = {name: by for name, by in state.flags.items() if not held.issuperset(by)}
    return State(entries, flags)
