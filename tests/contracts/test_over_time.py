"""Rights that are paid over time follow their money, from the signature to the end."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from contracts.entitlements import entitlements
from contracts.models import Entitlement, Negotiation
from contracts.negotiations import negotiations
from contracts.offers import offers
from contracts.renewals import amendments
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from payments.models import Charge, Subscription
from payments.plans import months
from payments.subscriptions import queries as subscription_queries
from payments.subscriptions import subscriptions
from tests import dataset_makers, makers, over_time, sales
from tests.over_time import BY_USE, IN_PARTS, MONTHLY, follow, pay, run

DAY = timedelta(days=1)
TERMS = [{"kind": "purpose", "any_of": ["research"]}]
QUOTE = {"kind": "quote"}


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


def entitled(seller: Actor, buyer: Actor, plan: Mapping[str, Any], **changes: Any) -> Entitlement:
    return sales.entitled(seller, buyer, plan={**plan, **changes}, terms=TERMS)


def paid_over_time(right: Entitlement) -> Subscription:
    return Subscription.objects.get(reference=f"agreement:{right.agreement_id}")


def fresh(right: Entitlement) -> Entitlement:
    return Entitlement.objects.get(pk=right.pk)


def test_a_subscription_begins_with_its_first_payment_and_ends_with_its_term(
    seller: Actor, buyer: Actor
) -> None:
    right = entitled(seller, buyer, MONTHLY, periods=2)
    first = Charge.objects.get()
    found = paid_over_time(right)
    assert (first.occasion, first.net_minor, right.state, right.ends_at) == ("first", 1_000, "active", None)
    assert (found.state, found.began_at, found.seller_id) == ("active", right.activated_at, right.seller_id)
    run(found.next_at)
    pay(found, "period:2", found.next_at)
    end = months.later(found.began_at, 2)
    run(end)
    follow(end)
    assert (fresh(right).state, fresh(right).ends_at) == ("expired", end)


def test_a_trial_opens_the_data_without_a_charge(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, MONTHLY, trial_days=10)
    assert (right.state, Charge.objects.count(), paid_over_time(right).state) == ("active", 0, "trialing")
    assert right.agreement.negotiation.state == Negotiation.State.FINALIZED
    run(right.activated_at + 10 * DAY)
    charge = Charge.objects.get()
    assert (charge.occasion, charge.net_minor, charge.subject) == (
        "period:1",
        1_000,
        f"dataset:{right.dataset_id}",
    )


def test_a_right_is_suspended_while_its_money_is_overdue_and_ends_when_none_comes(
    seller: Actor, buyer: Actor
) -> None:
    right = entitled(seller, buyer, MONTHLY, periods=12)
    due = paid_over_time(right).next_at
    for day in (0, 1, 3, 5, 7):
        run(due + day * DAY)
    follow(due + 7 * DAY)
    assert (fresh(right).state, fresh(right).reason) == ("suspended", "what is paid over time is overdue")
    pay(paid_over_time(right), "period:2", due + 8 * DAY)
    follow(due + 8 * DAY)
    assert fresh(right).state == "active"
    late = months.later(paid_over_time(right).began_at, 2)
    for day in (0, 1, 3, 5, 7, 21):
        run(late + day * DAY)
    follow(late + 21 * DAY)
    assert fresh(right).state == "expired"


def test_what_the_seller_suspended_is_not_given_back_by_money(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, MONTHLY, periods=12)
    entitlements.suspend(right, reason="we look into a complaint", by=seller)
    due = paid_over_time(right).next_at
    for day in (0, 1, 3, 5, 7):
        run(due + day * DAY)
    pay(paid_over_time(right), "period:2", due + 8 * DAY)
    follow(due + 8 * DAY)
    assert (fresh(right).state, fresh(right).reason) == ("suspended", "we look into a complaint")


def test_a_revoked_right_is_charged_no_more(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, IN_PARTS)
    found = paid_over_time(right)
    run(found.next_at)
    entitlements.revoke(right, reason="the data was taken down", by=seller)
    follow(found.next_at)
    assert over_time.asked(found) == {"instalment:2": ("failed", 3_000)}
    assert paid_over_time(right).state == "ended"


def test_instalments_stay_owed_when_the_term_is_over_and_the_right_stays_when_they_are_paid(
    seller: Actor, buyer: Actor
) -> None:
    right = entitled(seller, buyer, IN_PARTS)
    found, first = paid_over_time(right), Charge.objects.get()
    assert (first.net_minor, found.number) == (4_000, 1)
    for occasion, days in (("instalment:2", 30), ("instalment:3", 60)):
        run(found.began_at + days * DAY)
        pay(found, occasion, found.began_at + days * DAY)
    follow(found.began_at + 61 * DAY)
    assert (paid_over_time(right).state, fresh(right).state) == ("ended", "active")
    short = sales.entitled(seller, buyer, plan=dict(IN_PARTS))  # its terms end after a year
    entitlements.expire_due(now=short.ends_at)
    follow(short.ends_at)
    assert (fresh(short).state, paid_over_time(short).state) == ("expired", "active")


def test_a_cancelled_subscription_stays_open_to_the_end_of_its_period(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, MONTHLY)
    found = subscriptions.cancel(paid_over_time(right), by=buyer)
    follow(buyer.at)
    assert fresh(right).state == "active"
    run(found.next_at)
    follow(found.next_at)
    assert (fresh(right).state, Charge.objects.count()) == ("expired", 1)


def test_what_is_paid_over_time_is_not_amended(seller: Actor, buyer: Actor) -> None:
    right = entitled(seller, buyer, MONTHLY)
    more = [{"op": "add", "clause": {"kind": "copies", "max": 9}}]
    with pytest.raises(Conflict) as refusal:
        amendments.propose(right.agreement, changes=more, by=seller)
    assert refusal.value.code == "paid_over_time"
    once = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    for plan, kind, code in ((MONTHLY, Conflict, "paid_over_time"), (QUOTE, Invalid, "price_missing")):
        with pytest.raises(kind) as refused:
            amendments.propose(once.agreement, changes=more, plan=dict(plan), by=seller)
        assert refused.value.code == code
    assert Negotiation.objects.count() == 2


def test_a_quote_has_no_price_until_the_seller_names_one(seller: Actor, buyer: Actor) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(QUOTE), terms=TERMS)
    talk = sales.request(offer, buyer)
    assert (talk.plan, talk.round) == (QUOTE, 1)
    for act in (
        lambda: negotiations.approve(talk, by=seller),
        lambda: negotiations.counter(talk, terms=[], by=seller),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "price_missing"
    assert Negotiation.objects.get().state == "requested"
    named = negotiations.counter(talk, plan=dict(MONTHLY), by=seller)
    accepted = negotiations.accept(named, shown=named.proposal, by=buyer)
    assert accepted.charge is not None and accepted.charge.net_minor == 1_000


def test_nobody_is_sold_a_quote_at_once(seller: Actor, buyer: Actor) -> None:
    dataset = dataset_makers.published(seller)
    with pytest.raises(Invalid) as refusal:
        offers.draft(dataset, title="Now", terms=TERMS, plan=dict(QUOTE), sale="instant", by=seller)
    assert refusal.value.code == "quote_needs_validation"
    assert not dataset.offers.exists()


def test_a_choice_costs_one_price_or_nothing(seller: Actor) -> None:
    dataset = dataset_makers.published(seller)
    rows = [
        {"terms": [{"kind": "duration", "days": days}], "plan": plan}
        for days, plan in ((30, dict(sales.PAID)), (365, dict(BY_USE)))
    ]
    with pytest.raises(Invalid) as refusal:
        offers.draft(dataset, title="Choices", terms=TERMS, choices=rows, by=seller)
    assert refusal.value.code == "invalid_choices"


def test_others_see_nothing_of_a_subscription(
    seller: Actor, buyer: Actor, outsider: Actor, officer: Actor
) -> None:
    found = paid_over_time(entitled(seller, buyer, MONTHLY))
    seen = [
        actor
        for actor in (seller, buyer, outsider, officer, makers.system(buyer.at))
        if subscription_queries.subscriptions_visible_to(actor).filter(pk=found.pk).exists()
    ]
    assert outsider not in seen and len(seen) == 4
    with pytest.raises(Forbidden):
        subscriptions.cancel(found, by=outsider)
