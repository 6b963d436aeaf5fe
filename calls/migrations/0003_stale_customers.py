from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0002_desk")]

    operations = [
        migrations.AddField(
            model_name="staleslot",
            name="customers",
            field=models.JSONField(
                default=list, help_text="Numbers of the customers of these calls, before and after."
            ),
        ),
        migrations.AddIndex(
            model_name="staleslot",
            index=models.Index(fields=["begins_at"], name="stale_slot_by_time"),
        ),
    ]
