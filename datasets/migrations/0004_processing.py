from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0003_schedules")]

    operations = [
        migrations.AddField(
            model_name="declaration",
            name="processing",
            field=models.JSONField(default=dict),
        ),
    ]
