"""What is charged over time under one agreement: its periods, the use that was counted, and what is overdue."""

from collections.abc import Mapping
from uuid import UUID

from django.db import models
from django.db.models import Q

from exchange.kernel.canonical import Fact
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from exchange.kernel.states import known_states
from exchange.participants.models import Participant
from payments.models.charges import Charge


class Subscription(models.Model):
    """What is charged over time under one agreement, by its frozen plan: a price for each period, the use of each
    period, or the parts of one price."""

    class State(models.TextChoices):
        TRIALING = "trialing"
        ACTIVE = "active"
        PAST_DUE = "past_due"
        ENDED = "ended"

    TRANSITIONS = {
        "convert": ({State.TRIALING}, State.ACTIVE, "subscription.converted"),
        "fall_behind": ({State.ACTIVE}, State.PAST_DUE, "subscription.suspended"),
        "recover": ({State.PAST_DUE}, State.ACTIVE, "subscription.recovered"),
        # paid to the last part: the right stays
        "complete": ({State.ACTIVE, State.PAST_DUE}, State.ENDED, "subscription.completed"),
        "end": ({State.TRIALING, State.ACTIVE, State.PAST_DUE}, State.ENDED, "subscription.ended"),
    }

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=80, unique=True)  # "agreement:<uuid>"
    subject = models.CharField(max_length=80)  # "dataset:<uuid>"
    buyer = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="subscriptions_as_buyer")
    seller = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="subscriptions_as_seller")
    kind = models.CharField(max_length=16)
    plan = models.JSONField()  # as plans.parse() gives it back
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=16, choices=State.choices, default=State.TRIALING)
    number = models.PositiveIntegerField()  # of the period that runs, or of the last part that was asked for
    anchored_at = models.DateTimeField()  # from where periods are counted: the end of a trial, or the start
    period_starts_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)  # when the clock acts next
    last_period = models.PositiveIntegerField(null=True)  # of the term that was agreed; None has no last one
    renewed_by = models.CharField(max_length=80, blank=True)  # whose consent it is that another term follows
    renewed_at = models.DateTimeField(null=True)
    reminded_of = models.PositiveIntegerField(
        null=True
    )  # last period of the term whose end was told in advance
    cancelled_at = models.DateTimeField(null=True)
    cap_minor = models.BigIntegerField(null=True)  # the buyer's own limit of what a period may cost, before tax
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            known_states("subscription", "trialing", "active", "past_due", "ended"),
            models.CheckConstraint(
                condition=Q(kind__in=["subscription", "metered", "instalments"]), name="subscription_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(cap_minor=None) | Q(kind="metered", cap_minor__gt=0), name="subscription_cap_of_use"
            ),
        ]
        indexes = [models.Index(fields=["state", "next_at"], name="subscription_to_advance")]

    @property
    def cap(self) -> Money | None:
        return None if self.cap_minor is None else Money(self.cap_minor, self.currency)

    def event_facts(self) -> Mapping[str, Fact]:
        return {
            "subscription": str(self.pk),
            "reference": self.reference,
            "buyer": str(self.buyer_id),
            "seller": str(self.seller_id),
            "kind": self.kind,
            "number": self.number,
        }

    def event_parties(self) -> list[UUID]:
        return [self.buyer_id, self.seller_id]


class Usage(models.Model):
    """A quantity that was used, once for each event of its source; what comes back is negative. It counts in the period
    that ran when it became known."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="usages")
    source = models.CharField(max_length=24)
    event_id = models.CharField(max_length=80)
    meter = models.CharField(max_length=16)
    quantity = models.BigIntegerField()
    period = models.PositiveIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id", "meter"], name="usage_once"),
            models.CheckConstraint(condition=~Q(quantity=0), name="usage_counts_something"),
        ]
        indexes = [models.Index(fields=["subscription", "period", "meter"], name="usage_of_period")]


class RatedPeriod(models.Model):
    """What a period's use came to, with the digest of what that followed from."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="rated_periods")
    period = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    usage = models.JSONField()
    lines = models.JSONField()
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    input_sha256 = models.CharField(max_length=64)
    charge = models.OneToOneField(Charge, on_delete=models.PROTECT, null=True, related_name="rated_period")
    rated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "period"], name="period_rated_once"),
            models.CheckConstraint(condition=Q(total_minor__gte=0), name="rating_not_negative"),
        ]

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class Arrear(models.Model):
    """A charge of a subscription that waits for its money: how often the buyer was reminded, and when it is next."""

    charge = models.OneToOneField(Charge, primary_key=True, on_delete=models.PROTECT, related_name="arrear")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="arrears")
    asked_at = models.DateTimeField()
    reminders = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="arrear_to_remind", condition=Q(closed_at=None)),
        ]
