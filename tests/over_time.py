"""Makes what is paid over time, and lets its clock run, through the verbs and the reactions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts import tasks as contracts
from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from payments import queries
from payments.inbox import inbox
from payments.models import Charge, Subscription
from payments.plans import plans
from payments.subscriptions import arrears, subscriptions
from tests import makers
from tests.payments import stories

MONTHLY: Mapping[str, Any] = {
    "kind": "subscription",
    "price": {"amount_minor": 1_000, "currency": "EUR"},
    "months": 1,
    "periods": 3,
    "trial_days": 0,
    "is_renewable": True,
}
BY_USE: Mapping[str, Any] = {
    "kind": "metered",
    "currency": "EUR",
    "months": 1,
    "components": [
        {
            "meter": "copies",
            "model": "per_unit",
            "included": 1,
            "tiers": [{"up_to": None, "price_minor": 500, "per": 1}],
        }
    ],
    "minimum_minor": 0,
    "cap_minor": None,
}
IN_PARTS: Mapping[str, Any] = {
    "kind": "instalments",
    "price": {"amount_minor": 10_000, "currency": "EUR"},
    "parts": [
        {"amount_minor": 4_000, "after_days": 0},
        {"amount_minor": 3_000, "after_days": 30},
        {"amount_minor": 3_000, "after_days": 60},
    ],
}


def begun(buyer: Actor, seller: Actor, plan: Mapping[str, Any] = MONTHLY, **changes: Any) -> Subscription:
    """What is paid over time under an agreement of its own."""
    assert buyer.participant_id is not None and seller.participant_id is not None
    return subscriptions.begin(
        reference=f"agreement:{new_id()}",
        subject=f"dataset:{new_id()}",
        buyer_id=buyer.participant_id,
        seller_id=seller.participant_id,
        plan=plans.parse({**plan, **changes}),
        by=makers.system(buyer.at),
    )


def asked(subscription: Subscription) -> dict[str, tuple[str, int]]:
    """What was charged after the signature: state and net amount by occasion."""
    found = Charge.objects.filter(reference=subscription.reference).exclude(occasion="first")
    return {row.occasion: (row.state, row.net_minor) for row in found.order_by("pk")}


def pay(subscription: Subscription, occasion: str, at: datetime) -> Charge:
    """The provider tells that one occasion is paid, and what follows happens."""
    charge = Charge.objects.get(reference=subscription.reference, occasion=occasion)
    inbox.act(stories.tell_paid(charge, at).pk, at)
    arrears.settle(charge.pk, by=makers.system(at))
    return queries.charge(charge.pk)


def run(at: datetime) -> None:
    """The clock of payments at a moment, until nothing is left to do."""
    while subscriptions.advance_due(at) + arrears.remind_due(at):
        pass


def follow(at: datetime) -> None:
    """Let rights follow their money, and money its right, each as often as it is told."""
    reactions = {
        "subscription.suspended": contracts.follow_subscription,
        "subscription.recovered": contracts.follow_subscription,
        "subscription.completed": contracts.follow_subscription,
        "subscription.ended": contracts.end_with_subscription,
        "entitlement.expired": contracts.stop_subscription,
        "entitlement.revoked": contracts.stop_subscription,
    }
    for event in Event.objects.order_by("id"):
        if event.name in reactions:
            reactions[event.name](event.subject_id, at)
