"""What is offered, on what terms, and to whom."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models

from datasets.models import Dataset
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.states import known_states
from exchange.participants.models import Participant


class Offer(models.Model):
    """Terms and price plan, or several to choose from, and audience on a dataset, for a time where it says so. What it
    says never changes."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SCHEDULED = "scheduled"  # published for a time that is still to come
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    class Audience(models.TextChoices):
        PUBLIC = "public"
        NAMED = "named"
        LINK = "link"  # who was given a private link and has opened it

    class Sale(models.TextChoices):
        VALIDATION = "validation"  # the seller approves each buyer
        INSTANT = "instant"
        SIGNED = "signed"  # the seller has signed for the one buyer who is named

    TRANSITIONS = {
        "publish": ({State.DRAFT}, State.PUBLISHED, "offer.published"),
        "schedule": ({State.DRAFT}, State.SCHEDULED, "offer.scheduled"),
        "open": ({State.SCHEDULED}, State.PUBLISHED, "offer.opened"),
        "withdraw": ({State.DRAFT, State.SCHEDULED, State.PUBLISHED}, State.WITHDRAWN, "offer.withdrawn"),
        "lapse": ({State.SCHEDULED, State.PUBLISHED}, State.WITHDRAWN, "offer.lapsed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="offers")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="offers")
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=200)
    terms = models.JSONField()  # clause list, as terms.parse() gives it back
    plan = models.JSONField()  # as plans.parse() gives it back
    choices = models.JSONField(
        default=list
    )  # as choices.frozen() gives them; then terms and plan are the least's
    audience = models.CharField(max_length=16, choices=Audience.choices)
    sale = models.CharField(max_length=16, choices=Sale.choices)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)  # the first moment at which it can no longer be asked for
    link_hash = models.CharField(max_length=64, blank=True)  # SHA-256 of the private link's token
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=80, blank=True)  # an actor's name: a signed offer's signature
    published_class = models.CharField(
        max_length=16, blank=True
    )  # how personal the data of a signed offer was then

    class Meta:
        constraints = [
            known_states("offer", "draft", "scheduled", "published", "withdrawn"),
            models.UniqueConstraint(
                fields=["link_hash"], condition=~models.Q(link_hash=""), name="offer_link_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "valid_until"], name="offer_to_lapse")]

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def has_paid_choice(self) -> bool:
        """Whether one of several choices costs something."""
        return any(row["plan"].get("kind") != "free" for row in self.choices)

    def event_facts(self) -> Mapping[str, Fact]:
        return {"offer": str(self.pk), "dataset": str(self.dataset_id), "seller": str(self.seller_id)}

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class OfferAudience(models.Model):
    """A participant for whom an offer that is not public exists; for all others it does not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="named")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "participant"], name="offer_audience_named_once")
        ]
