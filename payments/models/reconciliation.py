"""What providers say of their balance, beside what the ledger says of it."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states


class BalanceLine(models.Model):
    """One line of a provider's own account of its balance, kept once under its own id. `source` is what it is about
    there, `subject` the row of ours that bears this name, once it is known."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=16)
    external_id = models.CharField(max_length=120)
    at = models.DateTimeField()
    kind = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()  # what came (or left, negative), before the provider's cost
    cost_minor = models.BigIntegerField()  # what the provider took of it
    source = models.CharField(max_length=120, blank=True)
    subject = models.UUIDField(null=True)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "external_id"], name="balance_line_once")]


class Reconciliation(models.Model):
    """One comparison of a provider's balance lines with the ledger; at most one waits for each provider."""

    class State(models.TextChoices):
        ASKED = "asked"
        DONE = "done"

    TRANSITIONS = {
        "match": ({State.ASKED}, State.DONE, "reconciliation.matched"),
        "differ": ({State.ASKED}, State.DONE, "reconciliation.differed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    compared_at = models.DateTimeField(null=True)
    open_count = models.PositiveIntegerField(default=0)  # differences that nobody has explained, after it

    class Meta:
        constraints = [
            known_states("reconciliation", "asked", "done"),
            models.UniqueConstraint(
                fields=["provider"], condition=Q(state="asked"), name="reconciliation_waits_once"
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "reconciliation": str(self.pk),
            "provider": self.provider,
            "open_count": str(self.open_count),
        }

    def event_parties(self) -> list[UUID]:
        return []


class Difference(models.Model):
    """Money that the provider and the ledger do not agree on. A person explains it, or it is gone once both agree;
    other amounts about the same thing are another difference."""

    class State(models.TextChoices):
        OPEN = "open"
        EXPLAINED = "explained"
        GONE = "gone"

    class Kind(models.TextChoices):
        IN_THEIRS = "in_theirs"  # the provider has it, the ledger has not
        IN_OURS = "in_ours"  # the ledger has it, the provider has not
        AMOUNT = "amount"  # both have it, with other amounts

    TRANSITIONS = {
        "explain": ({State.OPEN}, State.EXPLAINED, "difference.explained"),
        "clear": ({State.OPEN}, State.GONE, "difference.cleared"),
        "come_back": ({State.GONE}, State.OPEN, "difference.returned"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=240, unique=True)
    provider = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    about = models.CharField(
        max_length=120
    )  # the id of our row, or the provider's name for what we do not know
    source = models.CharField(max_length=120, blank=True)
    reference = models.CharField(max_length=80, blank=True)  # of the postings: "agreement:<uuid>"
    ours_minor = models.BigIntegerField()
    theirs_minor = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    reason = models.TextField(blank=True)
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("difference", "open", "explained", "gone"),
            models.CheckConstraint(
                condition=~Q(ours_minor=models.F("theirs_minor")), name="difference_differs"
            ),
        ]
        indexes = [models.Index(fields=["state", "provider"], name="difference_by_state")]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "difference": str(self.pk),
            "provider": self.provider,
            "kind": self.kind,
            "currency": self.currency,
            "ours_minor": str(self.ours_minor),
            "theirs_minor": str(self.theirs_minor),
        }

    def event_parties(self) -> list[UUID]:
        return []
