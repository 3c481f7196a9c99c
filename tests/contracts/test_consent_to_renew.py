"""The buyer's consent that further terms follow, given with its signature: asked for by itself, kept with what was
shown, and taken back at any time. Without it nothing renews."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from contracts.choices import choices
from contracts.models import Entitlement, Negotiation
from contracts.negotiations import negotiations
from contracts.orders import orders
from contracts.renewals import renewals
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.text import timestamp
from payments.models import Charge, Subscription
from payments.plans import months, plans
from payments.plans import words as plan_words
from payments.subscriptions import subscriptions
from tests import dataset_makers, makers, sales
from tests.ordering import instant, wish
from tests.over_time import BY_USE, IN_PARTS, MONTHLY, asked, run

pytestmark = [pytest.mark.django_db, pytest.mark.by_the_clock]
Refused = Callable[..., Any]
ONE_PERIOD = {**MONTHLY, "periods": 1}


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


def approved(seller: Actor, buyer: Actor, plan: Mapping[str, Any]) -> Negotiation:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(plan))
    return negotiations.approve(sales.request(offer, buyer), by=seller)


def begun(buyer: Actor) -> Subscription:
    """What begins once the first period is paid."""
    sales.pay(Charge.objects.get().pk, buyer)
    return Subscription.objects.get()


def facts_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(Event.objects.get(name=name).leaf))["facts"]
    return found


@pytest.mark.parametrize("renews", [True, False])
def test_another_term_follows_where_the_buyer_agreed_with_its_signature_alone(
    seller: Actor, buyer: Actor, renews: bool
) -> None:
    negotiations.accept(approved(seller, buyer, ONE_PERIOD), renews=renews, by=buyer)
    subscription = begun(buyer)
    assert (subscription.renewed_by, subscription.renewed_at) == (
        (buyer.name, buyer.at) if renews else ("", None)
    )
    assert Event.objects.filter(name="negotiation.renewal_agreed").exists() is renews
    run(months.later(subscription.began_at, 1))
    subscription.refresh_from_db()
    assert (subscription.state == "active", list(asked(subscription))) == (
        renews,
        ["period:2"] if renews else [],
    )


def test_the_log_keeps_what_was_shown_in_both_languages(seller: Actor, buyer: Actor) -> None:
    talk = approved(seller, buyer, MONTHLY)
    negotiations.accept(talk, renews=True, by=buyer)
    facts = facts_of("negotiation.renewal_agreed")
    plan = plans.parse(MONTHLY)
    assert facts["shown"] == {code: plan_words.renewing(plan, code) for code in ("en", "fr")}
    english = " ".join(facts["shown"]["en"])
    for words in ("3 periods", "€10.00 before VAT each month", "stop it at any time"):
        assert words in english
    assert (facts["proposal"], facts["negotiation"]) == (talk.proposal, str(talk.pk))
    begun(buyer)
    assert facts_of("subscription.begun")["renewal_agreed_at"] == timestamp(buyer.at)


def test_it_is_taken_back_on_the_subscription_and_given_again_with_its_words(
    seller: Actor, buyer: Actor
) -> None:
    negotiations.accept(approved(seller, buyer, ONE_PERIOD), renews=True, by=buyer)
    subscription = subscriptions.renew(begun(buyer), is_wanted=False, by=buyer)
    assert subscription.renewed_at is None
    run(months.later(subscription.began_at, 1))
    subscription.refresh_from_db()
    assert (subscription.state, asked(subscription)) == ("ended", {})
    other = makers.trader("Other", "DE", buyer.at)
    negotiations.accept(approved(seller, other, {**ONE_PERIOD, "trial_days": 14}), by=other)
    later = subscriptions.renew(Subscription.objects.get(state="trialing"), is_wanted=True, by=other)
    assert later.renewed_by == other.name
    assert facts_of("subscription.renewal_agreed")["shown"]["en"]


@pytest.mark.parametrize("plan", [{**MONTHLY, "is_renewable": False}, BY_USE, IN_PARTS, sales.PAID, sales.FREE])
def test_where_no_other_term_is_offered_there_is_nothing_to_consent_to(
    seller: Actor, buyer: Actor, refused: Refused, plan: Mapping[str, Any]
) -> None:
    talk = approved(seller, buyer, plan)
    with refused(Conflict, "renewal_not_offered"):
        negotiations.accept(talk, renews=True, by=buyer)
    assert plan_words.renewing(plans.parse(dict(plan))) == []


def test_a_trial_begins_with_the_consent_and_costs_nothing_yet(seller: Actor, buyer: Actor) -> None:
    negotiations.accept(approved(seller, buyer, {**MONTHLY, "trial_days": 14}), renews=True, by=buyer)
    found = Subscription.objects.get()
    assert (found.state, found.renewed_at, Charge.objects.count()) == ("trialing", buyer.at, 0)


@pytest.mark.parametrize("renews", [True, False])
def test_an_order_carries_it_too(seller: Actor, buyer: Actor, renews: bool) -> None:
    offer = instant(seller, plan={**MONTHLY, "trial_days": 14})
    accepted = orders.place(wish(offer, buyer, renews=renews))
    assert accepted.negotiation.renews is renews
    assert (Subscription.objects.get().renewed_at is not None) is renews
    assert Event.objects.filter(name="negotiation.renewal_agreed").count() == int(renews)


def test_orders_of_one_moment_keep_each_buyers_own_word(seller: Actor, buyer: Actor) -> None:
    offer, other = instant(seller, plan={**MONTHLY, "trial_days": 14}), makers.trader("Other", "AT", buyer.at)
    orders.place_many([wish(offer, buyer, renews=True), wish(offer, other)])
    said = dict(Negotiation.objects.values_list("buyer_id", "renews"))
    assert said == {buyer.participant_id: True, other.participant_id: False}
    begun_with = dict(Subscription.objects.values_list("buyer_id", "renewed_by"))
    assert begun_with == {buyer.participant_id: buyer.name, other.participant_id: ""}


def test_a_renewed_licence_takes_the_consent_when_its_turn_comes(seller: Actor, buyer: Actor) -> None:
    right = sales.entitled(seller, buyer)
    offer = sales.offer(right.dataset, seller, plan={**MONTHLY, "trial_days": 14}, sale="instant")
    found = renewals.proposal(right, offer, choices.chosen(offer, None).number)
    renewals.renew(right, offer, consents=found.worse, shown=found.digest, renews=True, by=buyer)
    assert not Subscription.objects.exists() and right.ends_at is not None
    renewals.begin_due(now=right.ends_at)
    following = Entitlement.objects.get(follows=right)
    subscription = Subscription.objects.get(reference=f"agreement:{following.agreement_id}")
    assert (subscription.began_at, subscription.renewed_at) == (right.ends_at, buyer.at)


def test_terms_end_where_their_periods_do(seller: Actor, buyer: Actor) -> None:
    plan = plans.parse({**MONTHLY, "trial_days": 14})
    negotiations.accept(approved(seller, buyer, {**MONTHLY, "trial_days": 14}), by=buyer)
    found = Subscription.objects.get()
    assert subscriptions.term_ends(plan, buyer.at) == subscriptions.this_term_ends(found)
    assert subscriptions.term_ends(plans.parse(BY_USE), buyer.at) is None


@pytest.mark.parametrize(("given", "is_agreed"), [({}, False), ({"renews": True}, True)])
def test_a_signature_by_the_api_says_it_by_itself(
    seller: Actor, buyer: Actor, given: dict[str, Any], is_agreed: bool
) -> None:
    talk, door = approved(seller, buyer, {**MONTHLY, "trial_days": 14}), makers.Door(buyer)
    assert door.post(f"/api/v1/negotiations/{talk.pk}/accept", {"renews": "yes"}).status_code == 422
    assert door.post(f"/api/v1/negotiations/{talk.pk}/accept", given).status_code == 200
    path = f"/api/v1/subscriptions/{Subscription.objects.get().pk}"
    assert (json.loads(door.get(path).content)["renewal_agreed_at"] is not None) is is_agreed
    door.post(f"{path}/renewal", {"is_wanted": False})
    assert json.loads(door.get(path).content)["renewal_agreed_at"] is None
