import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the migration before: PostgreSQL changes no table in the transaction that has just
    written rows with links."""

    dependencies = [
        ("calls", "0006_api"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apikey",
            name="integration",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="keys",
                to="calls.integration",
            ),
        ),
        migrations.RemoveField(model_name="apikey", name="active"),
        migrations.RemoveField(model_name="apikey", name="name"),
        migrations.RemoveField(model_name="apikey", name="scopes"),
    ]
