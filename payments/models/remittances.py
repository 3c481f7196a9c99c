"""What people saw on a bank account: money by bank transfer, noted by one and confirmed by another."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import known_states
from exchange.participants.models import Member, Participant


class Remittance(models.Model):
    """Money that came for a charge, or left for a refund, by bank transfer: `target` ("charge:<uuid>") says which. It
    counts once a second person has confirmed it."""

    class State(models.TextChoices):
        NOTED = "noted"
        CONFIRMED = "confirmed"
        DISMISSED = "dismissed"

    TRANSITIONS = {
        "confirm": ({State.NOTED}, State.CONFIRMED, "remittance.confirmed"),
        "dismiss": ({State.NOTED}, State.DISMISSED, "remittance.dismissed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    target = models.CharField(max_length=80)
    payee = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="remittances")
    state = models.CharField(max_length=16, choices=State.choices, default=State.NOTED)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    bank_reference = models.CharField(max_length=140)
    noted_by = models.CharField(max_length=80)
    noted_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("remittance", "noted", "confirmed", "dismissed"),
            models.UniqueConstraint(
                fields=["target", "bank_reference"],
                condition=~Q(state="dismissed"),
                name="remittance_once_per_reference",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="remittance_moves_something"),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | ~Q(decided_by="")
                & ~Q(decided_by=F("noted_by"))
                & (Q(decided_member=None) | ~Q(decided_member=F("noted_member"))),
                name="remittance_four_eyes",
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "remittance": str(self.pk),
            "target": self.target,
            "currency": self.currency,
            "amount_minor": str(self.amount_minor),
        }

    def event_parties(self) -> list[UUID]:
        return [self.payee_id]
