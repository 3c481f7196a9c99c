from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("datasets", "0004_processing")]

    operations = [
        migrations.AddField(
            model_name="declaration",
            name="statement",
            field=models.JSONField(default=dict),
        ),
    ]
