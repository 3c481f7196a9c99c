"""What must be shown: the log's heads and checkpoints, the desk's records derived from Events, and reviews."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states


class Log(models.Model):
    """One log: a year's, or one that succeeds a log that had to be closed. Its leaf i is the Event whose leaf_index is
    `first_index` + i, up to where a newer log begins. Newer logs have greater names."""

    name = models.CharField(max_length=8, primary_key=True)  # "2026"; its successors "2026.1" to "2026.9"
    origin = models.CharField(max_length=200, unique=True)
    first_index = models.BigIntegerField()
    opened_at = models.DateTimeField()

    def event_facts(self) -> Mapping[str, Fact]:
        return {"log": self.name, "first_index": self.first_index}

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
    """What the log proves of one transfer, or of one refused attempt: the desk's row, written by the follower once
    the leaves it is derived from are sealed. What no leaf says is empty."""

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
            models.Index(fields=["entitlement_id"], name="record_of_entitlement"),
            models.Index(fields=["started_at"], name="record_by_start"),
        ]


class RecordsMark(models.Model):
    """How far the records follow the log: they say all that the first `leaves` do, counted over all logs, and
    nothing else. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    leaves = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="records_mark_once")]


class Recipient(models.Model):
    """What the log proves that one buyer has of one asset: the sum of its records, written with them. `first_at` and
    `last_at` may be those of a transfer under which in the end no byte left."""

    id = models.UUIDField(primary_key=True)  # a hash of what the row is about
    dataset_id = models.UUIDField(null=True)
    revision_id = models.UUIDField(null=True)
    buyer_id = models.UUIDField()
    asset_id = models.UUIDField(null=True)
    transfers = models.IntegerField()
    running = models.IntegerField()
    sent_bytes = models.BigIntegerField()  # the most that one transfer delivered
    size_bytes = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["dataset_id", "revision_id", "buyer_id"], name="recipient_of_dataset")]


class Duty(models.Model):
    """What the log proves of one buyer's duty to delete after the end of a right: until when, and when the deletion
    was stated. What no leaf says yet is empty."""

    id = models.UUIDField(primary_key=True)  # of the entitlement
    seller_id = models.UUIDField(null=True)
    buyer_id = models.UUIDField(null=True)
    dataset_id = models.UUIDField(null=True)
    revision_id = models.UUIDField(null=True)
    agreement_id = models.UUIDField(null=True)
    delete_by = models.DateTimeField(null=True)
    stated_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["delete_by"], name="duty_not_stated", condition=models.Q(stated_at=None))
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


class KeptProfile(models.Model):
    """A legal profile by which something was decided, as its file was written."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    version = models.CharField(max_length=200)
    body = models.BinaryField()
    kept_at = models.DateTimeField()


class RefusalCount(models.Model):
    """How many requests of a kind that leave no Event (wild guesses) came on a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField()
    code = models.CharField(max_length=40)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "code"], name="refusal_count_once_a_day")]


class Export(models.Model):
    """An officer's question, and the file that answers it for a few days: everything of it that the signed head named
    here proves. The file never changes, so a cut download goes on where it stopped."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        READY = "ready"
        EXPIRED = "expired"

    class Form(models.TextChoices):
        CSV = "csv"
        JSONL = "jsonl"
        PARQUET = "parquet"

    TRANSITIONS = {
        "finish": ({State.REQUESTED}, State.READY, "export.finished"),
        "expire": ({State.REQUESTED, State.READY}, State.EXPIRED, "export.expired"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant_id = models.UUIDField()  # the officer's organisation
    form = models.CharField(max_length=8, choices=Form.choices)
    filters = models.JSONField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)  # while a worker makes the file
    rows = models.BigIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    checkpoint = models.CharField(
        max_length=300, blank=True
    )  # origin, size and root of the head that proves it

    class Meta:
        constraints = [known_states("export", "requested", "ready", "expired")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "participant": str(self.participant_id),
            "form": self.form,
            "filters": self.filters,
            "rows": str(self.rows),
            "sha256": self.sha256 or None,
        }

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]


class Comparison(models.Model):
    """One comparison of the tokens, the gateways' record and the log, over a window of time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    compared_at = models.DateTimeField()
    tokens = models.BigIntegerField()
    transfers = models.BigIntegerField()
    unmatched = models.BigIntegerField()


class Mismatch(models.Model):
    """What one record knows and another does not, or tells otherwise: bytes without an Event, an Event without bytes,
    a token that nobody gave out, a read of storage without a link. Never changed."""

    class Kind(models.TextChoices):
        UNLOGGED = "unlogged"  # bytes left, and the log has no start of their transfer
        UNSEEN = "unseen"  # the log has bytes that no gateway saw
        FEWER_BYTES = "fewer_bytes"  # complete by the log, and less left
        MORE_BYTES = "more_bytes"  # nothing was sent by the log, and bytes left
        UNKNOWN_TOKEN = "unknown_token"  # noqa: S105  (bytes left by a token that nobody gave out)
        STORAGE_READ = "storage_read"  # storage's own log has a read that no link explains

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    subject = models.CharField(max_length=80)  # "transfer:<uuid>", "token:<hash>", "bucketread:<uuid>"
    detail = models.CharField(max_length=80, blank=True)
    sent_bytes = models.BigIntegerField(null=True)
    logged_bytes = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="mismatch_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "kind": self.kind,
            "about": self.subject,
            "sent_bytes": None if self.sent_bytes is None else str(self.sent_bytes),
            "logged_bytes": None if self.logged_bytes is None else str(self.logged_bytes),
        }

    def event_parties(self) -> list[UUID]:
        return []


class Alarm(models.Model):
    """What the monitor inside the exchange found wrong with the published log, until a look finds it well again. What
    an officer has acknowledged, with a `reason`, stands too, and troubles nobody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16)
    sentence = models.CharField(max_length=500)
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "sentence"], condition=models.Q(cleared_at=None), name="alarm_stands_once"
            )
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"kind": self.kind}

    def event_parties(self) -> list[UUID]:
        return []
