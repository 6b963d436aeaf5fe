import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0004_managing_subscriptions")]

    operations = [
        migrations.AddField(
            model_name="subscription",
            name="pause_until",
            field=models.DateTimeField(
                help_text="Nothing is sent before, after several failures in a row.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="due_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="Not before: the next try, or the end of the lease of this one.",
            ),
        ),
        migrations.RemoveIndex(model_name="message", name="message_due"),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["subscription", "due_at"],
                name="message_due",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("event", "test"), ("state", "queued")),
                fields=["due_at"],
                name="message_test_due",
            ),
        ),
    ]
