"""Fold the inbox into the tables again, or tell how they differ from it.

For each object: the claims whose delivery is no longer kept, joined with what all kept deliveries
say. Intake may go on meanwhile: what arrives after the reading counts as no longer kept, rows are
written guarded, and late arrivals are merged once more at the end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from calls import ledger
from calls.content import differences
from calls.derived import DERIVED_FLAGS, connection, place
from calls.facts import CallFact, LegFact
from calls.feed.notes import Changes
from calls.keys import call_key
from calls.ledger import Known
from calls.merge import State, join
from calls.models import Call, Leg
from calls.models.base import MergedModel
from calls.tables import CALLS, LEGS, TABLES, Table, load
from calls.upsert import read, upsert

from . import inbox
from .models import Delivery
from .spool import Spool

BATCH = 500
USING = "default"
_LOOKS = 3  # at what differs: beside live intake a row may change between two reads

Pair = tuple[MergedModel | None, MergedModel]  # (the row as it is, the row as it should be)


@dataclass(slots=True)
class Report:
    """What was found. `different`: (object, what differs); `unvouched`: rows no delivery names."""

    deliveries: int = 0
    objects: int = 0
    unreadable: int = 0
    written: int = 0
    different: list[tuple[str, str]] = field(default_factory=list)
    unvouched: list[str] = field(default_factory=list)

    def note(self, pairs: Iterable[Pair]) -> None:
        for old, new in pairs:
            name = f"{new._meta.verbose_name} {new.pk}"
            lines = ["missing"] if old is None else differences(old, new)
            self.different += [(name, line) for line in lines]


Progress = Callable[[str, int], None]


def rebuild(*, verify: bool, progress: Progress = lambda what, done: None) -> Report:
    """Write what the deliveries say into the tables; with `verify` only compare."""
    report = Report()
    with Spool() as spool:
        for deliveries in _batches():
            _read(spool, deliveries, report, verify)
            progress("deliveries read", report.deliveries)
        spool.sort()
        looped = ledger.in_loop(_parents(spool))
        for kind in TABLES:
            for known in spool.objects(kind, BATCH):
                _fold(spool, kind, known, looped, report, verify)
                report.objects += len(known)
                progress("objects folded", report.objects)
        _check_others(spool, looped, report, verify)
        if not verify:
            _catch_up(spool, looped)
    return report


def _batches() -> Iterator[list[Delivery]]:
    last = UUID(int=0)
    deliveries = Delivery.objects.select_related("endpoint__account").order_by("id")
    while batch := list(deliveries.filter(id__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].id


def _read(spool: Spool, deliveries: Sequence[Delivery], report: Report, verify: bool) -> None:
    before = {delivery.id: (delivery.state, delivery.reason) for delivery in deliveries}
    sayings = [saying for delivery in deliveries if (saying := inbox.digest(delivery))]
    if not verify:
        inbox.save_outcomes([d for d in deliveries if before[d.id] != (d.state, d.reason)])
    report.deliveries += len(deliveries)
    report.unreadable += sum(delivery.state == "failed" for delivery in deliveries)
    spool.add([delivery.id for delivery in deliveries], ledger.gather(sayings))


def _parents(spool: Spool) -> dict[UUID, UUID]:
    """call → parent, of all calls, as the deliveries have it: a loop is not seen from one row."""
    children = Call.objects.filter(parent_id__isnull=False)
    parents = dict(children.values_list("id", "parent_id").iterator(BATCH))
    for known in spool.objects(CallFact, BATCH):
        concerned = {
            key: thing
            for key, thing in known.items()
            if "parent" in thing.state.entries or key in parents
        }
        rows = read(Call, list(concerned), USING)
        for key, thing in concerned.items():
            parent = _state(spool, CALLS, rows.get(key), thing).entries.get("parent")
            if parent:
                parents[key] = call_key(thing.identity["account_id"], parent.value)
            else:
                parents.pop(key, None)
    return parents


def _state(spool: Spool, table: Table, row: MergedModel | None, thing: Known) -> State:
    """What all kept deliveries say of an object, and what those no longer kept said."""
    return join(table.rules, _no_longer_kept(spool, table, row), thing.state)


def _no_longer_kept(spool: Spool, table: Table, row: MergedModel | None) -> State:
    """The part of a row that only deliveries outside the spool vouch for."""
    if row is None:
        return State()
    try:
        state = load(table, row, DERIVED_FLAGS)
    except (AttributeError, LookupError, TypeError, ValueError):
        return State()  # claims that somebody spoiled vouch for nothing
    entries = {n: e for n, e in state.entries.items() if not spool.holds(e.delivery)}
    flags = {n: by for n, by in state.flags.items() if not all(map(spool.holds, by))}
    return State(entries, flags)


def _fold(spool, kind, known: dict[UUID, Known], looped: set[UUID], report, verify: bool) -> None:
    """Compare, and if asked write, one batch of objects of one kind."""
    table = TABLES[kind]

    def compare(some: dict[UUID, Known]):
        return _compare(spool, table, some, looped)

    def compare_and_write():
        rows, changed, legs = compare(known)
        _write(table, changed, legs, known)
        return rows, changed, legs

    if verify:
        rows, changed, legs = compare(known)
        for _ in range(_LOOKS - 1):
            doubtful = {new.pk for _, new in changed}
            if doubtful:
                _, changed, legs = compare({key: known[key] for key in doubtful})
    else:
        rows, changed, legs = inbox.until_uncontended(compare_and_write)
        report.written += len(changed)
    report.note((old, new) for old, new in changed if old is None or differences(old, new))
    report.note(legs)
    spool.expect(kind, known)
    if table is CALLS:
        spool.expect(LegFact, [leg.id for row in rows if (leg := _leg(row, known))])


def _compare(spool: Spool, table: Table, known: dict[UUID, Known], looped: set[UUID]):
    """(the rows as they should be, the pairs that differ, the pairs of legs that differ)."""
    before = read(table.model, list(known), USING)
    rows, changed, legs = [], [], []
    for key, thing in known.items():
        old = before.get(key)
        new = ledger.build(table, key, thing, _state(spool, table, old, thing), old)
        if table is CALLS:
            place(new, in_loop=key in looped)
        rows.append(new)
        if old is None or differences(old, new):
            changed.append((old, new))
    if table is CALLS:
        legs = _compare_legs(rows, known)
        # A spoiled leg is written with its call, whose guard then covers both.
        spoiled = {leg.connected_call_id for _, leg in legs} - {new.id for _, new in changed}
        changed += [(before[row.id], row) for row in rows if row.id in spoiled]
    return rows, changed, legs


def _leg(call: Call, known: dict[UUID, Known]) -> Leg | None:
    return connection(call, known[call.id].provider)


def _compare_legs(rows: Sequence[Call], known: dict[UUID, Known]) -> list[Pair]:
    wanted = {leg.id: leg for row in rows if (leg := _leg(row, known))}
    there = read(Leg, list(wanted), USING)
    return [
        (there.get(key), leg)
        for key, leg in wanted.items()
        if key not in there or differences(there[key], leg)
    ]


def _write(table: Table, changed: Sequence[Pair], legs: Sequence[Pair], known) -> None:
    changes = Changes()
    _drop_misplaced(table, changed, changes)
    _drop_misplaced(LEGS, legs, changes)
    upsert([new for _, new in changed], conflict=table.conflict, guarded=True, using=USING)
    changes.wrote(changed)
    if table is CALLS:
        providers = {key: thing.provider for key, thing in known.items()}
        ledger.follow(changed, providers, changes, USING, anew=True)
    changes.save(USING)


def _drop_misplaced(table: Table, pairs: Sequence[Pair], changes: Changes) -> None:
    """A row with its own id but another's place would stand in the way of the right one."""
    misplaced = [
        (old.pk, old.revision)
        for old, new in pairs
        if old and any(getattr(old, c) != getattr(new, c) for c in table.conflict)
    ]
    if misplaced:
        table.model.objects.filter(pk__in=[key for key, _ in misplaced]).delete()
        changes.erased(table.model, misplaced)


