"""The documents that sellers make part of their contracts."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.participants.models import Participant


class LicenceText(models.Model):
    """A PDF of a seller's, which clauses name by its SHA-256. It never changes and never goes: contracts rest on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="licence_texts")
    title = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    content = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "sha256"], name="licence_text_kept_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "licence_text": str(self.pk),
            "seller": str(self.seller_id),
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]
