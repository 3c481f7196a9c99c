"""Files that answer an officer's question."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states


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
