"""The register of breaches: what happened, whom it reaches by the log, who was told of it, and what was stopped."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.kernel.text import timestamp


class Breach(models.Model):
    """One breach of personal data (Art. 33(5) GDPR), also where nobody had to be told. Its clock runs from the moment
    of becoming aware, by the legal profile named here. `alarms_told` counts the warnings before and at its end."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    class Kind(models.TextChoices):
        CONFIDENTIALITY = "confidentiality"
        INTEGRITY = "integrity"
        AVAILABILITY = "availability"

    class Source(models.TextChoices):
        OWN = "own"
        PARTICIPANT = "participant"
        PROCESSOR = "processor"
        PERSON = "person"
        AUTHORITY = "authority"
        OUTSIDER = "outsider"
        MONITOR = "monitor"

    class Risk(models.TextChoices):
        UNLIKELY = "unlikely"  # nobody need be told, and the reasons are kept
        RISK = "risk"  # the authority is told
        HIGH = "high"  # and each person

    TRANSITIONS = {
        "close": ({State.OPEN}, State.CLOSED, "breach.closed"),
        "reopen": ({State.CLOSED}, State.OPEN, "breach.reopened"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    kinds = models.JSONField()
    what = models.TextField()
    reported_by = models.CharField(max_length=16, choices=Source.choices)
    systems = models.TextField(blank=True)
    occurred_from = models.DateTimeField(null=True)
    occurred_until = models.DateTimeField(null=True)
    detected_at = models.DateTimeField()
    became_aware_at = models.DateTimeField()
    due_at = models.DateTimeField()
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)
    persons_count = models.BigIntegerField(null=True)  # about
    records_count = models.BigIntegerField(null=True)  # about
    persons_categories = models.TextField(blank=True)
    data_categories = models.TextField(blank=True)
    consequences = models.TextField(blank=True)
    measures_taken = models.TextField(blank=True)
    measures_proposed = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    risk = models.CharField(max_length=8, choices=Risk.choices, blank=True)
    risk_method = models.TextField(blank=True)
    risk_reasons = models.TextField(blank=True)
    exemption = models.CharField(max_length=40, blank=True)  # why persons are not told, by the profile's code
    exemption_reasons = models.TextField(blank=True)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    alarms_told = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("breach", "open", "closed"),
            models.CheckConstraint(
                condition=models.Q(detected_at__lte=models.F("became_aware_at"))
                & models.Q(became_aware_at__lte=models.F("opened_at")),
                name="breach_moments_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="open"), name="breach_open"),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "breach": str(self.pk),
            "kinds": self.kinds,
            "reported_by": self.reported_by,
            "detected_at": timestamp(self.detected_at),
            "became_aware_at": timestamp(self.became_aware_at),
            "due_at": timestamp(self.due_at),
            "risk": self.risk or None,
            "profile_version": self.profile_version,
            "profile_sha256": self.profile_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return []


class BreachScope(models.Model):
    """What was asked of the log for a breach, and what it answered: frozen with the head that proves it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="scopes")
    asked = models.JSONField()
    taken_at = models.DateTimeField()
    origin = models.CharField(max_length=200)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    leaves = models.BigIntegerField()
    transfers = models.BigIntegerField()
    recipients = models.BigIntegerField()
    sent_bytes = models.BigIntegerField()
    first_leaf = models.BigIntegerField(null=True)
    last_leaf = models.BigIntegerField(null=True)
    categories = models.JSONField()  # as declared: classes, kinds of data, kinds of persons

    def facts(self) -> Mapping[str, Fact]:
        """What an Event of the breach says of it."""
        return {
            "scope": str(self.pk),
            "asked": self.asked,
            "checkpoint": f"{self.origin} {self.size} {self.root}",
            "transfers": str(self.transfers),
            "recipients": str(self.recipients),
            "first_leaf": None if self.first_leaf is None else str(self.first_leaf),
            "last_leaf": None if self.last_leaf is None else str(self.last_leaf),
        }


class BreachRecipient(models.Model):
    """Who had received what of a revision when the log was asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scope = models.ForeignKey(BreachScope, on_delete=models.PROTECT, related_name="rows")
    buyer_id = models.UUIDField()
    dataset_id = models.UUIDField(null=True)
    revision_id = models.UUIDField(null=True)
    transfers = models.BigIntegerField()
    sent_bytes = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    first_leaf = models.BigIntegerField()
    last_leaf = models.BigIntegerField()


class BreachReport(models.Model):
    """What the authority or the persons were told of a breach, phase by phase: the words as they were sent."""

    class Audience(models.TextChoices):
        AUTHORITY = "authority"
        PERSONS = "persons"

    class Channel(models.TextChoices):
        PORTAL = "portal"
        EMAIL = "email"
        LETTER = "letter"
        PHONE = "phone"
        PUBLIC = "public"  # a public communication, Art. 34(3)(c)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="reports")
    audience = models.CharField(max_length=12, choices=Audience.choices)
    phase = models.PositiveSmallIntegerField()
    is_last = models.BooleanField()
    channel = models.CharField(max_length=8, choices=Channel.choices)
    reference = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    delay_reason = models.TextField(blank=True)
    body = models.TextField()  # canonical JSON
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["breach", "audience", "phase"], name="breach_report_once")
        ]

    def facts(self) -> Mapping[str, Fact]:
        """What an Event of the breach says of it."""
        return {
            "audience": self.audience,
            "phase": self.phase,
            "is_last": self.is_last,
            "channel": self.channel,
            "sent_at": timestamp(self.sent_at),
            "document_sha256": self.sha256,
        }


class BreachStop(models.Model):
    """An order, given in a breach, that something stops at once."""

    class Kind(models.TextChoices):
        PARTICIPANT = "participant"
        REVISION = "revision"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="stops")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    target_id = models.UUIDField()
    reason = models.TextField()
    ordered_by = models.CharField(max_length=80)
    ordered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["breach", "kind", "target_id"], name="breach_stop_once")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"breach": str(self.breach_id), "kind": self.kind, "target": str(self.target_id)}

    def event_parties(self) -> list[UUID]:
        return []
