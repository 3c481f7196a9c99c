"""What is exchanged: datasets, their declarations, sealed revisions and assets, and what was measured."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class PersonalData(models.TextChoices):
    """How personal a dataset, or one column of it, is; from free to strictest."""

    NONE = "none"
    PSEUDONYMISED = "pseudonymised"
    PERSONAL = "personal"
    SPECIAL = "special"


class Dataset(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    TRANSITIONS = {
        "publish": ({State.DRAFT}, State.PUBLISHED, "dataset.published"),
        "retire": ({State.PUBLISHED}, State.RETIRED, "dataset.retired"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="datasets")
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    keywords = models.JSONField(default=list)
    theme = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    spatial = models.JSONField(default=list)  # ISO 3166-1 alpha-2 codes, or names of places
    temporal_start = models.DateField(null=True)
    temporal_end = models.DateField(null=True)
    frequency = models.CharField(max_length=24, blank=True)
    personal_data = models.CharField(
        max_length=16, choices=PersonalData.choices, blank=True
    )  # as declared last
    may_redirect = models.BooleanField(default=False)  # downloads may be answered by links to storage
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [known_states("dataset", "draft", "published", "retired")]

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    def event_facts(self) -> Mapping[str, Fact]:
        return {"dataset": str(self.pk), "seller": str(self.seller_id), "class": self.personal_data or None}

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class Declaration(models.Model):
    """What the seller says of personal data, whole and column by column. Never changed: a new one follows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="declarations")
    number = models.PositiveIntegerField()
    personal_data = models.CharField(max_length=16, choices=PersonalData.choices)
    columns = models.JSONField(default=dict)  # column name: PersonalData
    legal_basis = models.CharField(max_length=16, blank=True)
    article_9_ground = models.CharField(max_length=16, blank=True)
    purposes = models.JSONField(default=list)
    source = models.TextField(blank=True)
    processing = models.JSONField(default=dict)  # data, persons, passed_on_for, passed_on_to, retention_months
    statement = models.JSONField(
        default=dict
    )  # evidence, DPIA, notice and rights: compliance.reviews.statements
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="declaration_number_once"),
            models.CheckConstraint(
                condition=models.Q(personal_data__in=PersonalData.values), name="declaration_class_known"
            ),
        ]


class Revision(models.Model):
    """A version of a dataset: open while assets are added, then sealed under one digest for good."""

    class State(models.TextChoices):
        OPEN = "open"
        SEALED = "sealed"
        REVOKED = "revoked"

    TRANSITIONS = {
        "seal": ({State.OPEN}, State.SEALED, "revision.sealed"),
        "revoke": ({State.SEALED}, State.REVOKED, "revision.revoked"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="revisions")
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    number = models.PositiveIntegerField()
    manifest = models.BinaryField(null=True)  # canonical JSON of the assets' names, sizes and digests
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the manifest
    opened_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    measured_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("revision", "open", "sealed", "revoked"),
            models.UniqueConstraint(fields=["dataset", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["dataset"], condition=models.Q(state="open"), name="revision_one_open"
            ),
        ]

    @property
    def is_sealed(self) -> bool:
        return self.state == self.State.SEALED

    def event_facts(self) -> Mapping[str, Fact]:
        facts: dict[str, Fact] = {
            "dataset": str(self.dataset_id),
            "revision": str(self.pk),
            "number": self.number,
            "seller": str(self.dataset.seller_id),
        }
        return facts | ({"digest": self.digest} if self.digest else {})

    def event_parties(self) -> list[UUID]:
        return [self.dataset.seller_id]


class Asset(models.Model):
    """One file of a revision: announced first, received once; then its bytes have a digest for good.
    `block_digests` are SHA-256 digests of each BLOCK_BYTES, one after another."""

    BLOCK_BYTES = 1024 * 1024

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="assets")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    block_digests = models.BinaryField(null=True)
    storage_key = models.CharField(max_length=200, blank=True)
    announced_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "name"], name="asset_name_once_per_revision")
        ]

    @property
    def is_received(self) -> bool:
        return self.received_at is not None

    def event_facts(self) -> Mapping[str, Fact]:
        facts: dict[str, Fact] = {
            "dataset": str(self.revision.dataset_id),
            "revision": str(self.revision_id),
            "asset": str(self.pk),
        }
        return facts | ({"sha256": self.sha256, "bytes": str(self.size_bytes)} if self.is_received else {})

    def event_parties(self) -> list[UUID]:
        return [self.revision.dataset.seller_id]


class Profile(models.Model):
    """What a worker measured of one asset, in the shapes of `measures`: columns, counts and, where nothing personal
    is declared, values and a few rows. `findings` are the scan's verdicts per column, without values."""

    asset = models.OneToOneField(Asset, on_delete=models.PROTECT, primary_key=True, related_name="profile")
    is_readable = models.BooleanField()
    problem = models.CharField(max_length=500, blank=True)
    row_count = models.BigIntegerField(null=True)
    columns = models.JSONField(default=list)
    segments = models.JSONField(null=True)
    sample = models.JSONField(null=True)
    findings = models.JSONField(default=dict)
    measured_at = models.DateTimeField()


class Schedule(models.Model):
    """When later revisions of a dataset are announced to come. Rows stay but for their end: another one follows."""

    class Unit(models.TextChoices):
        DAYS = "days"
        WEEKS = "weeks"
        MONTHS = "months"
        YEARS = "years"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="schedules")
    first_on = models.DateField()
    every = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8, choices=Unit.choices)
    count = models.PositiveSmallIntegerField()
    announced_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(unit__in=["days", "weeks", "months", "years"]), name="schedule_unit_known"
            ),
            models.UniqueConstraint(
                fields=["dataset"], condition=models.Q(ended_at=None), name="schedule_one_in_force"
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "schedule": str(self.pk),
            "dataset": str(self.dataset_id),
            "seller": str(self.dataset.seller_id),
            "first_on": self.first_on.isoformat(),
            "every": self.every,
            "unit": str(self.unit),
            "count": self.count,
        }

    def event_parties(self) -> list[UUID]:
        return [self.dataset.seller_id]


class ScheduledRevision(models.Model):
    """One day of a schedule, with the revision that met it. `dropped_at`: the schedule was changed or ended before it
    came due; `late_at`: when the clock found that its day had passed without a revision."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="deliveries")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="deliveries")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="deliveries", null=True)
    met_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "number"], name="scheduled_revision_number_once"),
            models.UniqueConstraint(fields=["revision"], name="scheduled_revision_met_by_one"),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=models.Q(revision=None, late_at=None, dropped_at=None),
                name="scheduled_revision_to_watch",
            ),
        ]

    def is_late(self, today: date) -> bool:
        """Whether its day has passed, in UTC, without a revision."""
        return self.revision_id is None and self.dropped_at is None and self.due_on < today

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "delivery": str(self.pk),
            "schedule": str(self.schedule_id),
            "dataset": str(self.dataset_id),
            "seller": str(self.dataset.seller_id),
            "place": self.number,
            "due_on": self.due_on.isoformat(),
        }

    def event_parties(self) -> list[UUID]:
        return [self.dataset.seller_id]
