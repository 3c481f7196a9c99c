"""The right that follows from an agreement, and what was taken of it."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from contracts.models.agreements import Agreement
from datasets.models import Asset, Dataset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class Entitlement(models.Model):
    """The right, now, that follows from an agreement."""

    class State(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        SUSPENDED = "suspended"
        EXPIRED = "expired"
        REVOKED = "revoked"

    TRANSITIONS = {
        "activate": ({State.PENDING}, State.ACTIVE, "entitlement.activated"),
        "suspend": ({State.ACTIVE}, State.SUSPENDED, "entitlement.suspended"),
        "resume": ({State.SUSPENDED}, State.ACTIVE, "entitlement.resumed"),
        "expire": ({State.ACTIVE, State.SUSPENDED}, State.EXPIRED, "entitlement.expired"),
        "supersede": ({State.ACTIVE}, State.EXPIRED, "entitlement.superseded"),
        "revoke": ({State.PENDING, State.ACTIVE, State.SUSPENDED}, State.REVOKED, "entitlement.revoked"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="entitlement")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="entitlements")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="entitlements")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="entitlements_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="entitlements_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    follows = models.ForeignKey("self", on_delete=models.PROTECT, related_name="followers", null=True)
    terms = models.JSONField()
    purpose = models.CharField(max_length=40)
    country = models.CharField(max_length=2)
    copies_max = models.PositiveIntegerField(null=True)  # of each asset; None means no limit
    is_metered = models.BooleanField(db_default=False)  # paid by use: every start is weighed
    activated_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of the last suspension or the revocation
    delete_by = models.DateTimeField(null=True)  # once it has ended; None where the terms ask for no deletion
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            known_states("entitlement", "pending", "active", "suspended", "expired", "revoked"),
            models.UniqueConstraint(
                fields=["follows"], condition=~models.Q(state="revoked"), name="entitlement_followed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "ends_at"], name="entitlement_to_expire"),
            models.Index(
                fields=["delete_by"], name="entitlement_to_delete", condition=Q(delete_by__isnull=False)
            ),
            models.Index(fields=["dataset", "id"], name="entitlement_of_dataset"),
            models.Index(fields=["buyer", "id"], name="entitlement_of_buyer"),
            models.Index(fields=["buyer", "dataset", "id"], name="entitlement_of_buyer_dataset"),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "entitlement": str(self.pk),
            "agreement": str(self.agreement_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class CopyCount(models.Model):
    """How many copies of one asset an entitlement has taken; raised only by a conditional update."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="copy_counts")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entitlement", "asset"], name="copy_count_once")]
