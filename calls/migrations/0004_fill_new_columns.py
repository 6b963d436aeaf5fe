"""For databases that had calls before: what can be computed from a call's own row, and a note that
each slot is to be counted. Who the agent was only the deliveries tell: `manage.py rebuild`."""

from uuid import UUID

from django.db import migrations
from django.utils.timezone import now

from calls.numbers import last_digits_first
from calls.tallies.missed import returnable
from calls.tallies.slots import SLOT
from calls.tallies.stale import slots

BATCH = 250  # an update of many rows compares each with each


def fill(apps, schema_editor):
    Call = apps.get_model("calls", "Call")
    last = UUID(int=0)
    calls = Call.objects.using(schema_editor.connection.alias).order_by("id")
    calls = calls.only("customer_number", "flags")
    while batch := list(calls.filter(id__gt=last)[:BATCH]):
        last = batch[-1].id
        for call in batch:
            call.customer_digits = last_digits_first(call.customer_number)
            call.flagged = bool(call.flags)
        Call.objects.using(schema_editor.connection.alias).bulk_update(
            [call for call in batch if call.customer_digits or call.flagged],
            ["customer_digits", "flagged"],
        )


def note(apps, schema_editor):
    """Every slot with the customers who were missed in it: enough to list all who still wait."""
    calls = apps.get_model("calls", "Call").objects.using(schema_editor.connection.alias)
    notes = apps.get_model("calls", "StaleSlot").objects.using(schema_editor.connection.alias)
    at = now()
    for slot in slots(calls):
        missed = calls.filter(missed=True, begun_at__gte=slot, begun_at__lt=slot + SLOT).order_by()
        customers = missed.values_list("customer_number", flat=True).distinct()
        notes.create(
            begins_at=slot, changed_at=at, customers=[one for one in customers if returnable(one)]
        )


class Migration(migrations.Migration):
    atomic = False  # each batch commits; all of it may run again

    dependencies = [("calls", "0003_stale_customers")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(note, migrations.RunPython.noop, elidable=True),
    ]
