"""What buyers are asked for, and what of it is kept back for sellers."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import known_states
from exchange.participants.models import Participant
from payments.models.amounts import Amounts
from payments.plans import fees


class Charge(Amounts, models.Model):
    """Money asked of a buyer, once for each `occasion` of what `reference` names. Net, tax, fee and who earns what
    part are frozen when it is created."""

    class State(models.TextChoices):
        CREATED = "created"
        SUBMITTED = "submitted"  # the provider was asked
        UNDERWAY = "underway"  # the payer ordered it, and money arrives in days
        DECLINED = "declined"  # the provider could not collect; the payer may try again
        PAID = "paid"
        FAILED = "failed"  # called off: nothing is to be paid any more

    class VatRole(models.TextChoices):
        DEEMED_SUPPLIER = "deemed_supplier"  # the exchange supplies the buyer, the seller supplies the exchange
        INTERMEDIARY = "intermediary"  # the seller supplies the buyer

    TRANSITIONS = {
        "submit": ({State.CREATED, State.DECLINED}, State.SUBMITTED, "charge.submitted"),
        "expect": ({State.CREATED, State.SUBMITTED, State.DECLINED}, State.UNDERWAY, "charge.expected"),
        "decline": ({State.CREATED, State.SUBMITTED, State.UNDERWAY}, State.DECLINED, "charge.declined"),
        # money that arrives counts, also after a failure was told first
        "settle": (
            {State.CREATED, State.SUBMITTED, State.UNDERWAY, State.DECLINED, State.FAILED},
            State.PAID,
            "charge.paid",
        ),
        "fail": (
            {State.CREATED, State.SUBMITTED, State.UNDERWAY, State.DECLINED},
            State.FAILED,
            "charge.failed",
        ),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=80)  # "agreement:<uuid>"
    occasion = models.CharField(max_length=40, default="first")  # or "period:2", "instalment:3", "usage:4"
    subject = models.CharField(max_length=80, blank=True)  # what is sold: "dataset:<uuid>"
    payer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="charges_to_pay")
    payee = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="charges_to_receive")
    state = models.CharField(max_length=16, choices=State.choices, default=State.CREATED)
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    gross_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()  # the exchange's part of net
    parts = models.JSONField(default=list)  # of what is held, by party; none: all of it is the payee's
    vat_role = models.CharField(max_length=16, choices=VatRole.choices)
    vat_treatment = models.CharField(max_length=24)  # vat.Treatment
    vat_rate_basis_points = models.PositiveIntegerField()
    vat_evidence = models.JSONField(default=dict)  # what the treatment rests on, as taxes.between has it
    title = models.CharField(max_length=200, blank=True)  # what invoices call it
    provider = models.CharField(max_length=16)
    provider_reference = models.CharField(max_length=120, blank=True)
    inspection_seconds = models.PositiveIntegerField()
    keeps_method = models.BooleanField(default=False)  # the payer agreed to have their way to pay kept
    awaits_delivery = models.BooleanField(default=False)  # its hold opens only once what was sold was delivered
    refund_policy = models.JSONField(default=dict)  # refund_policies.Policy; none: nothing may be asked back
    refunded_minor = models.BigIntegerField(default=0)  # of gross, gone back by refunds and lost disputes
    failure = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("charge", "created", "submitted", "underway", "declined", "paid", "failed"),
            models.UniqueConstraint(fields=["reference", "occasion"], name="charge_once_per_occasion"),
            models.CheckConstraint(
                condition=Q(gross_minor=models.F("net_minor") + models.F("tax_minor"))
                & Q(net_minor__gt=0)
                & Q(tax_minor__gte=0)
                & Q(fee_minor__gte=0)
                & Q(fee_minor__lte=models.F("net_minor")),
                name="charge_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=models.F("gross_minor")),
                name="charge_gives_back_what_it_has",
            ),
        ]

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def held(self) -> Money:
        """The sellers' part: net less the fee, and the tax where the seller owes it."""
        owes_tax = self.vat_role == self.VatRole.INTERMEDIARY
        return fees.held(net=self.net, tax=self.tax, fee=self.fee, seller_owes_tax=owes_tax)

    @property
    def remaining(self) -> Money:
        """What of the gross amount has not gone back."""
        return Money(self.gross_minor - self.refunded_minor, self.currency)

    @property
    def is_direct(self) -> bool:
        """Whether the buyer pays the seller itself: then nothing is held, and the seller owes the fee."""
        return self.provider == "manual" and self.vat_role == self.VatRole.INTERMEDIARY

    def shared(self, held: Money) -> Mapping[UUID, Money]:
        """Who gets what of `held`, the whole seller's part, as it was frozen."""
        if not self.parts:
            return {self.payee_id: held}
        return {UUID(part["party"]): Money(part["minor"], self.currency) for part in self.parts}

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "charge": str(self.pk),
            "reference": self.reference,
            "occasion": self.occasion,
            "buyer": str(self.payer_id),
            "seller": str(self.payee_id),
            "currency": self.currency,
            "net_minor": str(self.net_minor),
            "tax_minor": str(self.tax_minor),
            "gross_minor": str(self.gross_minor),
            "vat_role": self.vat_role,
            "provider": self.provider,
        }

    def event_parties(self) -> list[UUID]:
        return [self.payer_id, self.payee_id]


class Hold(models.Model):
    """The seller's part of a paid charge, kept back until the buyer confirms or the inspection window ends."""

    class State(models.TextChoices):
        OPEN = "open"
        CONTESTED = "contested"
        RELEASED = "released"
        RETURNED = "returned"

    TRANSITIONS = {
        "contest": ({State.OPEN}, State.CONTESTED, "hold.contested"),
        "stop": ({State.OPEN}, State.CONTESTED, "hold.stopped"),  # by the exchange: not as warranted
        "settle": ({State.CONTESTED}, State.OPEN, "hold.settled"),
        "release": ({State.OPEN}, State.RELEASED, "hold.released"),
        "give_back": ({State.OPEN, State.CONTESTED}, State.RETURNED, "hold.returned"),
        # a refund that was taken from it failed: the money is held again, until a person has looked at it
        "reopen": ({State.OPEN, State.RELEASED, State.RETURNED}, State.CONTESTED, "hold.reopened"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, related_name="hold")
    reference = models.CharField(max_length=80)
    occasion = models.CharField(max_length=40, default="first")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="holds_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="holds_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    kept = models.JSONField(default=dict)  # what of it is held now: {party: minor}
    kept_minor = models.BigIntegerField(default=0)
    awaits_delivery = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True)  # delivered whole, and compared with what was warranted
    overdue_at = models.DateTimeField(null=True)  # since when it is older than its limit
    releases_at = models.DateTimeField()
    reason = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("hold", "open", "contested", "released", "returned"),
            models.UniqueConstraint(fields=["reference", "occasion"], name="hold_once_per_occasion"),
            models.CheckConstraint(
                condition=Q(kept_minor__gte=0, kept_minor__lte=models.F("amount_minor")),
                name="hold_keeps_a_part",
            ),
        ]
        indexes = [models.Index(fields=["state", "releases_at"], name="hold_to_release")]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def parts(self) -> Mapping[UUID, Money]:
        """Whose what is held now is."""
        return {UUID(party): Money(minor, self.currency) for party, minor in self.kept.items() if minor}

    def event_facts(self) -> Mapping[str, Fact]:
        """Without the amount: with it the buyer, who is a party, could tell the exchange's part."""
        return {
            "hold": str(self.pk),
            "charge": str(self.charge_id),
            "reference": self.reference,
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]
