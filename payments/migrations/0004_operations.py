import django.db.models.deletion
from django.db import migrations, models

import exchange.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0006_sectors"),
        ("payments", "0003_reversed_once"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="charge",
            name="charge_state_known",
        ),
        migrations.AlterField(
            model_name="charge",
            name="state",
            field=models.CharField(
                choices=[
                    ("created", "Created"),
                    ("submitted", "Submitted"),
                    ("underway", "Underway"),
                    ("declined", "Declined"),
                    ("paid", "Paid"),
                    ("failed", "Failed"),
                ],
                default="created",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("created", "submitted", "underway", "declined", "paid", "failed"))
                ),
                name="charge_state_known",
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="keeps_method",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="providerevent",
            name="kind",
            field=models.CharField(max_length=120),
        ),
        migrations.CreateModel(
            name="CatchUp",
            fields=[
                ("provider", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("listed_until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Operation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("target", models.CharField(max_length=80)),
                ("provider", models.CharField(max_length=16)),
                ("params", models.JSONField()),
                ("params_sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("sent", "Sent"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="planned",
                        max_length=16,
                    ),
                ),
                ("provider_reference", models.CharField(blank=True, max_length=120)),
                ("url", models.TextField(blank=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("failure", models.CharField(blank=True, max_length=200)),
                ("planned_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["target", "kind"], name="operation_of_target")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("planned", "sent", "done", "failed"))),
                        name="operation_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", ["planned", "sent"]),
                            models.Q(("kind", "reverse"), _negated=True),
                        ),
                        fields=("kind", "target"),
                        name="operation_one_under_way",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentMethod",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("provider", models.CharField(max_length=16)),
                ("customer", models.CharField(max_length=120)),
                ("method", models.CharField(max_length=120)),
                ("label", models.CharField(max_length=80)),
                ("kept_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "payer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment_methods",
                        to="participants.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("payer", "provider"),
                        name="payment_method_one_in_use",
                    ),
                    models.UniqueConstraint(fields=("provider", "method"), name="payment_method_once"),
                ],
            },
        ),
    ]
