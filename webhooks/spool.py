"""What all kept deliveries say, sorted by object on disk, so that folding takes no memory."""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from uuid import UUID

from calls.ledger import Known, Spoken
from calls.merge import join
from calls.tables import TABLES

_KINDS = list(TABLES)


class Spool:
    """A scratch file: states by kind and key, and the ids of the deliveries they came from."""

    def __init__(self):
        self._db = sqlite3.connect("")  # a file without a name: it is gone with us, however we end
        self._db.executescript(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE said (kind INTEGER, key BLOB, known BLOB);
            CREATE TABLE delivery (id BLOB PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE expected (kind INTEGER, key BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID;
            """
        )

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._db.close()

    def add(self, deliveries: Iterable[UUID], spoken: Spoken) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO delivery VALUES (?)", [(key.bytes,) for key in deliveries]
        )
        self._db.executemany(
            "INSERT INTO said VALUES (?, ?, ?)",
            [
                (_KINDS.index(kind), key.bytes, pickle.dumps(known))
                for kind, objects in spoken.items()
                for key, known in objects.items()
            ],
        )

    def sort(self) -> None:
        self._db.execute("CREATE INDEX by_object ON said (kind, key)")

    def objects(self, kind: type, size: int) -> Iterator[dict[UUID, Known]]:
        """What is known of the objects of one kind, `size` at a time, in order of their keys."""
        batch: dict[UUID, Known] = {}
        rules = TABLES[kind].rules
        cursor = self._db.execute(
            "SELECT key, known FROM said WHERE kind = ? ORDER BY key", (_KINDS.index(kind),)
        )
        for raw, pickled in cursor:
            key = UUID(bytes=raw)
            known: Known = pickle.loads(pickled)  # noqa: S301 — our own file of a moment ago
            if key in batch:
                batch[key].state = join(rules, batch[key].state, known.state)
                continue
            if len(batch) >= size:
                yield batch
                batch = {}
            batch[key] = known
        if batch:
            yield batch

    def holds(self, delivery: UUID) -> bool:
        """Whether this delivery was read into the spool."""
        row = self._db.execute("SELECT 1 FROM delivery WHERE id = ?", (delivery.bytes,))
        return row.fetchone() is not None

    def expect(self, kind: type, keys: Iterable[UUID]) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO expected VALUES (?, ?)",
            [(_KINDS.index(kind), key.bytes) for key in keys],
        )

    def expects(self, kind: type, key: UUID) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM expected WHERE kind = ? AND key = ?", (_KINDS.index(kind), key.bytes)
        )
        return row.fetchone() is not None
