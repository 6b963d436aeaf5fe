"""Notes of what has to be counted again, made in the transaction that changed the calls."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter

from calls.models import Call, StaleSlot
from calls.rows import instance

from .figures import Row
from .missed import returnable
from .slots import SLOT, slot_of

# Columns whose change makes a difference to something counted here.
_counted = attrgetter("begun_at", "is_root", "customer_number", "agent_name", *Row._fields)


def notes(changed: Iterable[tuple[Call | None, Call]]) -> list[StaleSlot]:
    """The slots and the customers, old and new, of calls that are written; to be inserted."""
    noted: dict[datetime, StaleSlot] = {}
    for old, new in changed:
        if old is not None and _counted(old) == _counted(new):
            continue
        for row in (old, new):
            if row is None:
                continue
            slot = slot_of(row.begun_at)
            written = noted.get(slot)
            if written is None:
                columns = {"begins_at": slot, "changed_at": new.updated_at}
                written = noted[slot] = instance(StaleSlot, columns)
            written.changed_at = min(written.changed_at, new.updated_at)
            if returnable(row.customer_number) and row.customer_number not in written.customers:
                written.customers.append(row.customer_number)
    return list(noted.values())


def slots(calls, first: datetime | None = None) -> Iterator[datetime]:
    """The slots in which any of these calls began, in order: a step into the index for each. Takes
    a queryset, so that migrations may ask with the model of their time."""
    begun = calls.order_by("begun_at").values_list("begun_at", flat=True)
    following = begun.filter(begun_at__gte=first) if first else begun
    while (moment := following.first()) is not None:
        slot = slot_of(moment)
        yield slot
        following = begun.filter(begun_at__gte=slot + SLOT)
