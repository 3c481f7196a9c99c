"""What an officer looks at before it is published, and what each officer said of it."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Member


class Review(models.Model):
    """An officer's look at one version of a dataset whose scan contradicts its declaration, or that holds special
    categories or criminal data: only what was approved is published. A review is closed when another version of its
    subject takes its place. What was looked at never changes."""

    class State(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        REFUSED = "refused"
        CLOSED = "closed"

    TRANSITIONS = {
        "approve": ({State.OPEN}, State.APPROVED, "review.approved"),
        "inherit": ({State.OPEN}, State.APPROVED, "review.inherited"),
        "refuse": ({State.OPEN}, State.REFUSED, "review.refused"),
        "close": ({State.OPEN}, State.CLOSED, "review.closed"),
        "reopen": ({State.CLOSED}, State.OPEN, "review.reopened"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.CharField(max_length=80)  # "dataset:<uuid>"
    version = models.CharField(max_length=120)  # what was looked at: revision and declaration
    seller_id = models.UUIDField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    why = models.CharField(max_length=40, blank=True)  # mismatch, special, criminal: by spaces
    contradictions = models.JSONField()  # column, declared, found, kind; never values
    columns = models.JSONField(default=list)  # every column as `reviews.examination.ColumnLine`; never values
    stated = models.JSONField(default=dict)  # what the seller declared for the whole, and its statement
    fingerprint = models.CharField(max_length=120, blank=True)  # of what an approval may be taken over for
    taken_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("review", "open", "approved", "refused", "closed"),
            models.UniqueConstraint(fields=["subject", "version"], name="review_once_per_version"),
        ]

    @property
    def causes(self) -> list[str]:
        """Why an officer has to look; of before causes were kept, it was always a mismatch."""
        return self.why.split() or ["mismatch"]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "review": str(self.pk),
            "subject": self.subject,
            "causes": self.causes,
            "contradictions": len(self.contradictions),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class Verdict(models.Model):
    """What one officer said of a review, by the law of that day. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="verdicts")
    officer = models.CharField(max_length=80)  # the pseudonym or client that acted
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    is_approval = models.BooleanField()
    reason = models.TextField()
    profile_version = models.CharField(max_length=200)
    profile_sha256 = models.CharField(max_length=64)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "officer", "is_approval"], name="verdict_once_per_officer"
            ),
            models.UniqueConstraint(
                fields=["review", "member", "is_approval"],
                condition=models.Q(member__isnull=False),
                name="verdict_once_per_member",
            ),
        ]
