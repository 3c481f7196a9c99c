"""Incidents with non-personal data that holders shared (Art. 12(k) of the Data Governance Act), and how far each holder
was told."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.kernel.text import timestamp


class Incident(models.Model):
    """One unauthorised transfer, access or use of non-personal data. What was `asked` of the log and whom it reaches is
    frozen as it is entered, with the signed head that proves it; holders are told once it is confirmed. `personal` is
    how many transfers of personal data the same question found, which belong to a breach."""

    class State(models.TextChoices):
        ENTERED = "entered"
        CONFIRMED = "confirmed"
        DROPPED = "dropped"

    class Kind(models.TextChoices):
        TRANSFER = "transfer"
        ACCESS = "access"
        USE = "use"

    TRANSITIONS = {
        "confirm": ({State.ENTERED}, State.CONFIRMED, "incident.confirmed"),
        "drop": ({State.ENTERED}, State.DROPPED, "incident.dropped"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ENTERED)
    kinds = models.JSONField()
    what = models.TextField()  # holders read it
    measures = models.TextField(blank=True)  # holders read it
    detected_at = models.DateTimeField()
    asked = models.JSONField()
    origin = models.CharField(max_length=200)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    leaves = models.BigIntegerField()
    transfers = models.BigIntegerField()
    personal = models.BigIntegerField()
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)
    entered_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("incident", "entered", "confirmed", "dropped"),
            models.CheckConstraint(
                condition=Q(detected_at__lte=models.F("entered_at")), name="incident_moments_in_order"
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "incident": str(self.pk),
            "kinds": self.kinds,
            "detected_at": timestamp(self.detected_at),
            "asked": self.asked,
            "checkpoint": f"{self.origin} {self.size} {self.root}",
            "transfers": str(self.transfers),
            "profile": self.profile_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return []


class IncidentHolder(models.Model):
    """One data holder that an incident reaches. `datasets` are the first of its datasets that it reaches, as text, and
    `datasets_count` how many there are; `ways` is how each way to it ended."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        DELIVERED = "delivered"
        UNDELIVERED = "undelivered"  # another way must be found
        ACKNOWLEDGED = "acknowledged"

    OPEN = (State.QUEUED, State.SENT, State.DELIVERED, State.UNDELIVERED)
    TOLD = (State.SENT, State.DELIVERED, State.UNDELIVERED)
    TRANSITIONS = {
        "send": ({State.QUEUED}, State.SENT, "incidentholder.notified"),
        "resend": ({State.UNDELIVERED}, State.SENT, "incidentholder.repeated"),
        "deliver": ({State.SENT, State.UNDELIVERED}, State.DELIVERED, "incidentholder.delivered"),
        "fail": ({State.SENT}, State.UNDELIVERED, "incidentholder.undelivered"),
        "acknowledge": (set(TOLD), State.ACKNOWLEDGED, "incidentholder.acknowledged"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="holders", db_index=False)
    holder_id = models.UUIDField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    datasets = models.JSONField()
    datasets_count = models.PositiveIntegerField()
    transfers = models.BigIntegerField()
    recipients = models.BigIntegerField()
    first_at = models.DateTimeField(null=True)  # of these transfers
    last_at = models.DateTimeField(null=True)
    ways = models.JSONField(default=list)
    evidence = models.TextField(blank=True)  # what shows that it was handed over by another way
    sent_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("incidentholder", "queued", "sent", "delivered", "undelivered", "acknowledged"),
            models.UniqueConstraint(fields=["incident", "holder_id"], name="incidentholder_once"),
        ]
        indexes = [
            models.Index(fields=["holder_id", "id"], name="incidentholder_of_holder"),
            models.Index(fields=["id"], condition=Q(state="queued"), name="incidentholder_to_send"),
            models.Index(fields=["looked_at"], condition=Q(state="sent"), name="incidentholder_on_its_way"),
            models.Index(
                fields=["next_step_at"],
                condition=Q(next_step_at__isnull=False),
                name="incidentholder_to_remind",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "incident": str(self.incident_id),
            "row": str(self.pk),
            "holder": str(self.holder_id),
            "detected_at": timestamp(self.incident.detected_at),
            "datasets": list(self.datasets),
            "datasets_count": self.datasets_count,
            "transfers": str(self.transfers),
        }

    def event_parties(self) -> list[UUID]:
        return [self.holder_id]
