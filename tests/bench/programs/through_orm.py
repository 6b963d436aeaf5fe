"""A delivery stored and merged as it is usually written with Django's ORM: a transaction of its own
in the thread of its request, each row read under a lock and saved. What is merged into what is the
product's."""

from django.db import IntegrityError, OperationalError, transaction
from django.utils.timezone import now

from calls import ancestry, ledger
from calls.derived import CONNECTION_IS_CALL, DERIVED_FLAGS, connection, given_by_call
from calls.feed.notes import Changes
from calls.merge import join
from calls.models import Call, ChangeSet, Leg
from calls.tables import TABLES, load
from calls.tallies import stale
from webhooks import inbox
from webhooks.models import Delivery, State

TRIES = 100
START_OVER = {"40001", "40P01"}  # serialization failure, deadlock


class Noted(Changes):
    """The product's notes, written by the ORM."""

    def save(self):
        if self._noted:
            changes = [[*key, *noted] for key, noted in self._noted.items()]
            ChangeSet.objects.create(changes=changes)


def put(delivery):
    """Returns when it is stored. Raises inbox.Unavailable."""
    saying = inbox.digest(delivery)
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return store(delivery, saying)
        except IntegrityError:
            continue  # another request inserted the same row meanwhile
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in START_OVER:
                raise
    raise inbox.Unavailable(f"still contended after {TRIES} tries")


def store(delivery, saying):
    same = Delivery.objects.filter(id=delivery.id, received_on=delivery.received_on)
    if same.exists():
        return
    delivery.save(force_insert=True)
    changes = Noted()
    if delivery.state == State.FAILED:
        changes.failed([delivery.id])
    if saying:
        record(saying, changes)
    changes.save()


def record(saying, changes):
    spoken, moved = ledger.gather([saying]), set()
    for kind, table in TABLES.items():
        said = spoken.get(kind, {})
        written = [merge(table, key, known) for key, known in said.items()]
        written = [pair for pair in written if pair]
        changes.wrote(written)
        if table.model is Call:
            follow(written, saying.provider, changes)
            moved = ledger._moved(written)
    if moved:
        settle(moved, saying.provider, changes)


def merge(table, key, known):
    """(the row as it was, as it was written), None where nothing is new."""
    old = table.model.objects.select_for_update().filter(pk=key).first()
    state = load(table, old, DERIVED_FLAGS) if old else None
    merged = join(table.rules, state, known.state) if state else known.state
    if merged is state:
        return None
    row = ledger.build(table, key, known, merged, old)
    # Told which it is, Django need not try an UPDATE before the INSERT.
    row.save(force_insert=old is None, force_update=old is not None)
    return old, row


def follow(written, provider, changes):
    """What is to be counted again, and the legs that calls are."""
    for note in stale.notes(written):
        note.save(force_insert=True)
    if provider in CONNECTION_IS_CALL:
        for old, call in written:
            connect(old, call, provider, changes)


def connect(old, call, provider, changes):
    leg, former = connection(call, provider), connection(old, provider) if old else None
    if former and former.id != leg.id:
        Leg.objects.filter(pk=former.id).delete()
        changes.erased(Leg, [(former.id, old.revision)])
        former = None
    if former is None or given_by_call(former) != given_by_call(leg):
        leg.revision, leg.updated_at = call.revision, call.updated_at
        names = [field.attname for field in Leg._meta.concrete_fields if not field.primary_key]
        values = {name: getattr(leg, name) for name in names}
        Leg.objects.update_or_create(pk=leg.id, defaults=values)
        changes.wrote([(former, leg)])


def settle(moved, provider, changes):
    """Flag the calls that are their own ancestors, unflag those that no longer are."""
    rows, level = {}, moved
    while level:
        found = Call.objects.select_for_update().in_bulk(level)
        rows |= found
        level = {row.parent_id for row in found.values() if row.parent_id} - rows.keys()
    looped = ancestry.in_loop({key: row.parent_id for key, row in rows.items()})
    written = []
    for key, old in rows.items():
        row = ancestry.settled(old, in_loop=key in looped)
        if (row.is_root, row.flags, row.flagged) != (old.is_root, old.flags, old.flagged):
            row.revision, row.updated_at = old.revision + 1, now()
            row.save(force_update=True)
            written.append((old, row))
    changes.wrote(written)
    follow(written, provider, changes)
