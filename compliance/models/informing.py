"""Whom a buyer of personal data has to inform (Art. 14), and what it said that it did."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id


class InformingDuty(models.Model):
    """What the log proves of one buyer's duty to inform the persons in one dataset: it began with the first transfer of
    personal data. When it is due follows from the law of that day; what the buyer says of it is an Event each."""

    class How(models.TextChoices):
        TOLD = "told"
        EXEMPT = "exempt"

    id = models.UUIDField(primary_key=True)  # of the first transfer
    buyer_id = models.UUIDField()
    seller_id = models.UUIDField()
    dataset_id = models.UUIDField()
    leaf = models.BigIntegerField()
    began_at = models.DateTimeField()
    due_at = models.DateTimeField()
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)
    acknowledged_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=8, choices=How.choices, blank=True)
    exemption = models.CharField(max_length=8, blank=True)  # 14.5.a to 14.5.d
    said = models.TextField(blank=True)  # where the notice stands, or why there is none

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["buyer_id", "dataset_id"], name="informing_once_per_dataset"),
            models.CheckConstraint(
                condition=models.Q(how__in=["", "told", "exempt"]), name="informing_how_known"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="informing_not_answered", condition=models.Q(answered_at=None))
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "buyer": str(self.buyer_id),
            "seller": str(self.seller_id),
            "dataset": str(self.dataset_id),
            "transfer": str(self.pk),
            "profile": self.profile_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return [self.buyer_id]


class InformingWord(models.Model):
    """What a buyer said of its duty to inform before it received anything of a dataset: that it knows of it, or which
    exemption of Article 14(5) applies, and why. Said once, and it stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    buyer_id = models.UUIDField()
    seller_id = models.UUIDField()
    dataset_id = models.UUIDField()
    exemption = models.CharField(max_length=8, blank=True)  # 14.5.a to 14.5.d
    said = models.TextField(blank=True)  # why it applies
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["buyer_id", "dataset_id"], name="informingword_once_per_dataset")
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "buyer": str(self.buyer_id),
            "seller": str(self.seller_id),
            "dataset": str(self.dataset_id),
            "exemption": self.exemption or None,
        }

    def event_parties(self) -> list[UUID]:
        return [self.buyer_id]
