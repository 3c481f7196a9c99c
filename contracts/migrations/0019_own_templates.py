import django.db.models.deletion
from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0018_data_requests"),
        ("participants", "0005_second_member"),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("terms", models.JSONField()),
                ("kept_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "seller",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_templates",
                        to="participants.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("seller", "name"), name="own_template_name_once")
                ],
            },
        ),
    ]
