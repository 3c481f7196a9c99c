"""Data that moved under a right."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from contracts.models.rights import Entitlement
from datasets.models import Asset, Dataset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class Transfer(models.Model):
    """Data moving under an entitlement: one asset, one copy, however many requests it takes.
    `sent_ranges` are the merged [first, after-last] byte ranges that left; `sent_bytes` is how much of the
    asset they cover, `spent_bytes` all that left, repeats included."""

    class State(models.TextChoices):
        STARTED = "started"
        INTERRUPTED = "interrupted"
        COMPLETED = "completed"
        ABORTED = "aborted"
        REVOKED = "revoked"

    class Evidence(models.TextChoices):
        GATEWAY = "gateway"  # what left is counted by the gateway
        ISSUED = "issued"  # a link to storage was given; what left is known once its access log was read

    TRANSITIONS = {
        "interrupt": ({State.STARTED}, State.INTERRUPTED, "transfer.interrupted"),
        "resume": ({State.INTERRUPTED}, State.STARTED, "transfer.resumed"),
        "complete": ({State.STARTED, State.INTERRUPTED}, State.COMPLETED, "transfer.completed"),
        "abort": ({State.STARTED, State.INTERRUPTED}, State.ABORTED, "transfer.aborted"),
        "revoke": ({State.STARTED, State.INTERRUPTED}, State.REVOKED, "transfer.revoked"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Every download writes this row twice: so few indexes, and no constraint where the right has the same one.
    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="transfers", db_index=False
    )
    asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    dataset = models.ForeignKey(
        Dataset, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    seller = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    buyer = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.STARTED)
    token_id = models.CharField(max_length=64)  # of the token that started it
    country = models.CharField(max_length=2)  # the buyer's verified country at the start
    size_bytes = models.BigIntegerField()
    sent_ranges = models.JSONField(default=list)
    sent_bytes = models.BigIntegerField(default=0)
    spent_bytes = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True)
    started_at = models.DateTimeField()
    active_at = models.DateTimeField()  # when a gateway last said that it is sending
    resumable_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    evidence = models.CharField(max_length=8, choices=Evidence.choices, default="gateway", db_default="gateway")
    copy_given_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("transfer", "started", "interrupted", "completed", "aborted", "revoked"),
            models.UniqueConstraint(fields=["token_id"], name="transfer_once_per_token"),
        ]
        indexes = [
            models.Index(fields=["buyer", "id"], name="transfer_of_buyer"),
            models.Index(fields=["seller", "id"], name="transfer_of_seller"),
            models.Index(
                fields=["state", "active_at"], condition=~Q(state="completed"), name="transfer_to_sweep"
            ),
            models.Index(fields=["entitlement", "asset", "sent_bytes", "id"], name="transfer_of_right"),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "transfer": str(self.pk),
            "entitlement": str(self.entitlement_id),
            "asset": str(self.asset_id),
            "dataset": str(self.dataset_id),
            "revision": str(self.revision_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "size_bytes": str(self.size_bytes),
            "sent_bytes": str(self.sent_bytes),
            "evidence": str(self.evidence),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class BucketRead(models.Model):
    """A read that the bucket's access log tells of; `transfer` is None where no link that was given explains it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request_id = models.CharField(max_length=64, unique=True)  # the bucket's own
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, related_name="bucket_reads")
    storage_key = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    sent_bytes = models.BigIntegerField()
    read_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {"request": self.request_id, "status": self.status, "read_bytes": str(self.sent_bytes)}

    def event_parties(self) -> list[UUID]:
        return []


class SeenProof(models.Model):
    """A proof of a key (DPoP) that was used; its id is a hash of key and proof. Forgotten when it is too old to be
    taken again."""

    id = models.CharField(primary_key=True, max_length=64)
    seen_at = models.DateTimeField(db_index=True)
