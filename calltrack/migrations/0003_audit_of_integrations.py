from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calltrack", "0002_groups")]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("play", "Played a recording"),
                    ("download", "Downloaded"),
                    ("export", "Exported calls"),
                    ("reveal", "Revealed numbers"),
                    ("process_again", "Processed again"),
                    ("endpoint", "Changed an endpoint"),
                    ("subscription", "Changed a subscription"),
                    ("redeliver", "Delivered again"),
                    ("integration", "Changed an integration"),
                ],
                max_length=16,
            ),
        ),
    ]
