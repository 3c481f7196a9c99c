"""What a buyer stated to have deleted."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from contracts.models.rights import Entitlement
from datasets.models import Dataset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.participants.models import Participant


class DeletionStatement(models.Model):
    """A buyer's word that every copy of a revision under one right is deleted. `document` is its canonical JSON,
    `digest` the SHA-256 over it, `seal` the exchange's signature. Rows are kept as they are."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="deletion_statements")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    remark = models.TextField(blank=True)
    stated_by = models.CharField(max_length=80)  # the buyer's signature: an actor's name
    stated_at = models.DateTimeField()
    document = models.BinaryField()
    digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entitlement", "revision"], name="deletion_stated_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "statement": str(self.pk),
            "entitlement": str(self.entitlement_id),
            "agreement": str(self.entitlement.agreement_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "digest": self.digest,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]
