"""The groups that people are put into. Changing a group afterwards is the administrator's own
affair: this runs once."""

from django.db import migrations

OWN = ("calls", "webhooks", "calltrack")
ALL = ("add", "change", "delete", "view")

LOOKED_AT = {
    "calls": [
        *("account", "call", "leg", "conference", "participant", "recording", "missedcustomer"),
        *("servicenumber", "agent", "tag", "disposition"),
        *("callnote", "calltag", "calldisposition", "callchange"),
    ],
    "webhooks": ["endpoint", "callscript", "delivery", "endpointhour"],
}
VIEWER = [f"{app}.view_{model}" for app, models in LOOKED_AT.items() for model in models]
OPERATOR = [*VIEWER, "calls.annotate_call", *(f"calls.{action}_savedview" for action in ALL)]
SUPERVISOR = [
    *OPERATOR,
    *("calls.play_recording", "calls.download_recording", "calls.export_call"),
    *("calls.see_full_numbers", "calls.reveal_number"),
    *("calls.change_servicenumber", "calls.change_agent"),
    *("webhooks.process_delivery_again", "calltrack.view_auditentry", "calltrack.view_job"),
]
PEOPLE = [f"auth.{action}_{model}" for model in ("user", "group") for action in ALL]
GROUPS = {"Viewer": VIEWER, "Operator": OPERATOR, "Supervisor": SUPERVISOR}
ADMINISTRATOR = "Administrator"  # everything of ours, and people


def permissions_of(apps, database):
    """`app.codename` → row, for all models of ours and of people. Django adds what is missing only
    after the last migration; these are the same rows."""
    content_types = apps.get_model("contenttypes", "ContentType").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    found = {}
    for model in apps.get_models():
        meta = model._meta
        if meta.app_label not in OWN and meta.label_lower not in ("auth.user", "auth.group"):
            continue
        kind, _ = content_types.get_or_create(app_label=meta.app_label, model=meta.model_name)
        usual = [
            (f"{action}_{meta.model_name}", f"Can {action} {meta.verbose_name}")
            for action in meta.default_permissions
        ]
        for codename, name in (*usual, *meta.permissions):
            found[f"{meta.app_label}.{codename}"], _ = permissions.get_or_create(
                content_type=kind, codename=codename, defaults={"name": name}
            )
    return found


def make(apps, schema_editor):
    database = schema_editor.connection.alias
    permissions = permissions_of(apps, database)
    groups = apps.get_model("auth", "Group").objects.using(database)
    own = [name for name in permissions if name.startswith(OWN)]
    for name, names in {**GROUPS, ADMINISTRATOR: [*own, *PEOPLE]}.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(permissions[one] for one in names))


def unmake(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name__in=[*GROUPS, ADMINISTRATOR]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("calltrack", "0001_people_and_jobs"),
        ("calls", "0002_desk"),
        ("webhooks", "0002_desk"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make, unmake)]
