"""Invoices: their numbers without gaps, what they say, and their papers; and the mandates under which the exchange
draws them up for sellers."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.participants.models import Participant
from payments.models.amounts import Amounts
from payments.models.charges import Charge


class Series(models.Model):
    """The numbers of one issuer, kind and year: `next` grows by one with each invoice, in its transaction."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    issuer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()
    next = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "kind", "year"], name="series_once")]


class Invoice(Amounts, models.Model):
    """One invoice or credit note, frozen when it was issued: `content` is all it says, `xml` the same by EN 16931,
    empty where that norm cannot say its amounts. `source` is what it follows from, so that it is issued once."""

    class Kind(models.TextChoices):
        INVOICE = "invoice"  # to the buyer
        SELF_BILLING = "self_billing"  # of the seller to the exchange, drawn up by the exchange
        FEE_INVOICE = "fee_invoice"  # of the exchange to the seller
        CREDIT_NOTE = "credit_note"  # for one of those

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=35)  # "SB-2026-000042"
    issuer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="invoices_issued")
    recipient = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="invoices_received")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="invoices")
    source = models.CharField(max_length=80)  # "charge:<uuid>", "refund:<uuid>"
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    content = models.JSONField()
    xml = models.BinaryField()
    xml_sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "kind", "year", "sequence"], name="invoice_number_once"),
            models.UniqueConstraint(fields=["source", "kind", "issuer"], name="invoice_once_per_source"),
            models.CheckConstraint(
                condition=Q(kind__in=["invoice", "self_billing", "fee_invoice", "credit_note"]),
                name="invoice_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(gross_minor=F("net_minor") + F("tax_minor"), gross_minor__gt=0)
                & Q(net_minor__gte=0, tax_minor__gte=0),
                name="invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(kind="credit_note") | Q(corrects__isnull=False),
                name="credit_note_names_its_invoice",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        """Without the amounts, which name the exchange's part to whom they concern alone."""
        return {
            "invoice": str(self.pk),
            "kind": self.kind,
            "charge": str(self.charge_id),
            "issuer": str(self.issuer_id),
            "recipient": str(self.recipient_id),
            "xml_sha256": self.xml_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return [self.issuer_id, self.recipient_id]


class InvoicePaper(models.Model):
    """The PDF of an invoice, drawn once from what was frozen. `failures` are the rules of EN 16931 and of France that
    its XML broke; empty where nothing checked it (NULL) or nothing was found ([])."""

    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, primary_key=True, related_name="paper", editable=False
    )
    pdf = models.BinaryField()
    pdf_sha256 = models.CharField(max_length=64)
    failures = models.JSONField(null=True)
    drawn_at = models.DateTimeField()


class Mandate(models.Model):
    """A seller's consent that the exchange draws up its invoices, given once; `text_sha256` says to which words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="invoice_mandate")
    text_sha256 = models.CharField(max_length=64)
    accepted_by = models.CharField(max_length=80)
    accepted_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {"seller": str(self.seller_id), "text_sha256": self.text_sha256}

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]
