from django.db import migrations, models

import webhooks.models.endpoints


def a_salt_for_each(apps, schema_editor):
    endpoints = apps.get_model("webhooks", "Endpoint").objects.using(schema_editor.connection.alias)
    for endpoint in endpoints.filter(salt=""):
        endpoint.salt = webhooks.models.endpoints.new_salt()
        endpoint.save(update_fields=["salt"])


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0005_pause_of_targets")]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="salt",
            field=models.CharField(default="", editable=False, max_length=32),
        ),
        migrations.RunPython(a_salt_for_each, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="endpoint",
            name="salt",
            field=models.CharField(
                default=webhooks.models.endpoints.new_salt,
                editable=False,
                help_text="Secret: the ids of its deliveries are hashed with it.",
                max_length=32,
            ),
        ),
    ]
