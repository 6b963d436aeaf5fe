"""Fold the inbox into the tables again, or tell how they differ from it.

For each object: the claims whose delivery is no longer kept, joined with what all kept deliveries
say. Intake may go on meanwhile: what arrives after the reading counts as no longer kept, rows are
written guarded, and late arrivals are merged once more at the end.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from calls import ledger
from calls.facts import CallFact

from .. import inbox
from ..models import Delivery
from . import reading
from .folding import Folding
from .loops import looped_calls
from .report import Report
from .spool import Spool

__all__ = ["Report", "rebuild"]

_LATE = 500  # late arrivals merged at once

Progress = Callable[[str, int], None]


def rebuild(*, verify: bool, progress: Progress = lambda what, done: None) -> Report:
    """Write what the deliveries say into the tables; with `verify` only compare."""
    report = Report()
    with _few_collections(), Spool() as spool:
        for read, unreadable in reading.read(spool, save=not verify):
            report.deliveries += read
            report.unreadable += unreadable
            progress("deliveries read", report.deliveries)
        spool.sort()
        looped = looped_calls(spool)
        Folding(spool, looped, report, verify=verify).run(progress)
        if not verify:
            _catch_up(spool, looped)
        report.scratch_bytes = spool.bytes
    return report


@contextmanager
def _few_collections() -> Iterator[None]:
    """Millions of small objects come and go, none of them in a cycle: looking for cycles as often
    as Python does took 0.45 of all time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _catch_up(spool: Spool, looped: set[UUID]) -> None:
    """Merge once more what arrived during the reading: merging twice changes nothing."""
    inbox.until_uncontended(lambda: ledger.settle_parents(looped))
    for ids in reading.ids():
        held = spool.held(ids)
        late = [key for key in ids if key not in held]
        for start in range(0, len(late), _LATE):
            _merge_late(late[start : start + _LATE])


def _merge_late(ids: Sequence[UUID]) -> None:
    deliveries = list(Delivery.objects.select_related("endpoint__account").filter(id__in=ids))
    inbox.merge_again(deliveries)
    sayings = [saying for delivery in deliveries if (saying := inbox.digest(delivery))]
    calls = list(ledger.gather(sayings).get(CallFact, ()))
    inbox.until_uncontended(lambda: ledger.settle_parents(calls))
