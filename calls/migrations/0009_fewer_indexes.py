"""Fewer indexes on what webhooks write, and room on the pages for the next versions of a row.

Measured: see README, "How fast it is".
"""

import django.db.models.deletion
from django.db import migrations, models


class WithoutIndex(migrations.AlterField):
    """A key whose automatic index goes. Left to itself, Django would check every row's key again
    on PostgreSQL, with the table locked meanwhile."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            drop_automatic(schema_editor, *self.field_in(from_state, app_label))
        else:
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            model, field = self.field_in(to_state, app_label)
            schema_editor.execute(schema_editor._create_index_sql(model, fields=[field]))
        else:
            super().database_backwards(app_label, schema_editor, from_state, to_state)

    def field_in(self, state, app_label):
        model = state.apps.get_model(app_label, self.model_name)
        return model, model._meta.get_field(self.name)


def drop_automatic(schema_editor, model, field):
    introspection, table = schema_editor.connection.introspection, model._meta.db_table
    with schema_editor.connection.cursor() as cursor:
        found = introspection.get_constraints(cursor, table)
    for name, about in found.items():
        automatic = about["index"] and name.startswith(f"{table}_{field.column}")
        if automatic and about["columns"] == [field.column]:
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def leave_room(apps, schema_editor):
    """An update that finds room on its row's page writes no index: 29 % of them did, now most."""
    set_fillfactor(schema_editor, "SET (fillfactor = 70)")


def fill_up(apps, schema_editor):
    set_fillfactor(schema_editor, "RESET (fillfactor)")


def set_fillfactor(schema_editor, clause):
    if schema_editor.connection.vendor == "postgresql":
        for table in ("calls_call", "calls_leg"):
            schema_editor.execute(f"ALTER TABLE {table} {clause}")


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0008_lists_of_one_account"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="call",
            name="call_roots_newest_first",
        ),
        migrations.RemoveIndex(
            model_name="call",
            name="call_newest_first",
        ),
        migrations.RemoveIndex(
            model_name="call",
            name="call_by_status",
        ),
        WithoutIndex(
            model_name="call",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="calls.account",
            ),
        ),
        WithoutIndex(
            model_name="call",
            name="parent",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="children",
                to="calls.call",
            ),
        ),
        WithoutIndex(
            model_name="conference",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="conferences",
                to="calls.account",
            ),
        ),
        WithoutIndex(
            model_name="leg",
            name="call",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="legs",
                to="calls.call",
            ),
        ),
        WithoutIndex(
            model_name="leg",
            name="connected_call",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                help_text="The call that is this connection: FreeClimb's child, else the call itself.",
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="connections",
                to="calls.call",
            ),
        ),
        WithoutIndex(
            model_name="missedcustomer",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="calls.account",
            ),
        ),
        WithoutIndex(
            model_name="missedcustomer",
            name="last_call",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                help_text="Missed last.",
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="calls.call",
            ),
        ),
        WithoutIndex(
            model_name="participant",
            name="conference",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="participants",
                to="calls.conference",
            ),
        ),
        WithoutIndex(
            model_name="recording",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recordings",
                to="calls.account",
            ),
        ),
        WithoutIndex(
            model_name="recording",
            name="conference",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="recordings",
                to="calls.conference",
            ),
        ),
        WithoutIndex(
            model_name="tally",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="calls.account",
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["-begun_at", "-id", "is_root"], name="call_newest_first"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["parent"],
                name="call_by_parent",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                condition=models.Q(("conference__isnull", False)),
                fields=["conference"],
                name="recording_by_conference",
            ),
        ),
        migrations.RunPython(leave_room, fill_up),
    ]
