"""What a provider was asked to do, written down before it is asked, and how far provider events were looked for."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states


class Operation(models.Model):
    """One act that is asked of a provider. Its id is the provider's idempotency key: whoever asks again, after a crash
    too, asks for the same effect."""

    class State(models.TextChoices):
        PLANNED = "planned"
        SENT = "sent"  # the provider may have acted, whether it answered or not
        DONE = "done"
        FAILED = "failed"

    TRANSITIONS = {
        "send": ({State.PLANNED}, State.SENT, "operation.asked"),
        "finish": ({State.SENT}, State.DONE, "operation.finished"),
        "fail": ({State.SENT}, State.FAILED, "operation.failed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16)
    target = models.CharField(max_length=80)  # "refund:<uuid>"
    provider = models.CharField(max_length=16)
    params = models.JSONField()
    params_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    provider_reference = models.CharField(max_length=120, blank=True)
    url = models.TextField(blank=True)  # of the page that the provider made for a payer
    attempts = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=200, blank=True)
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("operation", "planned", "sent", "done", "failed"),
            models.UniqueConstraint(
                fields=["kind", "target"],
                # two refunds may take back two parts of one payout at once
                condition=Q(state__in=["planned", "sent"]) & ~Q(kind="reverse"),
                name="operation_one_under_way",
            ),
        ]
        indexes = [models.Index(fields=["target", "kind"], name="operation_of_target")]

    @property
    def target_id(self) -> UUID:
        return UUID(self.target.partition(":")[2])

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "operation": str(self.pk),
            "kind": self.kind,
            "target": self.target,
            "provider": self.provider,
            "params_sha256": self.params_sha256,
        }

    def event_parties(self) -> list[UUID]:
        return []


class CatchUp(models.Model):
    """Until when the events of a provider were listed, so that what never arrived is found once."""

    provider = models.CharField(primary_key=True, max_length=16)
    listed_until = models.DateTimeField()
