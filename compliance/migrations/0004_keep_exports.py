"""Exports that a worker makes and that are kept as files for some days."""

import exchange.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_name_the_logs")]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("participant_id", models.UUIDField()),
                (
                    "form",
                    models.CharField(
                        choices=[("csv", "Csv"), ("jsonl", "Jsonl"), ("parquet", "Parquet")], max_length=8
                    ),
                ),
                ("filters", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("requested", "Requested"), ("ready", "Ready"), ("expired", "Expired")],
                        default="requested",
                        max_length=16,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("claimed_until", models.DateTimeField(null=True)),
                ("rows", models.BigIntegerField(default=0)),
                ("size_bytes", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("checkpoint", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["requested", "ready", "expired"])),
                        name="export_state_known",
                    )
                ],
            },
        ),
    ]
