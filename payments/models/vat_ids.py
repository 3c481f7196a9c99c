"""VAT ids as somebody looked them up."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class VatId(models.Model):
    """One VAT id of one participant, and what the register of the Union (VIES) said of it last. `due_at` is when it is
    asked next; `consultation_number` proves that it was asked."""

    class State(models.TextChoices):
        UNVERIFIED = "unverified"
        VALID = "valid"
        INVALID = "invalid"

    TRANSITIONS = {
        "confirm": ({State.UNVERIFIED, State.INVALID}, State.VALID, "vatid.confirmed"),
        "refuse": ({State.UNVERIFIED, State.VALID}, State.INVALID, "vatid.refused"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="vat_ids")
    vat_id = models.CharField(max_length=20)
    state = models.CharField(max_length=16, choices=State.choices, default=State.UNVERIFIED)
    consultation_number = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # without an answer, in a row
    answered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            known_states("vatid", "unverified", "valid", "invalid"),
            models.UniqueConstraint(fields=["participant", "vat_id"], name="vatid_once"),
        ]
        indexes = [models.Index(fields=["due_at"], name="vatid_due")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {"participant": str(self.participant_id), "vatid": str(self.pk)}

    def event_parties(self) -> list[UUID]:
        return [self.participant_id]
