from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0003_outgoing")]

    operations = [
        migrations.AlterField(
            model_name="subscription",
            name="state",
            field=models.CharField(
                choices=[
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("stopped", "Stopped: the target is dead"),
                    ("deleted", "Deleted"),
                ],
                default="active",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["-at", "-id"], name="attempt_newest_first"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state", "failed")),
                fields=["subscription", "-created_at", "-id"],
                name="message_failed",
            ),
        ),
    ]
