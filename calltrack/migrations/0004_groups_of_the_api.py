"""Who may what with the tables of the integration API. Changing a group afterwards is the
administrator's own affair: this runs once."""

from importlib import import_module

from django.db import migrations

groups = import_module("calltrack.migrations.0002_groups")

LOOKED_AT = [f"webhooks.view_{model}" for model in ("subscription", "message", "attempt")]
LOOKERS = ("Viewer", "Operator", "Supervisor")


def add(apps, schema_editor):
    """A group that was renamed or deleted meanwhile stays so."""
    database = schema_editor.connection.alias
    permissions = groups.permissions_of(apps, database)
    own = [name for name in permissions if name.startswith(groups.OWN)]
    wanted = dict.fromkeys(LOOKERS, LOOKED_AT) | {groups.ADMINISTRATOR: own}
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=wanted):
        group.permissions.add(*(permissions[one] for one in wanted[group.name]))


class Migration(migrations.Migration):
    dependencies = [
        ("calltrack", "0003_audit_of_integrations"),
        ("calls", "0007_keys_of_integrations"),
        ("webhooks", "0003_outgoing"),
    ]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
