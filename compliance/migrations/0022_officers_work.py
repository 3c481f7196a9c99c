import django.db.models.deletion
from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("compliance", "0021_sweeps"), ("participants", "0007_billing")]

    operations = [
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("member", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="desk_digest", serialize=False, to="participants.member")),
                ("pace", models.CharField(choices=[("daily", "Daily"), ("weekly", "Weekly")], max_length=8)),
                ("next_at", models.DateTimeField(db_index=True)),
                ("sent_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DeskView",
            fields=[
                ("id", models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("participant_id", models.UUIDField()),
                ("place", models.PositiveSmallIntegerField()),
                ("title", models.CharField(max_length=100)),
                ("query", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("participant_id", "place"), name="desk_view_place_once"),
                    models.UniqueConstraint(fields=("participant_id", "title"), name="desk_view_title_once"),
                    models.CheckConstraint(condition=models.Q(("place__gte", 1), ("place__lte", 50)), name="desk_view_place_known"),
                ],
            },
        ),
    ]
