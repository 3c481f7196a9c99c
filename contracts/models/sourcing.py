"""What buyers look for and do not find, and the offers that sellers answer it with."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from contracts.models.offers import Offer
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import known_states
from exchange.kernel.text import timestamp
from exchange.participants.models import Participant


class DataRequest(models.Model):
    """Data that a buyer asks all sellers for, or those that it names. What it says may change as long as nobody has
    answered it; `edition` counts these changes."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    class Audience(models.TextChoices):
        SELLERS = "sellers"
        NAMED = "named"

    class Outcome(models.TextChoices):
        FOUND = "found"
        NOT_FOUND = "not_found"
        LAPSED = "lapsed"
        WITHDRAWN = "withdrawn"  # by an officer

    TRANSITIONS = {
        "close": ({State.OPEN}, State.CLOSED, "datarequest.closed"),
        "lapse": ({State.OPEN}, State.CLOSED, "datarequest.lapsed"),
        "withdraw": ({State.OPEN}, State.CLOSED, "datarequest.withdrawn"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="data_requests")
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    title = models.CharField(max_length=200)
    wanted = models.TextField()
    themes = models.JSONField()  # codes of the EU's data themes
    purpose = models.CharField(max_length=40)
    country = models.CharField(max_length=2)  # where the buyer will use the data
    budget_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    shows_budget = models.BooleanField()  # to sellers
    audience = models.CharField(max_length=16, choices=Audience.choices)
    edition = models.PositiveSmallIntegerField(default=1)
    closes_at = models.DateTimeField()  # the first moment at which it can no longer be answered
    published_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # an officer's

    class Meta:
        constraints = [
            known_states("datarequest", "open", "closed"),
            models.CheckConstraint(
                condition=Q(budget_minor=None, currency="") | Q(budget_minor__gte=0) & ~Q(currency=""),
                name="datarequest_budget_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["closes_at"], condition=Q(state="open"), name="datarequest_to_lapse"),
            models.Index(fields=["buyer", "published_at"], name="datarequest_of_buyer"),
        ]

    @property
    def budget(self) -> Money | None:
        return None if self.budget_minor is None else Money(self.budget_minor, self.currency)

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "data_request": str(self.pk),
            "buyer": str(self.buyer_id),
            "purpose": self.purpose,
            "country": self.country,
            "audience": self.audience,
            "edition": self.edition,
            "closes_at": timestamp(self.closes_at),
        }

    def event_parties(self) -> list[UUID]:
        named = DataRequestAudience.objects.filter(data_request=self)
        return [self.buyer_id, *named.values_list("participant_id", flat=True)]


class DataRequestAudience(models.Model):
    """A seller for whom a data request that is not for all exists; for all others it does not. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    data_request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="named")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["data_request", "participant"], name="datarequest_audience_named_once"
            )
        ]


class DataRequestAnswer(models.Model):
    """An offer that a seller answers a data request with. Only its buyer, its seller and officers see it."""

    class State(models.TextChoices):
        GIVEN = "given"
        WITHDRAWN = "withdrawn"  # by the seller
        DECLINED = "declined"  # by the buyer

    TRANSITIONS = {
        "withdraw": ({State.GIVEN}, State.WITHDRAWN, "datarequestanswer.withdrawn"),
        "decline": ({State.GIVEN}, State.DECLINED, "datarequestanswer.declined"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    data_request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="answers")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="answers")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="answers_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="answers_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.GIVEN)
    note = models.TextField(blank=True)  # the seller's
    word = models.TextField(blank=True)  # the buyer's, where it declines with one
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            known_states("datarequestanswer", "given", "withdrawn", "declined"),
            models.UniqueConstraint(
                fields=["data_request", "offer"],
                condition=Q(state__in=["given", "declined"]),
                name="datarequestanswer_once_for_an_offer",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "answer": str(self.pk),
            "data_request": str(self.data_request_id),
            "offer": str(self.offer_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]
