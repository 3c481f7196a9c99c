from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("compliance", "0023_informing_duties")]

    operations = [
        migrations.CreateModel(
            name="PriceList",
            fields=[
                ("id", models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(unique=True)),
                ("body", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("applies_from", models.DateField()),
                ("published_at", models.DateTimeField()),
            ],
        ),
    ]
