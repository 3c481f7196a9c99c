"""The talk between a buyer and a seller: its rounds, and who signed which of them."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from contracts.models.offers import Offer
from datasets.models import Dataset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import known_states
from exchange.participants.models import Member, Participant


class Negotiation(models.Model):
    """The talk between buyer and seller. Its terms, plan and revision are frozen copies, so a later change of
    the offer never touches a request in flight. Only who talks, about what and for what never changes."""

    class State(models.TextChoices):
        REQUESTED = "requested"
        OFFERED = "offered"
        APPROVED = "approved"
        AGREED = "agreed"
        FINALIZED = "finalized"
        TERMINATED = "terminated"

    OPEN = (State.REQUESTED, State.OFFERED, State.APPROVED)

    TRANSITIONS = {
        "counter": ({State.REQUESTED, State.OFFERED, State.APPROVED}, State.OFFERED, "negotiation.countered"),
        "propose": ({State.REQUESTED, State.OFFERED, State.APPROVED}, State.REQUESTED, "negotiation.proposed"),
        "redline": ({State.REQUESTED, State.OFFERED, State.APPROVED}, State.REQUESTED, "negotiation.redlined"),
        "approve": ({State.REQUESTED}, State.APPROVED, "negotiation.approved"),
        "accept": ({State.APPROVED, State.OFFERED}, State.AGREED, "negotiation.accepted"),
        "finalize": ({State.AGREED}, State.FINALIZED, "negotiation.finalized"),
        "refuse": ({State.REQUESTED, State.OFFERED, State.APPROVED}, State.TERMINATED, "negotiation.refused"),
        "terminate": (
            {State.REQUESTED, State.OFFERED, State.APPROVED, State.AGREED},
            State.TERMINATED,
            "negotiation.terminated",
        ),
        "lapse": ({State.REQUESTED, State.OFFERED, State.APPROVED}, State.TERMINATED, "negotiation.lapsed"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="negotiations")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="negotiations")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="negotiations")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="negotiations_as_seller")
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="negotiations_as_buyer")
    state = models.CharField(max_length=16, choices=State.choices, default=State.REQUESTED)
    purpose = models.CharField(max_length=40)
    country = models.CharField(max_length=2)  # where the buyer says the data will be used
    use = models.TextField()
    affiliates = models.JSONField(default=list)  # ids of organisations that the buyer will use it with
    terms = models.JSONField()  # of the round that stands
    plan = models.JSONField()
    round = models.PositiveSmallIntegerField()
    proposal = models.CharField(max_length=64)  # the digest of that round: what a signature signs
    decide_by = models.DateTimeField(null=True)  # the seller, while it is requested
    accept_by = models.DateTimeField(null=True)  # the buyer, once the seller has signed
    reason = models.TextField(blank=True)
    approved_by = models.CharField(max_length=80, blank=True)  # the seller's signature: an actor's name
    approved_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=80, blank=True)  # the buyer's
    accepted_at = models.DateTimeField(null=True)
    renews = models.BooleanField(default=False, db_default=False)  # with it, consent that further terms follow
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()

    class Meta:
        constraints = [
            known_states(
                "negotiation", "requested", "offered", "approved", "agreed", "finalized", "terminated"
            ),
            models.CheckConstraint(condition=~Q(seller=F("buyer")), name="negotiation_takes_two_participants"),
            models.UniqueConstraint(
                fields=["offer", "buyer"],
                condition=Q(state__in=["requested", "offered", "approved"]),
                name="negotiation_one_open_per_offer",
            ),
        ]
        indexes = [
            models.Index(fields=["decide_by"], condition=Q(state="requested"), name="negotiation_to_decide"),
            models.Index(
                fields=["accept_by"],
                condition=Q(state__in=["offered", "approved"]),
                name="negotiation_to_accept",
            ),
        ]

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "negotiation": str(self.pk),
            "offer": str(self.offer_id),
            "dataset": str(self.dataset_id),
            "seller": str(self.seller_id),
            "buyer": str(self.buyer_id),
            "purpose": self.purpose,
            "country": self.country,
            "round": self.round,
            "proposal": self.proposal,
        }

    def event_parties(self) -> list[UUID]:
        return [self.seller_id, self.buyer_id]


class Side(models.TextChoices):
    """Who speaks or signs in a talk."""

    SELLER = "seller"
    BUYER = "buyer"


class Round(models.Model):
    """What one side put on the table, hashed together with the round before it. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    negotiation = models.ForeignKey(Negotiation, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    side = models.CharField(max_length=8, choices=Side.choices)
    terms = models.JSONField()
    plan = models.JSONField()
    accept_by = models.DateTimeField(null=True)
    note = models.TextField(blank=True)  # to the other side; the Event of the round holds its salted hash
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)
    made_by = models.CharField(max_length=80)  # an actor's name
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "number"], name="round_numbered_once"),
            models.CheckConstraint(condition=Q(side__in=["seller", "buyer"]), name="round_side_known"),
        ]


class Signature(models.Model):
    """One member's or machine's signature under one round, with the Event that proves it. Append-only. `needed` is
    how many its side asked for when the first was given."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    negotiation = models.ForeignKey(Negotiation, on_delete=models.PROTECT, related_name="signatures")
    proposal = models.CharField(max_length=64)
    side = models.CharField(max_length=8, choices=Side.choices)
    place = models.PositiveSmallIntegerField()
    needed = models.PositiveSmallIntegerField()
    actor = models.CharField(max_length=80)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", null=True)
    event_id = models.UUIDField()
    leaf_sha256 = models.CharField(max_length=64)  # the Event's leaf hash, as the log holds it
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["negotiation", "proposal", "side", "place"], name="signature_one_in_a_place"
            ),
            models.UniqueConstraint(
                fields=["negotiation", "proposal", "side", "member"], name="signature_once_by_a_member"
            ),
            models.CheckConstraint(
                condition=Q(side__in=["seller", "buyer"]) & Q(place__gte=1) & Q(place__lte=F("needed")),
                name="signature_has_its_place",
            ),
        ]


class Rider(models.Model):
    """What the first of a buyer's two members agreed to besides the round: a coupon with what it takes off, a way to
    pay that is kept, further terms. Append-only; the second member confirms it by its digest."""

    signature = models.OneToOneField(
        Signature, primary_key=True, on_delete=models.PROTECT, related_name="rider"
    )
    coupon_id = models.UUIDField(null=True)  # of payments; no place of it is taken yet
    off_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    keeps_method = models.BooleanField()
    renews = models.BooleanField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(coupon_id=None, off_minor=None) | Q(coupon_id__isnull=False, off_minor__gt=0),
                name="rider_coupon_takes_off",
            ),
        ]

    @property
    def off(self) -> Money | None:
        return None if self.off_minor is None else Money(self.off_minor, self.currency)
