"""Evidence that an officer gives away: who asked for it, what it is about, and the file that answers for some days; and
the time stamps of others on what the log signed."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states


class Bundle(models.Model):
    """All that the log proves of one matter, as one file for somebody outside. `scope` is the question as its Events
    say it; `left_out` lists what belongs to the matter and is not in the file, with the reason and how much it is."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        READY = "ready"
        FAILED = "failed"
        EXPIRED = "expired"

    TRANSITIONS = {
        "finish": ({State.REQUESTED}, State.READY, "bundle.finished"),
        "fail": ({State.REQUESTED}, State.FAILED, "bundle.failed"),
        "expire": ({State.REQUESTED, State.READY}, State.EXPIRED, "bundle.expired"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant_id = models.UUIDField()  # the officer's organisation
    scope = models.JSONField()
    addressee = models.CharField(max_length=200)
    reason = models.TextField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)  # while a worker makes the file
    failure = models.CharField(max_length=40, blank=True)  # the code of the refusal
    events = models.BigIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    checkpoint = models.CharField(
        max_length=300, blank=True
    )  # origin, size and root of the head that proves it
    left_out = models.JSONField(default=list)

    class Meta:
        constraints = [known_states("bundle", "requested", "ready", "failed", "expired")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "bundle": str(self.pk),
            "participant": str(self.participant_id),
            "scope": self.scope,
            "events": str(self.events),
            "sha256": self.sha256 or None,
            "failure": self.failure or None,
        }

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]


class TimeStamp(models.Model):
    """An RFC 3161 reply of a time-stamping authority over the note of one checkpoint. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    log = models.ForeignKey("compliance.Log", on_delete=models.PROTECT, related_name="time_stamps")
    size = models.BigIntegerField()
    note = models.BinaryField()  # what was stamped, byte for byte
    reply = models.BinaryField()
    said_at = models.DateTimeField()  # by the authority
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="time_stamp_once_per_head")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"log": self.log_id, "size": str(self.size)}

    def event_parties(self) -> list[UUID]:
        return []
