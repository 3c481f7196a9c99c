"""Rights that are paid over time: the right follows its money. It is suspended while money is overdue, and ends when
nothing more is paid for; and where the right ends first, nothing more is charged."""

from uuid import UUID

from django.db import transaction

from contracts.entitlements import entitlements
from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from payments.models import Subscription
from payments.subscriptions import queries as subscription_queries
from payments.subscriptions import subscriptions

_STATE = Entitlement.State


def follow(subscription_id: UUID, *, by: Actor) -> None:
    """Bring the right of a subscription to where its money is. Returns early when it is there."""
    found = subscription_queries.subscription_visible_to(by, subscription_id)
    entitlements.follow(entitlements.of_agreement(_agreement_id(found)).pk, by=by)


@transaction.atomic
def end_right(subscription_id: UUID, *, by: Actor) -> None:
    """Nothing more is paid for, so the right ends. Returns early when it has."""
    found = subscription_queries.subscription_visible_to(by, subscription_id)
    right = Entitlement.objects.select_for_update(of=("self",)).get(agreement_id=_agreement_id(found))
    if right.state in (_STATE.ACTIVE, _STATE.SUSPENDED):
        entitlements.end(right, by=by)


def stop(entitlement: Entitlement, *, by: Actor) -> None:
    """The right has ended, so nothing more is charged for it; what a revoked right still owes is called off."""
    is_revoked = entitlement.state == _STATE.REVOKED
    subscriptions.stop(f"agreement:{entitlement.agreement_id}", calls_off=is_revoked, by=by)


def _agreement_id(found: Subscription) -> UUID:
    return UUID(found.reference.partition(":")[2])
