"""The deliveries, read and parsed into a spool."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from calls import ledger
from calls.keyset import Cursor, Keyset
from calls.scan import pages

from .. import inbox
from ..models import Delivery, Endpoint
from .comparing import USING
from .spool import Spool

BATCH = 2_000
# By receipt: what is said of an object comes close together, and lies so on disk as well.
_ORDER = ("received_at", "id")


def read(spool: Spool, *, save: bool) -> Iterator[tuple[int, int]]:
    """Put what all deliveries say into the spool; with `save` their rows tell where it is another
    outcome than before. Yields (deliveries read, those of them that cannot be read) per batch."""
    endpoints: dict[UUID, Endpoint] = {}  # few, of many deliveries
    for deliveries in pages(Delivery, _ORDER, upto=_newest(), size=BATCH, using=USING):
        missing = {delivery.endpoint_id for delivery in deliveries} - endpoints.keys()
        if missing:
            endpoints |= Endpoint.objects.select_related("account").in_bulk(list(missing))
        deliveries = [one for one in deliveries if one.endpoint_id in endpoints]
        sayings, changed = [], []
        for delivery in deliveries:
            delivery._state.fields_cache = {"endpoint": endpoints[delivery.endpoint_id]}
            before = (delivery.state, delivery.reason)
            if saying := inbox.digest(delivery):
                sayings.append(saying)
            if before != (delivery.state, delivery.reason):
                changed.append(delivery)
        if save and changed:
            inbox.save_outcomes(changed)
        spool.add([delivery.id for delivery in deliveries], ledger.gather(sayings))
        yield len(deliveries), sum(delivery.state == "failed" for delivery in deliveries)


def ids() -> Iterator[list[UUID]]:
    """Of all deliveries, in the same order."""
    keyset, newest, after = Keyset(Delivery, "received_at", ascending=True), _newest(), None
    rows = Delivery.objects.values_list(*_ORDER)
    if newest:
        rows = rows.filter(keyset.up_to(Cursor(False, *newest)))
    while found := list(keyset.beyond(rows, after)[: 5 * BATCH]):
        yield [key for _, key in found]
        after = Cursor(False, *found[-1])


def _newest() -> tuple[datetime, UUID] | None:
    """Where to stop: who ran after live intake might never arrive."""
    newest = Delivery.objects.order_by("-received_at", "-id").values_list(*_ORDER)
    return newest.first()
