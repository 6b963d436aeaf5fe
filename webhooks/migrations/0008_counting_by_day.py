"""The inbox's index by time holds the date too, so that a period is counted without its rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0007_partitions"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_newest_first",
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["-received_at", "-id", "received_on"], name="delivery_newest_first"
            ),
        ),
    ]
