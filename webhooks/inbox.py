"""The inbox: durable first. One transaction stores, parses and merges all requests now waiting.

`put` is the door's way in: it returns when the transaction that holds the delivery has committed.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence

from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    OperationalError,
    connections,
    transaction,
)
from django.utils.timezone import now

from calls import ledger
from calls.feed.notes import Changes
from calls.ledger import Saying
from calls.upsert import Contended, Writes, together

from .committer import Committer, Pair, Unavailable
from .deliveries import TEST, TESTED, context
from .models import Delivery, State
from .providers import PROVIDERS
from .providers.base import WITHOUT_SCRIPT, Unreadable
from .providers.values import storable

logger = logging.getLogger(__name__)

OUTCOME = ["state", "reason", "attempts", "processed_at"]  # what processing writes on a delivery
_TRIES = 100  # times that a batch starts over because others changed its rows
_START_OVER = {"40001", "40P01"}  # serialization failure, deadlock


def put(make: Callable[[], Delivery]) -> None:
    """Store and process the delivery that this makes, in the thread that commits; returns after its
    commit. Raises Unavailable, and what it raises."""
    here = connections[DEFAULT_DB_ALIAS]
    if here.in_atomic_block:  # a test's transaction: another thread would not see it
        store([make()])
        return
    if here.connection is not None and getattr(here, "pool", None):
        here.close()  # back to the pool: who waits must not keep the committer from it
    _committer.put(lambda: _digested(make()))


def store(deliveries: Iterable[Delivery]) -> None:
    """Store and process deliveries in the calling thread, in one transaction. Those already stored
    are left alone. Raises Unavailable."""
    _store(map(_digested, deliveries))


def process_again(deliveries: Iterable[Delivery]) -> None:
    """Read stored deliveries again and merge what they say; their rows tell how it went."""
    _commit(map(_digested, deliveries), _update)


def merge_again(deliveries: Iterable[Delivery]) -> None:
    """Merge what stored deliveries say, leaving their own rows alone."""
    _commit(map(_digested, deliveries), _keep)


@transaction.atomic
def save_outcomes(deliveries: Sequence[Delivery]) -> None:
    """Write what became of deliveries that `digest` has read again."""
    changes = Changes()
    _update_outcomes(deliveries, changes)
    changes.save()


def digest(delivery: Delivery) -> Saying | None:
    """Parse a delivery and write on it what became of it. Whatever happens, it raises nothing."""
    endpoint = delivery.endpoint
    if delivery.method == TEST:
        _finish(delivery, State.IGNORED, TESTED)
        return None
    facts: Sequence = ()
    try:
        reading = PROVIDERS[delivery.provider].parse(delivery, context(endpoint))
    except Unreadable as error:
        state, reason = State.FAILED, str(error)
    except Exception as error:  # a bug of ours must not lose their data
        logger.exception("%s could not be parsed", delivery)
        state, reason = State.FAILED, f"{type(error).__name__}: {error}"
    else:
        facts = reading.facts
        state, reason = (State.PROCESSED if facts else State.IGNORED), reading.reason
    _finish(delivery, state, reason)
    if not facts:
        return None
    return Saying(
        account=endpoint.account_id,
        provider=delivery.provider,
        delivery=delivery.id,
        received_at=delivery.received_at,
        facts=facts,
    )


def _finish(delivery: Delivery, state: State, reason: str) -> None:
    if state in (State.FAILED, State.IGNORED) and not reason:
        reason = "It says nothing that we keep."
    if delivery.reason.startswith(WITHOUT_SCRIPT):  # said by the door, once
        reason = f"{WITHOUT_SCRIPT}; {reason}" if reason else WITHOUT_SCRIPT
    delivery.state = state
    delivery.reason = storable(reason, 2_000)
    delivery.attempts += 1
    delivery.processed_at = now()


# (deliveries, what takes note of those that failed, what is to be read) → the ids of those whose
# facts are to be merged, and what was read
_Save = Callable[[Sequence[Delivery], Changes, ledger.Before], tuple[set, ledger.Found]]


def _insert(deliveries: Sequence[Delivery], changes: Changes, reads: ledger.Before):
    writes = Writes()
    writes.insert_new(deliveries)
    (fresh,), before = together(DEFAULT_DB_ALIAS, writes, reads)
    changes.failed(_failed(deliveries) & fresh)
    return fresh, before


def _update(deliveries: Sequence[Delivery], changes: Changes, reads: ledger.Before):
    _update_outcomes(deliveries, changes)
    return _keep(deliveries, changes, reads)


def _update_outcomes(deliveries: Sequence[Delivery], changes: Changes) -> None:
    failed = _failed(deliveries)
    stored = Delivery.objects.of_days(delivery.received_at for delivery in deliveries)
    before = stored.filter(id__in=failed, state=State.FAILED).values_list("id", flat=True)
    changes.failed(failed - set(before))
    stored.bulk_update(deliveries, OUTCOME)


def _keep(deliveries: Sequence[Delivery], changes: Changes, reads: ledger.Before):
    (before,) = together(DEFAULT_DB_ALIAS, reads)
    return {delivery.id for delivery in deliveries}, before


def _failed(deliveries: Sequence[Delivery]) -> set:
    return {delivery.id for delivery in deliveries if delivery.state == State.FAILED}


def _digested(delivery: Delivery) -> Pair:
    return delivery, digest(delivery)


def _store(pairs: Iterable[Pair]) -> None:
    _commit(pairs, _insert)


def _commit(pairs: Iterable[Pair], save: _Save) -> None:
    """All in one transaction; where data of one of them is refused, each in its own."""
    distinct = {delivery.id: (delivery, saying) for delivery, saying in pairs}.values()
    if not distinct:
        return
    try:
        try:
            _transact(distinct, save)
        except (OperationalError, InterfaceError, Unavailable):
            raise
        except Exception:
            logger.exception("A batch of %d goes one by one", len(distinct))
            for delivery, saying in distinct:
                _commit_one(delivery, saying, save)
    except (OperationalError, InterfaceError) as error:
        raise Unavailable(str(error)) from error


def _commit_one(delivery: Delivery, saying: Saying | None, save: _Save) -> None:
    """A transaction of its own: what cannot be merged ends as failed, with the reason."""
    try:
        _transact([(delivery, saying)], save)
    except (OperationalError, InterfaceError, Unavailable):
        raise
    except Exception as error:
        logger.exception("%s could not be merged", delivery)
        _finish(delivery, State.FAILED, f"{type(error).__name__}: {error}")
        _transact([(delivery, None)], save)


def _transact(pairs: Collection[Pair], save: _Save) -> None:
    deliveries = [delivery for delivery, _ in pairs]
    sayings = [saying for _, saying in pairs if saying]

    def write() -> set:
        changes = Changes()
        spoken = ledger.gather(sayings)
        fresh, before = save(deliveries, changes, ledger.Before(spoken))
        if len(fresh) < len(deliveries):  # repeats say nothing new
            spoken = ledger.gather(saying for saying in sayings if saying.delivery in fresh)
        return ledger.merge(spoken, before, changes)

    topmost = until_uncontended(write)
    if moved := ledger.no_longer_topmost(topmost):
        until_uncontended(lambda: ledger.settle_parents(moved))


def until_uncontended(write: Callable):
    """Run in a transaction, again from the start when somebody else changed a row meanwhile. Raises
    Unavailable when that happens without end."""
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return write()
        except Contended:
            continue
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _START_OVER:
                raise
    raise Unavailable(f"still contended after {_TRIES} tries")


_committer = Committer(_store)
