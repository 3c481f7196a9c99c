"""What was signed."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from contracts.models.negotiations import Negotiation
from datasets.models import Dataset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class Agreement(models.Model):
    """The usage contract: `document` is its canonical JSON, `digest` the SHA-256 over it, `seal` the exchange's
    signature. Frozen by the database; only its state moves."""

    class State(models.TextChoices):
        SIGNED = "signed"
        TERMINATED = "terminated"

    TRANSITIONS = {"terminate": ({State.SIGNED}, State.TERMINATED, "agreement.terminated")}

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    negotiation = models.OneToOneField(Negotiation, on_delete=models.PROTECT, related_name="agreement")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="agreements")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="agreements")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="agreements_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="agreements_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.SIGNED)
    document = models.BinaryField()
    digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=200)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [known_states("agreement", "signed", "terminated")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "agreement": str(self.pk),
            "negotiation": str(self.negotiation_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "digest": self.digest,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]
