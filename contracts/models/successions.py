"""Contracts that follow others: renewals and amendments."""

from django.db import models

from contracts.models.negotiations import Negotiation
from contracts.models.rights import Entitlement
from exchange.kernel.ids import new_id


class Succession(models.Model):
    """What a negotiation is to lead to besides a contract: the right that it goes on from, or takes the place of.
    `consents` are the kinds of clause, and the price, that the buyer takes although they are worse, in the round of
    digest `consented_to` and in no other."""

    class Kind(models.TextChoices):
        RENEWAL = "renewal"  # the new right begins when the term of the old one ends
        AMENDMENT = "amendment"  # the new right takes the place of the old one, within its term

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    negotiation = models.OneToOneField(Negotiation, on_delete=models.PROTECT, related_name="succession")
    right = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="successions")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    consents = models.JSONField(default=list)
    consented_to = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["renewal", "amendment"]), name="succession_kind_known"
            )
        ]
