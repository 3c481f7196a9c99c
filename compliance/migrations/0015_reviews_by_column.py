import django.db.models.deletion
from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0007_billing"),
        ("compliance", "0014_legal_holds"),
    ]

    operations = [
        migrations.AddField("review", "why", models.CharField(blank=True, max_length=40)),
        migrations.AddField("review", "columns", models.JSONField(default=list)),
        migrations.AddField("review", "stated", models.JSONField(default=dict)),
        migrations.AddField("review", "fingerprint", models.CharField(blank=True, max_length=120)),
        migrations.AddField(
            "review",
            "taken_from",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="compliance.review",
            ),
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("officer", models.CharField(max_length=80)),
                ("is_approval", models.BooleanField()),
                ("reason", models.TextField()),
                ("profile_version", models.CharField(max_length=200)),
                ("profile_sha256", models.CharField(max_length=64)),
                ("given_at", models.DateTimeField()),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="participants.member",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="compliance.review",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("review", "officer", "is_approval"), name="verdict_once_per_officer"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("member__isnull", False)),
                        fields=("review", "member", "is_approval"),
                        name="verdict_once_per_member",
                    ),
                ],
            },
        ),
    ]
