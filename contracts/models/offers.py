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
    """Terms, price plan and audience on a dataset. Once published, what it says never changes."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    class Audience(models.TextChoices):
        PUBLIC = "public"
        NAMED = "named"

    class Sale(models.TextChoices):
        VALIDATION = "validation"  # the seller approves each buyer
        INSTANT = "instant"

    TRANSITIONS = {
        "publish": ({State.DRAFT}, State.PUBLISHED, "offer.published"),
        "withdraw": ({State.DRAFT, State.PUBLISHED}, State.WITHDRAWN, "offer.withdrawn"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="offers")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="offers")
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=200)
    terms = models.JSONField()  # clause list, as terms.parse() gives it back
    plan = models.JSONField()  # as plans.parse() gives it back
    audience = models.CharField(max_length=16, choices=Audience.choices)
    sale = models.CharField(max_length=16, choices=Sale.choices)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [known_states("offer", "draft", "published", "withdrawn")]

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    def event_facts(self) -> Mapping[str, Fact]:
        return {"offer": str(self.pk), "dataset": str(self.dataset_id), "seller": str(self.seller_id)}

    def event_parties(self) -> list[UUID]:
        return [self.seller_id]


class OfferAudience(models.Model):
    """A participant for whom a named offer exists; for all others it does not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="named")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "participant"], name="offer_audience_named_once")
        ]
