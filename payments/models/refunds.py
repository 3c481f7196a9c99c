"""Money of a paid charge that goes back to the buyer: because somebody gave it, or because the buyer's bank took it."""

from collections.abc import Mapping
from typing import TypedDict
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import known_states
from payments.models.amounts import Amounts
from payments.models.charges import Charge


class GivenPart(TypedDict):
    """What one party gives of a sum that goes back: from what was held or payable, or (`owed`) as a debt."""

    party: str
    minor: int
    owed: int


class Returned(Amounts, models.Model):
    """A sum of a charge that goes back in its exact proportions: gross = net + tax, and `parts` are the sellers'."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="%(class)ss")
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)  # of net, what the exchange gives up
    parts = models.JSONField(default=list)  # of GivenPart
    is_from_hold = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def given(self) -> Mapping[UUID, Money]:
        """What each party gives, whether it has it or owes it."""
        return {UUID(part["party"]): Money(part["minor"], self.currency) for part in self.parts}


class Refund(Returned):
    """Money given back to the buyer. What it takes from whom is frozen when it is created, and booked then, so that
    no release and no payout can take it meanwhile."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        DECLINED = "declined"
        CREATED = "created"
        SUBMITTED = "submitted"
        SETTLED = "settled"
        FAILED = "failed"

    class Side(models.TextChoices):
        BUYER = "buyer"
        SELLER = "seller"
        OPERATOR = "operator"

    TRANSITIONS = {
        "approve": ({State.REQUESTED}, State.CREATED, "refund.created"),
        "decline": ({State.REQUESTED}, State.DECLINED, "refund.declined"),
        "submit": ({State.CREATED}, State.SUBMITTED, "refund.submitted"),
        # a provider may tell that it has paid before its first answer was kept
        "settle": ({State.CREATED, State.SUBMITTED}, State.SETTLED, "refund.settled"),
        # banks send money back days later
        "fail": ({State.CREATED, State.SUBMITTED, State.SETTLED}, State.FAILED, "refund.failed"),
    }
    COUNTED = frozenset({State.CREATED, State.SUBMITTED, State.SETTLED})
    """In these its money is with the buyer, or on its way."""

    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    provider = models.CharField(max_length=16)
    provider_reference = models.CharField(max_length=120, blank=True)
    asked_side = models.CharField(max_length=8, choices=Side.choices)
    asked_by = models.CharField(max_length=80)
    reason = models.TextField()
    decided_by = models.CharField(max_length=80, blank=True)
    answer = models.TextField(blank=True)  # why it was declined
    failure = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    created_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("refund", "requested", "declined", "created", "submitted", "settled", "failed"),
            models.CheckConstraint(
                condition=Q(gross_minor__gt=0, tax_minor__gte=0, fee_minor__gte=0, net_minor__gte=0)
                & (Q(state__in=["requested", "declined"]) | Q(gross_minor=F("net_minor") + F("tax_minor"))),
                name="refund_adds_up",
            ),
            models.UniqueConstraint(
                fields=["charge"],
                condition=Q(state__in=["requested", "created", "submitted"]),
                name="refund_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="refund_reference_once",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        """Without fee and parts: the buyer, who is a party, may not tell the exchange's part."""
        return {
            "refund": str(self.pk),
            "charge": str(self.charge_id),
            "reference": self.charge.reference,
            "occasion": self.charge.occasion,
            "buyer": str(self.charge.payer_id),
            "seller": str(self.charge.payee_id),
            "currency": self.currency,
            "gross_minor": str(self.gross_minor),
            "provider": self.provider,
        }

    def event_parties(self) -> list[UUID]:
        return self.charge.event_parties()


class Dispute(Returned):
    """The buyer's bank took the money of a charge (`gross`) back for now. A lost one ends as a refund does, as far as
    money of the charge is left; what is more is the exchange's loss."""

    class State(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    TRANSITIONS = {
        "win": ({State.OPEN}, State.WON, "dispute.won"),
        "lose": ({State.OPEN}, State.LOST, "dispute.lost"),
    }

    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    provider = models.CharField(max_length=16)
    provider_reference = models.CharField(max_length=120)
    cost_minor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=64, blank=True)  # the bank's word
    allotted_minor = models.BigIntegerField(default=0)  # of gross, what the sale gives once it is lost
    evidence_due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("dispute", "open", "won", "lost"),
            models.UniqueConstraint(fields=["provider", "provider_reference"], name="dispute_once"),
            models.CheckConstraint(
                condition=Q(gross_minor__gt=0, cost_minor__gte=0, allotted_minor__gte=0)
                & Q(allotted_minor__lte=F("gross_minor"))
                & Q(allotted_minor=F("net_minor") + F("tax_minor")),
                name="dispute_adds_up",
            ),
        ]

    @property
    def cost(self) -> Money:
        return Money(self.cost_minor, self.currency)

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "dispute": str(self.pk),
            "charge": str(self.charge_id),
            "reference": self.charge.reference,
            "occasion": self.charge.occasion,
            "buyer": str(self.charge.payer_id),
            "seller": str(self.charge.payee_id),
            "currency": self.currency,
            "gross_minor": str(self.gross_minor),
            "provider": self.provider,
        }

    def event_parties(self) -> list[UUID]:
        return self.charge.event_parties()
