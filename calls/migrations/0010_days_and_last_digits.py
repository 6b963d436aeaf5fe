"""Tallies of whole days, and an index by a number's last digits that answers without the table."""

from datetime import datetime

from django.db import migrations, models

from calls.tallies.days import summed
from calls.tallies.slots import DAY, slot_of


def sum_days(apps, schema_editor):
    tallies = apps.get_model("calls", "Tally")
    for day in days(tallies.objects.filter(dimension="all").order_by("begins_at")):
        tallies.objects.bulk_create(summed(day, tallies), ignore_conflicts=True)


def days(counted):
    """Those with tallies, in order: a step into the index for each."""
    slots = counted.values_list("begins_at", flat=True)
    slot: datetime | None = slots.first()
    while slot is not None:
        day = slot_of(slot, DAY)
        yield day
        slot = slots.filter(begins_at__gte=day + DAY).first()


def forget_days(apps, schema_editor):
    tallies = apps.get_model("calls", "Tally").objects
    tallies.filter(dimension__in=["all_of_day", "service_of_day", "agent_of_day"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0009_fewer_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="tally",
            name="begins_at",
            field=models.DateTimeField(help_text="The slot's first moment, or the day's."),
        ),
        migrations.AlterField(
            model_name="tally",
            name="dimension",
            field=models.CharField(
                choices=[
                    ("all", "All"),
                    ("service_number", "Service number"),
                    ("agent", "Agent"),
                    ("all_of_day", "All of a day"),
                    ("service_of_day", "Service number, of a day"),
                    ("agent_of_day", "Agent, of a day"),
                ],
                max_length=16,
            ),
        ),
        migrations.RunPython(sum_days, forget_days, elidable=True),
        migrations.RemoveIndex(model_name="call", name="call_by_last_digits"),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                fields=["customer_digits", "-begun_at", "-id", "is_root"],
                name="call_by_last_digits",
            ),
        ),
    ]
