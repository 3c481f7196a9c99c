from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0021_metered_rights"),
    ]

    operations = [
        migrations.AddField(
            model_name="negotiation",
            name="renews",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