def _check_others(spool: Spool, looped: set[UUID], report: Report, verify: bool) -> None:
    """The rows that no kept delivery speaks of: listed if nothing vouches for them, never deleted;
    calls among them must still be listed as their parents have it."""
    wrong = []
    for kind, table in TABLES.items():
        for row in _rows(table.model):
            if spool.expects(kind, row.pk):
                continue
            if not _others_vouch(spool, table, row):
                report.unvouched.append(f"{row._meta.verbose_name} {row.pk}")
            elif table is CALLS:
                right = ledger.settled(row, in_loop=row.pk in looped)
                if differences(row, right):
                    report.note([(row, right)])
                    wrong.append(row.pk)
    if wrong and not verify:
        inbox.until_uncontended(lambda: ledger.settle_parents(wrong))


def _rows(model: type[MergedModel]) -> Iterator[MergedModel]:
    last = UUID(int=0)
    rows = model.objects.order_by("id")
    while batch := list(rows.filter(id__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _others_vouch(spool: Spool, table: Table, row: MergedModel) -> bool:
    """Whether deliveries that are not in the spool (pruned, or just arrived) vouch for a row."""
    row = table.model.objects.filter(pk=row.pk).first()  # it may have gone or moved meanwhile
    if row is None:
        return True
    if isinstance(row, Leg) and not row.claims:
        call = Call.objects.select_related("account").filter(id=row.connected_call_id).first()
        leg = connection(call, call.account.provider) if call else None
        return leg is not None and leg.id == row.id
    return bool(_no_longer_kept(spool, table, row).entries)


def _catch_up(spool: Spool, looped: set[UUID]) -> None:
    """Merge once more what arrived during the reading: merging twice changes nothing."""
    inbox.until_uncontended(lambda: ledger.settle_parents(looped))
    last = UUID(int=0)
    ids = Delivery.objects.order_by("id").values_list("id", flat=True)
    while batch := list(ids.filter(id__gt=last)[: 10 * BATCH]):
        last = batch[-1]
        late = [key for key in batch if not spool.holds(key)]
        for start in range(0, len(late), BATCH):
            _merge_late(late[start : start + BATCH])


def _merge_late(ids: Sequence[UUID]) -> None:
    deliveries = list(Delivery.objects.select_related("endpoint__account").filter(id__in=ids))
    inbox.merge_again(deliveries)
    sayings = [saying for delivery in deliveries if (saying := inbox.digest(delivery))]
    calls = list(ledger.gather(sayings).get(CallFact, ()))
    inbox.until_uncontended(lambda: ledger.settle_parents(calls))
