"""What must be shown: the log's heads and checkpoints, the desk's records derived from Events, and reviews."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states


class Log(models.Model):
    """One year's log. Its leaf i is the Event whose leaf_index is `first_index` + i."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    origin = models.CharField(max_length=200, unique=True)
    first_index = models.BigIntegerField()
    opened_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {"log": self.year, "first_index": self.first_index}

    def event_parties(self) -> list[UUID]:
        return []


class LogHead(models.Model):
    """The tree after one batch, by the sequencer: unsigned, what the signer checks before it signs.
    `frontier` is all of the tree that appending to it needs, as `compliance.log.proofs.Frontier` writes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="heads")
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    frontier = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="log_head_size_once")]


class Checkpoint(models.Model):
    """A head that the signer has signed and published, as a C2SP signed note."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    note = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="checkpoint_size_once")]


class TransferRecord(models.Model):
    """What the log proves of one transfer, or of one refused attempt: the desk's row, written by the sequencer
    with the leaves it is derived from. What no leaf says is empty."""

    class Result(models.TextChoices):
        RUNNING = "running"
        INTERRUPTED = "interrupted"
        COMPLETED = "completed"
        ABORTED = "aborted"
        REVOKED = "revoked"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True)  # of the transfer; of the Event where an attempt was refused
    result = models.CharField(max_length=16, choices=Result.choices)
    reason = models.CharField(max_length=64, blank=True)
    seller_id = models.UUIDField(null=True)
    buyer_id = models.UUIDField(null=True)
    dataset_id = models.UUIDField(null=True)
    revision_id = models.UUIDField(null=True)
    asset_id = models.UUIDField(null=True)
    entitlement_id = models.UUIDField(null=True)
    agreement_id = models.UUIDField(null=True)
    personal_data = models.CharField(max_length=16)
    country_from = models.CharField(max_length=2)
    country_to = models.CharField(max_length=2)
    mechanism = models.CharField(max_length=24, blank=True)
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=16, blank=True)
    size_bytes = models.BigIntegerField()
    sent_bytes = models.BigIntegerField()
    started_at = models.DateTimeField()
    last_at = models.DateTimeField()
    first_leaf = models.BigIntegerField()
    last_leaf = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["seller_id", "id"], name="record_of_seller"),
            models.Index(fields=["buyer_id", "id"], name="record_of_buyer"),
            models.Index(fields=["dataset_id", "id"], name="record_of_dataset"),
            models.Index(fields=["revision_id", "id"], name="record_of_revision"),
            models.Index(fields=["started_at"], name="record_by_start"),
        ]


class Review(models.Model):
    """An officer's look at a dataset whose scan contradicts its declaration: only what was approved is
    published. A review is closed when another version of its subject takes its place."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        REFUSED = "refused"
        CLOSED = "closed"

    TRANSITIONS = {
        "approve": ({State.OPEN}, State.APPROVED, "review.approved"),
        "refuse": ({State.OPEN}, State.REFUSED, "review.refused"),
        "close": ({State.OPEN}, State.CLOSED, "review.closed"),
        "reopen": ({State.CLOSED}, State.OPEN, "review.reopened"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.CharField(max_length=80)  # "dataset:<uuid>"
    version = models.CharField(max_length=120)  # what was looked at: revision and declaration
    seller_id = models.UUIDField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    contradictions = models.JSONField()  # column, declared, found, kind; never values
    reason = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("review", "open", "approved", "refused", "closed"),
            models.UniqueConstraint(fields=["subject", "version"], name="review_once_per_version"),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"review": str(self.pk), "subject": self.subject, "contradictions": len(self.contradictions)}

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class RefusalCount(models.Model):
    """How many requests of a kind that leave no Event (wild guesses) came on a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField()
    code = models.CharField(max_length=40)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "code"], name="refusal_count_once_a_day")]
