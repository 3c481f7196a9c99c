"""What the operator publishes as a provider of data intermediation: the versions of its own fees."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id


class PriceList(models.Model):
    """One version of the exchange's own fees, as everybody reads it. Never changed; the next one follows it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField(unique=True)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    applies_from = models.DateField()
    published_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "number": self.number,
            "document_sha256": self.sha256,
            "applies_from": self.applies_from.isoformat(),
        }

    def event_parties(self) -> list[UUID]:
        return []
