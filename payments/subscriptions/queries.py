"""Reads of subscriptions and of what they were rated. What an actor may not see is not there."""

from uuid import UUID

from django.db.models import Q, QuerySet

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from payments.models import RatedPeriod, Subscription


def subscriptions_visible_to(actor: Actor) -> QuerySet[Subscription]:
    """The subscriptions that the actor buys or sells; an officer sees all."""
    rows = Subscription.objects.select_related("buyer", "seller")
    if actor.is_system or actor.can(Scope.AUDIT):
        return rows
    own = actor.participant_id
    if own is None or not actor.can(Scope.READ):
        return rows.none()
    return rows.filter(Q(buyer_id=own) | Q(seller_id=own))


def subscription_visible_to(actor: Actor, subscription_id: UUID) -> Subscription:
    """One of those subscriptions, or NotFound."""
    if (found := subscriptions_visible_to(actor).filter(pk=subscription_id).first()) is None:
        raise NotFound("there is no such subscription for you")
    return found


def subscription_about(actor: Actor, reference: str) -> Subscription | None:
    """What is charged over time for what `reference` names, if anything is."""
    return subscriptions_visible_to(actor).filter(reference=reference).first()


def runs_about(reference: str) -> bool:
    """Whether something is still charged over time for what `reference` names; for the apps above."""
    running = Subscription.objects.exclude(state=Subscription.State.ENDED)
    return running.filter(reference=reference).exists()


def is_overdue_about(reference: str) -> bool:
    """Whether what is charged over time for what `reference` names is overdue; for the apps above."""
    return Subscription.objects.filter(reference=reference, state=Subscription.State.PAST_DUE).exists()


def rated_of(subscription: Subscription) -> QuerySet[RatedPeriod]:
    """What closed periods came to, the newest first."""
    return subscription.rated_periods.select_related("charge").order_by("-period")


def shows_cap(actor: Actor, subscription: Subscription) -> bool:
    """Whether the actor may know the buyer's own limit: the buyer and officers, never the seller."""
    return actor.can(Scope.AUDIT) or actor.acts_for(subscription.buyer_id)
