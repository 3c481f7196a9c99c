"""The talk between a buyer and a seller."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from contracts.models.offers import Offer
from datasets.models import Dataset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class Negotiation(models.Model):
    """The talk between buyer and seller. Its terms, plan and revision are frozen copies, so a later change of
    the offer never touches a request in flight."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        OFFERED = "offered"
        APPROVED = "approved"
        AGREED = "agreed"
        FINALIZED = "finalized"
        TERMINATED = "terminated"

    TRANSITIONS = {
        "counter": ({State.REQUESTED, State.OFFERED}, State.OFFERED, "negotiation.countered"),
        "approve": ({State.REQUESTED}, State.APPROVED, "negotiation.approved"),
        "accept": ({State.APPROVED, State.OFFERED}, State.AGREED, "negotiation.accepted"),
        "finalize": ({State.AGREED}, State.FINALIZED, "negotiation.finalized"),
        "refuse": ({State.REQUESTED, State.OFFERED, State.APPROVED}, State.TERMINATED, "negotiation.refused"),
        "terminate": (
            {State.REQUESTED, State.OFFERED, State.APPROVED, State.AGREED},
            State.TERMINATED,
            "negotiation.terminated",
        ),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="negotiations")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="negotiations")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="negotiations")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="negotiations_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="negotiations_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    purpose = models.CharField(max_length=40)
    country = models.CharField(max_length=2)  # where the buyer says the data will be used
    use = models.TextField()
    terms = models.JSONField()
    plan = models.JSONField()
    reason = models.TextField(blank=True)
    approved_by = models.CharField(max_length=80, blank=True)  # the seller's signature: an actor's name
    approved_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=80, blank=True)  # the buyer's
    accepted_at = models.DateTimeField(null=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()

    class Meta:
        constraints = [
            known_states(
                "negotiation", "requested", "offered", "approved", "agreed", "finalized", "terminated"
            ),
            models.CheckConstraint(condition=~Q(seller=F("buyer")), name="negotiation_takes_two_participants"),
            models.UniqueConstraint(
                fields=["offer", "buyer"],
                condition=Q(state__in=["requested", "offered", "approved"]),
                name="negotiation_one_open_per_offer",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "negotiation": str(self.pk),
            "offer": str(self.offer_id),
            "dataset": str(self.dataset_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "purpose": self.purpose,
            "country": self.country,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]
