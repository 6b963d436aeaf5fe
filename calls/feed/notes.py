"""Notes of what a transaction changed, written in it: what the feed and the subscriptions go by."""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

import orjson
from django.db import DEFAULT_DB_ALIAS, connections

from calls.choices import CONFERENCE_FINAL, Status
from calls.models import Call, ChangeSet, Conference, Leg, Participant, Recording
from calls.models.base import MergedModel
from calls.statements import Statement, fetch_all
from calls.upsert import Part, Writes, together

# An entry is [kind, id in hex, revision, words]. Each has one of these words …
CREATED, CHANGED, ERASED = "created", "changed", "erased"
# … and those of what came true with it: of a call, a recording, a conference, a delivery.
ANSWERED, OVER, READY, ENDED, FAILED = "answered", "over", "ready", "ended", "failed"

KINDS: dict[type[MergedModel], str] = {
    Call: "call",
    Leg: "leg",
    Conference: "conference",
    Participant: "participant",
    Recording: "recording",
}
DELIVERY = "delivery"  # only ever failed; its revision is 0

Entry = Sequence  # [kind, id in hex, revision, [word, …]]
Pair = tuple[MergedModel | None, MergedModel]  # the row as it was, the row as written

_INSERT = "INSERT INTO calls_changeset (id, at, changes) VALUES ($1, clock_timestamp(), $2::jsonb)"


def note(entries: Sequence[Entry], using: str = DEFAULT_DB_ALIAS) -> None:
    """Write one row, inside the transaction that changed these objects and after it wrote them.

    So a later change of an object has a later time: its writer waited for the row, or has read what
    the earlier one committed. The time is the database's, for several machines may write.
    """
    fetch_all(using, _insert(entries, using))


def _insert(entries: Sequence[Entry], using: str) -> list[Statement]:
    if not entries:
        return []
    if connections[using].vendor == "postgresql":
        return [(_INSERT, [uuid4(), orjson.dumps(entries)])]
    writes = Writes()
    writes.insert_new([ChangeSet(changes=entries)])
    return writes.statements(using)


class Changes(Part[None]):
    """Collects what one transaction changes; noted as one row, in it and behind all it wrote."""

    def __init__(self):
        self._noted: dict[tuple[str, str], tuple[int, list[str]]] = {}

    def wrote(self, pairs: Iterable[Pair]) -> None:
        """Rows that were inserted or overwritten, with what they were before."""
        for old, new in pairs:
            words = [CREATED if old is None else CHANGED, *_came_true(old, new)]
            self._add(KINDS[type(new)], new.pk, new.revision, words)

    def erased(self, model: type[MergedModel], rows: Iterable[tuple[UUID, int]]) -> None:
        """Rows that were deleted: (id, the revision that they had)."""
        for key, revision in rows:
            self._noted.pop((KINDS[model], key.hex), None)
            self._add(KINDS[model], key, revision + 1, [ERASED])

    def failed(self, deliveries: Iterable[UUID]) -> None:
        """Deliveries that could not be read or merged."""
        for key in deliveries:
            self._add(DELIVERY, key, 0, [FAILED])

    def save(self, using: str = DEFAULT_DB_ALIAS) -> None:
        """In the same transaction, after the last write."""
        together(using, self)

    def statements(self, using: str) -> list[Statement]:
        return _insert([[*key, *noted] for key, noted in self._noted.items()], using)

    def told(self, answers: Sequence[Sequence[tuple]], using: str) -> None:
        self._noted.clear()

    def _add(self, kind: str, key: UUID, revision: int, words: list[str]) -> None:
        """What was noted of an object before keeps its first word, unless it was erased."""
        before = self._noted.pop((kind, key.hex), None)
        if before and ERASED in before[1]:
            words[0] = CHANGED
        elif before:
            words = list(dict.fromkeys([*before[1], *words[1:]]))
        self._noted[kind, key.hex] = (revision, words)


def _came_true(old: MergedModel | None, new: MergedModel) -> list[str]:
    tests = _TESTS.get(type(new), ())
    return [word for word, is_so in tests if is_so(new) and not (old and is_so(old))]


def _answered(call: Call) -> bool:
    return call.answered_at is not None or call.status in (Status.IN_PROGRESS, Status.COMPLETED)


def _over(call: Call) -> bool:
    return call.is_over


def _ready(recording: Recording) -> bool:
    return bool(recording.url)


def _ended(conference: Conference) -> bool:
    return conference.status in CONFERENCE_FINAL


_TESTS = {
    Call: ((ANSWERED, _answered), (OVER, _over)),
    Recording: ((READY, _ready),),
    Conference: ((ENDED, _ended),),
}
