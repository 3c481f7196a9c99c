import django.db.models.deletion
import django.db.models.expressions
import exchange.kernel.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("participants", "0007_billing"),
        ("payments", "0007_subscriptions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invoice", "Invoice"),
                            ("self_billing", "Self Billing"),
                            ("fee_invoice", "Fee Invoice"),
                            ("credit_note", "Credit Note"),
                        ],
                        max_length=16,
                    ),
                ),
                ("year", models.PositiveSmallIntegerField()),
                ("sequence", models.PositiveIntegerField()),
                ("number", models.CharField(max_length=35)),
                ("source", models.CharField(max_length=80)),
                ("currency", models.CharField(max_length=3)),
                ("net_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("gross_minor", models.BigIntegerField()),
                ("content", models.JSONField()),
                ("xml", models.BinaryField()),
                ("xml_sha256", models.CharField(max_length=64)),
                ("issued_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="charge",
            name="title",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="charge",
            name="vat_evidence",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="InvoicePaper",
            fields=[
                (
                    "invoice",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="paper",
                        serialize=False,
                        to="payments.invoice",
                    ),
                ),
                ("pdf", models.BinaryField()),
                ("pdf_sha256", models.CharField(max_length=64)),
                ("failures", models.JSONField(null=True)),
                ("drawn_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="invoice",
            name="charge",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="payments.charge"
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="corrects",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="payments.invoice",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="issuer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices_issued",
                to="participants.participant",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="recipient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices_received",
                to="participants.participant",
            ),
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text_sha256", models.CharField(max_length=64)),
                ("accepted_by", models.CharField(max_length=80)),
                ("accepted_at", models.DateTimeField()),
                (
                    "seller",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_mandate",
                        to="participants.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("year", models.PositiveSmallIntegerField()),
                ("next", models.PositiveIntegerField(default=1)),
                (
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="participants.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VatId",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=exchange.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("vat_id", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[("unverified", "Unverified"), ("valid", "Valid"), ("invalid", "Invalid")],
                        default="unverified",
                        max_length=16,
                    ),
                ),
                ("consultation_number", models.CharField(blank=True, max_length=40)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("answered_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vat_ids",
                        to="participants.participant",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                fields=("issuer", "kind", "year", "sequence"), name="invoice_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                fields=("source", "kind", "issuer"), name="invoice_once_per_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["invoice", "self_billing", "fee_invoice", "credit_note"])),
                name="invoice_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "gross_minor",
                        django.db.models.expressions.CombinedExpression(
                            models.F("net_minor"), "+", models.F("tax_minor")
                        ),
                    ),
                    ("gross_minor__gt", 0),
                    ("net_minor__gte", 0),
                    ("tax_minor__gte", 0),
                ),
                name="invoice_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "credit_note"), _negated=True),
                    ("corrects__isnull", False),
                    _connector="OR",
                ),
                name="credit_note_names_its_invoice",
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.UniqueConstraint(fields=("issuer", "kind", "year"), name="series_once"),
        ),
        migrations.AddIndex(
            model_name="vatid",
            index=models.Index(fields=["due_at"], name="vatid_due"),
        ),
        migrations.AddConstraint(
            model_name="vatid",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("unverified", "valid", "invalid"))), name="vatid_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="vatid",
            constraint=models.UniqueConstraint(fields=("participant", "vat_id"), name="vatid_once"),
        ),
    ]
