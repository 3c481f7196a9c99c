from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0022_officers_work")]

    operations = [
        migrations.CreateModel(
            name="InformingDuty",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("buyer_id", models.UUIDField()),
                ("seller_id", models.UUIDField()),
                ("dataset_id", models.UUIDField()),
                ("leaf", models.BigIntegerField()),
                ("began_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("profile_version", models.CharField(max_length=200)),
                ("profile_sha256", models.CharField(max_length=64)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "how",
                    models.CharField(
                        blank=True, choices=[("told", "Told"), ("exempt", "Exempt")], max_length=8
                    ),
                ),
                ("exemption", models.CharField(blank=True, max_length=8)),
                ("said", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at", None)),
                        fields=["due_at"],
                        name="informing_not_answered",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("buyer_id", "dataset_id"), name="informing_once_per_dataset"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["", "told", "exempt"])), name="informing_how_known"
                    ),
                ],
            },
        ),
    ]
