"""Calls that are their own ancestors, as the deliveries have it: it is not seen from one row."""

from uuid import UUID

from calls import ancestry
from calls.facts import CallFact
from calls.models import Call
from calls.tables import CALLS
from calls.upsert import read

from .comparing import USING, state_of
from .spool import Spool, parent_of

BATCH = 1_000


def looped_calls(spool: Spool) -> set[UUID]:
    """Of each call only the parent that stands counts. So many are looked up as may matter."""
    children = Call.objects.filter(parent_id__isnull=False).values_list("id", "parent_id")
    spool.add_parents(children.iterator(BATCH))
    keys = spool.may_loop()
    parents: dict[UUID, UUID | None] = {}
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        known, rows = spool.known(CallFact, some), read(Call, some, USING)
        parents |= {key: row.parent_id for key, row in rows.items() if key not in known}
        for key, thing in known.items():
            state = state_of(spool, CALLS, rows.get(key), thing)
            parents[key] = parent_of(thing.identity, state)
    return ancestry.in_loop(parents)
