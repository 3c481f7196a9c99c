"""The desk's rows, derived from leaves alone."""

from django.db import models


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
            models.Index(fields=["result", "id"], name="record_of_result"),
            models.Index(fields=["country_to", "id"], name="record_of_country"),
            models.Index(fields=["mechanism", "id"], name="record_of_mechanism"),
        ]


class DayCount(models.Model):
    """How many transfers began on one day of the exchange's own zone and ended so: the sum of their records, written
    with them."""

    id = models.CharField(primary_key=True, max_length=32)  # "<day>:<result>"
    day = models.DateField()
    result = models.CharField(max_length=16)
    transfers = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="daycount_of_day")]


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
        indexes = [
            models.Index(fields=["dataset_id", "revision_id", "buyer_id"], name="recipient_of_dataset"),
            models.Index(fields=["dataset_id", "buyer_id"], name="recipient_by_buyer"),
        ]


class RecipientRight(models.Model):
    """What the log proves of the right and the ground under which one buyer received some of a revision: the sum of its
    records, written with them."""

    id = models.UUIDField(primary_key=True)  # a hash of what the row is about
    dataset_id = models.UUIDField(null=True)
    revision_id = models.UUIDField(null=True)
    buyer_id = models.UUIDField()
    seller_id = models.UUIDField(null=True)
    entitlement_id = models.UUIDField(null=True)
    agreement_id = models.UUIDField(null=True)
    personal_data = models.CharField(max_length=16)
    legal_basis = models.CharField(max_length=16, blank=True)
    purpose = models.CharField(max_length=40)
    country_from = models.CharField(max_length=2)
    country_to = models.CharField(max_length=2)
    mechanism = models.CharField(max_length=24, blank=True)
    transfers = models.IntegerField()
    running = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_transfer_id = models.UUIDField()  # whose page shows the leaves

    class Meta:
        indexes = [
            models.Index(fields=["dataset_id", "revision_id", "buyer_id"], name="recipientright_of_dataset"),
            models.Index(fields=["dataset_id", "buyer_id"], name="recipientright_by_buyer"),
        ]


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
