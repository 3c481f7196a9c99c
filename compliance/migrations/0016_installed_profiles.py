import django.db.models.deletion
from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("compliance", "0015_reviews_by_column")]

    operations = [
        migrations.CreateModel(
            name="InstalledProfile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("serial", models.BigIntegerField(unique=True)),
                ("note", models.BinaryField()),
                ("signed_by", models.CharField(max_length=200)),
                ("key_id", models.CharField(max_length=8)),
                ("as_of", models.DateField()),
                ("operator_id", models.UUIDField()),
                ("installed_at", models.DateTimeField()),
                (
                    "profile",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="installed",
                        to="compliance.keptprofile",
                    ),
                ),
            ],
        ),
    ]
