import django.db.models.deletion
from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):
    dependencies = [("compliance", "0017_records_of_processing")]

    operations = [
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("participant_id", models.UUIDField()),
                ("scope", models.JSONField()),
                ("addressee", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                ("state", models.CharField(choices=[("requested", "Requested"), ("ready", "Ready"), ("failed", "Failed"), ("expired", "Expired")], default="requested", max_length=16)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("claimed_until", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, max_length=40)),
                ("events", models.BigIntegerField(default=0)),
                ("size_bytes", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("checkpoint", models.CharField(blank=True, max_length=300)),
                ("left_out", models.JSONField(default=list)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("state__in", ("requested", "ready", "failed", "expired"))), name="bundle_state_known")],
            },
        ),
        migrations.CreateModel(
            name="TimeStamp",
            fields=[
                ("id", models.UUIDField(default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("note", models.BinaryField()),
                ("reply", models.BinaryField()),
                ("said_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("log", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="time_stamps", to="compliance.log")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("log", "size"), name="time_stamp_once_per_head")],
            },
        ),
    ]
