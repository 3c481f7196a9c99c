"""What providers said."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id


class ProviderEvent(models.Model):
    """What a payment provider told us, kept once under its own id, acted on later. `outcome` says what came of
    it, in one word."""

    FOR_THE_OPERATOR: ClassVar = frozenset(
        {
            "amount_differs",
            "cost_differs",
            "other_version",
            "paid_twice",
            "payout_left_late",
            "refunded_twice",
            "unknown_charge",
            "unknown_object",
            "unknown_payer",
            "unknown_refund",
            "unreadable",
        }
    )
    """Outcomes that changed nothing and that a person must look at."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=16)
    external_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=120)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="provider_event_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"provider": self.provider, "kind": self.kind}

    def event_parties(self) -> list[UUID]:
        return []
