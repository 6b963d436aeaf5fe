"""On PostgreSQL deliveries are partitioned by the day of receipt; webhooks/partitions.py has the rest.

Nothing is copied: the table as it was becomes the partition of the past, up to and with today. Its
key is made anew and its rows are read once, so a hundred million take minutes, with the inbox shut.
SQLite keeps one table.
"""

from datetime import UTC, datetime, timedelta

import django.db.models.deletion
from django.db import migrations, models

INDEXES = {
    "delivery_newest_first": "(received_at DESC, id DESC)",
    "delivery_by_state": "(state, received_at DESC, id DESC)",
    "delivery_by_subject": "(subject, received_at DESC)",
}
LIKE = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE"


def split(apps, schema_editor):
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    _on_postgresql(
        schema_editor,
        "ALTER TABLE webhooks_delivery RENAME TO webhooks_delivery_past",
        *(f"ALTER INDEX {name} RENAME TO {name}_past" for name in INDEXES),
        "ALTER TABLE webhooks_delivery_past DROP CONSTRAINT webhooks_delivery_pkey,"
        " ADD CONSTRAINT webhooks_delivery_past_pkey PRIMARY KEY (id, received_on)",
        f"CREATE TABLE webhooks_delivery (LIKE webhooks_delivery_past {LIKE})"
        " PARTITION BY RANGE (received_on)",
        *_key_and_indexes("id, received_on"),
        "CREATE TABLE webhooks_delivery_default PARTITION OF webhooks_delivery DEFAULT",
        # Imported with a time to come, or by a clock that was ahead.
        f"WITH later AS (DELETE FROM webhooks_delivery_past WHERE received_on >= '{tomorrow}'"  # noqa: S608
        " RETURNING *) INSERT INTO webhooks_delivery SELECT * FROM later",
        "ALTER TABLE webhooks_delivery ATTACH PARTITION webhooks_delivery_past"
        f" FOR VALUES FROM (MINVALUE) TO ('{tomorrow}')",
    )


def join(apps, schema_editor):
    """One table again. This does copy all rows."""
    _on_postgresql(
        schema_editor,
        f"CREATE TABLE webhooks_delivery_whole (LIKE webhooks_delivery {LIKE})",
        "INSERT INTO webhooks_delivery_whole SELECT * FROM webhooks_delivery",
        "DROP TABLE webhooks_delivery",
        "ALTER TABLE webhooks_delivery_whole RENAME TO webhooks_delivery",
        *_key_and_indexes("id"),
    )


def _key_and_indexes(key):
    yield f"ALTER TABLE webhooks_delivery ADD CONSTRAINT webhooks_delivery_pkey PRIMARY KEY ({key})"
    for name, columns in INDEXES.items():
        yield f"CREATE INDEX {name} ON webhooks_delivery {columns}"


def _on_postgresql(schema_editor, *statements):
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0006_endpoint_salt")]

    operations = [
        # SQLite would copy the whole table to alter the field.
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX webhooks_delivery_endpoint_id_6cbee67d",
                    "CREATE INDEX webhooks_delivery_endpoint_id_6cbee67d"
                    " ON webhooks_delivery (endpoint_id)",
                )
            ],
            [
                migrations.AlterField(
                    model_name="delivery",
                    name="endpoint",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="deliveries",
                        to="webhooks.endpoint",
                    ),
                )
            ],
        ),
        migrations.RunPython(split, join),
    ]
