"""What all kept deliveries say, sorted by object on disk, so that folding takes no memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from calls.facts import CallFact
from calls.keys import call_key
from calls.ledger import Known, Spoken
from calls.merge import State, join
from calls.tables import TABLES

from .packing import pack, unpack

_KINDS = list(TABLES)
# Objects of a kind that wait in memory for more to be said of them. A call's deliveries come close
# together, so most objects are written once: a third of the rows that batches would make.
_WAITING = 10_000
_AT_ONCE = 500  # of SQLite's parameters


def parent_of(identity: dict[str, Any], state: State) -> UUID | None:
    """Of a call."""
    entry = state.entries.get("parent")
    return call_key(identity["account_id"], entry.value) if entry else None


class Spool:
    """A scratch file: states by kind and key, the ids of the deliveries they came from, who may be
    whose parent, and the legs that calls are."""

    def __init__(self):
        self._db = sqlite3.connect("")  # a file without a name: it is gone with us, however we end
        self._db.executescript(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE said (kind INTEGER, key BLOB, known BLOB);
            CREATE TABLE delivery (id BLOB);
            CREATE TABLE parent (child BLOB, parent BLOB);
            CREATE TABLE leg (id BLOB);
            """
        )
        self._waiting: Spoken = {kind: {} for kind in _KINDS}

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._db.close()

    @property
    def bytes(self) -> int:
        """Of the scratch file."""
        [[pages]] = self._db.execute("PRAGMA page_count")
        [[size]] = self._db.execute("PRAGMA page_size")
        return pages * size

    def add(self, deliveries: Iterable[UUID], spoken: Spoken) -> None:
        """What a batch of deliveries says, joined with what is still in memory."""
        self._db.executemany(
            "INSERT INTO delivery VALUES (?)", [(key.bytes,) for key in deliveries]
        )
        for kind, objects in spoken.items():
            waiting, rules = self._waiting[kind], TABLES[kind].rules
            for key, known in objects.items():
                if before := waiting.pop(key, None):
                    known.state = join(rules, before.state, known.state)
                waiting[key] = known  # the youngest now
            self._write(kind, len(waiting) - _WAITING)

    def _write(self, kind: type, count: int) -> None:
        """To disk with the oldest ones."""
        waiting = self._waiting[kind]
        rows, parents = [], []
        for key in list(islice(waiting, max(0, count))):
            known = waiting.pop(key)
            rows.append((_KINDS.index(kind), key.bytes, pack(known)))
            if kind is CallFact and (parent := parent_of(known.identity, known.state)):
                parents.append((key, parent))
        self.add_parents(parents)
        self._db.executemany("INSERT INTO said VALUES (?, ?, ?)", rows)

    def sort(self) -> None:
        """After the last delivery was added, before anything is asked."""
        for kind, waiting in self._waiting.items():
            self._write(kind, len(waiting))
        self._db.executescript(
            """
            CREATE INDEX said_by_object ON said (kind, key);
            CREATE INDEX delivery_by_id ON delivery (id);
            """
        )

    def objects(self, kind: type, size: int) -> Iterator[dict[UUID, Known]]:
        """What is known of the objects of one kind, `size` at a time, in order of their keys."""
        batch: dict[UUID, Known] = {}
        cursor = self._db.execute(
            "SELECT key, known FROM said WHERE kind = ? ORDER BY key", (_KINDS.index(kind),)
        )
        for raw, packed in cursor:
            key = UUID(bytes=raw)
            if len(batch) >= size and key not in batch:
                yield batch
                batch = {}
            self._take(kind, batch, key, packed)
        if batch:
            yield batch

    def known(self, kind: type, keys: Iterable[UUID]) -> dict[UUID, Known]:
        """What is known of some objects of one kind."""
        found: dict[UUID, Known] = {}
        for key in keys:
            for (packed,) in self._db.execute(
                "SELECT known FROM said WHERE kind = ? AND key = ?",
                (_KINDS.index(kind), key.bytes),
            ):
                self._take(kind, found, key, packed)
        return found

    def _take(self, kind: type, into: dict[UUID, Known], key: UUID, packed: bytes) -> None:
        known = unpack(kind, packed)
        if before := into.get(key):
            before.state = join(TABLES[kind].rules, before.state, known.state)
        else:
            into[key] = known

    def held(self, deliveries: Iterable[UUID]) -> set[UUID]:
        """Those of these deliveries that were read into the spool."""
        keys, held = [key.bytes for key in deliveries], set()
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            found = self._db.execute(f"SELECT id FROM delivery WHERE id IN ({marks})", some)  # noqa: S608
            held.update(UUID(bytes=raw) for (raw,) in found)
        return held

    def add_parents(self, pairs: Iterable[tuple[UUID, UUID]]) -> None:
        """Who may be whose parent: (call, parent)."""
        self._db.executemany(
            "INSERT INTO parent VALUES (?, ?)",
            [(child.bytes, parent.bytes) for child, parent in pairs],
        )

    def may_loop(self) -> list[UUID]:
        """Calls whose parent may have one itself: of all calls few, and each loop is among them."""
        self._db.execute("CREATE INDEX parent_by_child ON parent (child)")
        found = self._db.execute(
            "SELECT DISTINCT child FROM parent WHERE parent IN (SELECT child FROM parent)"
        )
        return [UUID(bytes=raw) for (raw,) in found]

    def add_legs(self, legs: Iterable[UUID]) -> None:
        """Legs that calls are."""
        self._db.executemany("INSERT INTO leg VALUES (?)", [(key.bytes,) for key in legs])

    def sort_legs(self) -> None:
        """After the last one was added, before any is asked for."""
        self._db.execute("CREATE INDEX leg_by_id ON leg (id)")

    def legs(self, first: UUID, last: UUID) -> set[UUID]:
        """Those between two ids, both included."""
        found = self._db.execute(
            "SELECT id FROM leg WHERE id BETWEEN ? AND ?", (first.bytes, last.bytes)
        )
        return {UUID(bytes=raw) for (raw,) in found}
