"""What must be kept although its time is over: legal holds, each with its scope, authority and review."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.kernel.text import timestamp


class LegalHold(models.Model):
    """An order to keep what lies in a scope. `target` is the id of the dataset, participant, agreement or request, a
    name under which a person acts, or the year of a log; a period has `since` and `until` instead. Holds may overlap,
    and what several cover goes only when all are released."""

    class State(models.TextChoices):
        PLACED = "placed"
        RELEASING = "releasing"  # one officer asked for the release, another confirms it
        RELEASED = "released"

    class Scope(models.TextChoices):
        DATASET = "dataset"
        PARTICIPANT = "participant"
        AGREEMENT = "agreement"
        PERSON = "person"
        REQUEST = "request"
        PERIOD = "period"
        LOG_YEAR = "log_year"

    TRANSITIONS = {
        "ask_release": ({State.PLACED}, State.RELEASING, "legalhold.release_asked"),
        "refuse_release": ({State.RELEASING}, State.PLACED, "legalhold.release_refused"),
        "release": ({State.PLACED, State.RELEASING}, State.RELEASED, "legalhold.released"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLACED)
    scope = models.CharField(max_length=16, choices=Scope.choices)
    target = models.CharField(max_length=80, blank=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    authority = models.CharField(max_length=200)  # who ordered it
    reference = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    placed_by = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    review_on = models.DateField()
    asked_by = models.CharField(max_length=80, blank=True)  # who asked for the release
    released_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True)
    release_reason = models.TextField(blank=True)

    class Meta:
        verbose_name = "legal hold"
        constraints = [
            known_states("legal_hold", "placed", "releasing", "released"),
            models.CheckConstraint(
                condition=models.Q(
                    scope__in=[
                        *("dataset", "participant", "agreement"),
                        *("person", "request", "period", "log_year"),
                    ]
                ),
                name="legal_hold_scope_known",
            ),
            models.CheckConstraint(
                condition=models.Q(scope="period", target="", since__isnull=False, until__isnull=False)
                | (~models.Q(scope="period") & ~models.Q(target="") & models.Q(since=None, until=None)),
                name="legal_hold_has_one_scope",
            ),
            models.CheckConstraint(
                condition=models.Q(since=None) | models.Q(since__lt=models.F("until")),
                name="legal_hold_period_has_length",
            ),
        ]
        indexes = [
            models.Index(
                fields=["scope", "target"],
                condition=~models.Q(state="released"),
                name="legal_hold_standing",
            )
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "hold": str(self.pk),
            "scope": self.scope,
            "target": self.target or None,
            "since": timestamp(self.since) if self.since else None,
            "until": timestamp(self.until) if self.until else None,
            "review_on": self.review_on.isoformat(),
        }

    def event_parties(self) -> list[UUID]:
        return []
