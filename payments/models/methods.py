"""Ways to pay that a provider keeps for a payer."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.participants.models import Participant


class PaymentMethod(models.Model):
    """A way to pay that a payer agreed to have kept, for charges without them. Card and bank details are at the
    provider; here are only its references and a `label` to know it by. One at most is in use per payer and provider."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    payer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="payment_methods")
    provider = models.CharField(max_length=16)
    customer = models.CharField(max_length=120)
    method = models.CharField(max_length=120)
    label = models.CharField(max_length=80)
    kept_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payer", "provider"], condition=Q(ended_at=None), name="payment_method_one_in_use"
            ),
            models.UniqueConstraint(fields=["provider", "method"], name="payment_method_once"),
        ]

    @property
    def is_usable(self) -> bool:
        return self.ended_at is None

    def event_facts(self) -> Mapping[str, Fact]:
        return {"method": str(self.pk), "payer": str(self.payer_id), "provider": self.provider}

    def event_parties(self) -> list[UUID]:
        return [self.payer_id]
