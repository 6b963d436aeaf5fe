"""What the spool holds against the tables: both in order of their keys, each row read once."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from calls import ancestry, ledger
from calls.content import same
from calls.derived import connection
from calls.facts import CallFact
from calls.feed.notes import Changes
from calls.ledger import Known
from calls.models import Call, Leg
from calls.models.base import MergedModel
from calls.scan import pages
from calls.tables import CALLS, LEGS, TABLES, Table
from calls.upsert import Writes, read

from .. import inbox
from .comparing import USING, Compared, compare, no_longer_kept
from .report import Pair, Report
from .spool import Spool

BATCH = 1_000  # objects of one transaction
_LOOKS = 3  # at what differs: beside live intake a row may change between two reads


class Folding:
    """One pass over all objects and all rows. With `verify` nothing is written. `looped`: the calls
    that are their own ancestors."""

    def __init__(self, spool: Spool, looped: set[UUID], report: Report, *, verify: bool):
        self.spool, self.looped, self.report, self.verify = spool, looped, report, verify

    def run(self, progress: Callable[[str, int], None]) -> None:
        for kind, table in TABLES.items():
            after = UUID(int=0)
            for known in self.spool.objects(kind, BATCH):
                upto = max(known)
                self._fold(table, known, self._rows(table, known, after, upto))
                after = upto
                progress("objects folded", self.report.objects)
            self._rows(table, {}, after, None)
            if table is CALLS:
                self.spool.sort_legs()

    def _rows(
        self, table: Table, known: Mapping[UUID, Known], after: UUID, upto: UUID | None
    ) -> dict[UUID, MergedModel]:
        """The rows of these objects. Those between them, which no kept delivery speaks of, are
        looked at in passing."""
        rows = {}
        last = (upto,) if upto else None
        for page in pages(
            table.model, ("id",), after=(after,), upto=last, size=2 * BATCH, using=USING
        ):
            others = []
            for row in page:
                if row.pk in known:
                    rows[row.pk] = row
                else:
                    others.append(row)
            if others:
                self._look_at_others(table, others)
        return rows

    def _fold(
        self, table: Table, known: dict[UUID, Known], before: Mapping[UUID, MergedModel]
    ) -> None:
        """Compare, and if asked write, one batch of objects of one kind."""
        self.report.objects += len(known)
        found = self._compare(table, known, before)
        if self.verify:
            connections = found.connections
            for _ in range(_LOOKS - 1):
                if found.changed:
                    found = self._compare(
                        table, {new.pk: known[new.pk] for _, new in found.changed}
                    )
            found.connections = connections
        elif found.changed:
            found = self._write(table, known, found)
            self.report.written += len(found.changed)
        self.report.differ(
            (old, new) for old, new in found.changed if old is None or not same(old, new)
        )
        self.report.differ(found.legs)
        self.spool.add_legs(found.connections)

    def _compare(
        self,
        table: Table,
        known: Mapping[UUID, Known],
        before: Mapping[UUID, MergedModel] | None = None,
    ) -> Compared:
        """With the rows as they are, read anew where they are not given."""
        if before is None:
            before = read(table.model, list(known), USING)
        return compare(self.spool, table, known, before, self.looped)

    def _write(self, table: Table, known: dict[UUID, Known], found: Compared) -> Compared:
        """What was written in the end: where somebody else was quicker it is compared anew."""
        tries = iter([found])

        def write() -> Compared:
            found = next(tries, None) or self._compare(table, known)
            if table is CALLS:
                self._add_parents(known, found)
            _write(table, found.changed, found.legs, known)
            return found

        return inbox.until_uncontended(write)

    def _add_parents(self, known: dict[UUID, Known], found: Compared) -> None:
        """A leg hangs on its call's parent, which must be there when the transaction ends, and may
        not have had its turn."""
        asked = found.changed
        while named := {new.parent_id for _, new in asked if not new.is_root} - known.keys():
            there = Call.objects.filter(id__in=named).values_list("id", flat=True)
            missing = self.spool.known(CallFact, named.difference(there))
            parents = self._compare(CALLS, missing, {})
            known |= missing
            asked = parents.changed
            found.changed += parents.changed
            found.connections += parents.connections

    def _look_at_others(self, table: Table, rows: Sequence[MergedModel]) -> None:
        """Rows that no kept delivery speaks of: listed if nothing vouches for them, never deleted;
        calls among them must be listed as their parents have it."""
        if table is LEGS:
            connections = self.spool.legs(rows[0].pk, rows[-1].pk)
            rows = [row for row in rows if row.pk not in connections]
        doubtful = self._unvouched(table, rows)
        if doubtful:  # they may have gone or moved since they were read
            again = read(table.model, list(doubtful), USING)
            for row in self._unvouched(table, list(again.values())).values():
                self.report.nobody_vouches(row)
        if table is CALLS:
            self._settle([row for row in rows if row.pk not in doubtful])

    def _unvouched(self, table: Table, rows: Sequence[MergedModel]) -> dict[UUID, MergedModel]:
        """Those for which no delivery outside the spool (pruned, or just arrived) vouches, nor,
        of legs that are calls, their call."""
        found = {r.pk: r for r in rows if not no_longer_kept(self.spool, table, r).entries}
        legs = [row for row in found.values() if isinstance(row, Leg) and not row.claims]
        if legs:
            keys = [leg.connected_call_id for leg in legs]
            for call in Call.objects.select_related("account").filter(id__in=keys):
                leg = connection(call, call.account.provider)
                if leg is not None:
                    found.pop(leg.id, None)
        return found

    def _settle(self, calls: Sequence[Call]) -> None:
        wrong = []
        for row in calls:
            right = ancestry.settled(row, in_loop=row.pk in self.looped)
            if not same(row, right):
                self.report.differ([(row, right)])
                wrong.append(row.pk)
        if wrong and not self.verify:
            inbox.until_uncontended(lambda: ledger.settle_parents(wrong))


def _write(table: Table, changed: Sequence[Pair], legs: Sequence[Pair], known) -> None:
    changes = Changes()
    _drop_misplaced(table, changed, changes)
    _drop_misplaced(LEGS, legs, changes)
    writes = Writes()
    writes.upsert(changed, conflict=table.conflict, guarded=True)
    changes.wrote(changed)
    if table is CALLS:
        providers = {key: thing.provider for key, thing in known.items()}
        ledger.follow(changed, providers, changes, writes, USING, anew=True)
    writes.run(USING)
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
