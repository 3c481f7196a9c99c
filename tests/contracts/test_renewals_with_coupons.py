"""A renewal takes a coupon by the checks of a purchase; its contract holds what came off, and the price is weighed with
it before anything is signed."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.agreements import agreements
from contracts.models import Agreement, Entitlement, Offer
from contracts.negotiations import negotiations, signings
from contracts.renewals import renewals
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments.charges import coupons
from payments.models import Coupon, CouponUse
from tests import dataset_makers, makers, sales
from tests.over_time import MONTHLY

pytestmark = [pytest.mark.django_db, pytest.mark.by_the_clock]
Refused = Callable[..., Any]
CODE = "Again-2027"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


@pytest.fixture
def offer(right: Entitlement, seller: Actor) -> Offer:
    return offered(right, seller)


def offered(right: Entitlement, seller: Actor, **changes: Any) -> Offer:
    fields = {"sale": "instant", "plan": dict(sales.PAID), **changes}
    return sales.offer(right.dataset, seller, **fields)


def given(by: Actor, **changes: Any) -> Coupon:
    return coupons.create(**{"code": CODE, "label": "Again", "basis_points": 2_500, **changes}, by=by)


def renewed(right: Entitlement, offer: Offer, buyer: Actor, **more: Any) -> signings.Accepted:
    found = renewals.proposal(right, offer)
    return renewals.renew(
        right, offer, **{"consents": found.worse, "shown": found.digest, "coupon": CODE, "by": buyer, **more}
    )


def test_it_comes_off_the_first_charge_and_the_contract_holds_it(
    right: Entitlement, offer: Offer, seller: Actor, buyer: Actor
) -> None:
    given(seller, most_uses=1)
    accepted = renewed(right, offer, buyer)
    assert accepted.agreement is not None and accepted.charge is not None
    assert (accepted.charge.net_minor, accepted.charge.fee_minor) == (7_500, 750)
    document = agreements.document(accepted.agreement)
    assert document["price"] == sales.PAID
    assert document["coupon"] == {"off": {"amount_minor": 2_500, "currency": "EUR"}}
    assert agreements.is_intact(accepted.agreement)
    use = CouponUse.objects.get()
    assert (use.reference, use.off_minor) == (accepted.charge.reference, 2_500)
    assert (Coupon.objects.get().used, CODE.encode() in bytes(accepted.agreement.document)) == (1, False)


def test_without_one_the_contract_says_nothing_of_coupons(
    right: Entitlement, offer: Offer, buyer: Actor
) -> None:
    accepted = renewed(right, offer, buyer, coupon="")
    assert accepted.agreement is not None and accepted.charge is not None
    assert "coupon" not in agreements.document(accepted.agreement)
    assert accepted.charge.net_minor == 10_000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "another-code"}, "coupon_unknown"),
        ({"starts_at": DAY}, "coupon_over"),
        ({"basis_points": None, "amount": Money(10_000, "EUR")}, "coupon_too_large"),
        ({"basis_points": None, "amount": Money(100, "USD")}, "coupon_unknown"),
    ],
)
def test_what_does_not_hold_is_refused_and_nothing_is_asked(
    right: Entitlement,
    offer: Offer,
    seller: Actor,
    buyer: Actor,
    refused: Refused,
    changes: dict[str, Any],
    code: str,
) -> None:
    if "starts_at" in changes:
        changes = {"starts_at": buyer.at + changes["starts_at"]}
    given(seller, **changes)
    with refused(Conflict, code):
        renewed(right, offer, buyer)
    assert not CouponUse.objects.exists() and not Entitlement.objects.filter(follows=right).exists()


def test_a_buyer_that_used_it_at_the_purchase_cannot_use_it_again(
    seller: Actor, buyer: Actor, refused: Refused
) -> None:
    given(seller)
    first = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    talk = negotiations.approve(sales.request(first, buyer), by=seller)
    charge = negotiations.accept(talk, coupon=CODE, by=buyer).charge
    assert charge is not None
    sales.pay(charge.pk, buyer)
    right = Entitlement.objects.get()
    offer = offered(right, seller)
    with refused(Conflict, "coupon_used"):
        renewed(right, offer, buyer)
    assert (Coupon.objects.get().used, Agreement.objects.count()) == (1, 1)


def test_where_the_seller_answers_first_it_is_given_with_the_signature(
    right: Entitlement, seller: Actor, buyer: Actor, refused: Refused
) -> None:
    given(seller)
    asks = offered(right, seller, sale="validation")
    with refused(Conflict, "signed_later"):
        renewed(right, asks, buyer)
    talk = renewed(right, asks, buyer, coupon="").negotiation
    negotiations.approve(talk, by=seller)
    charge = negotiations.accept(talk, shown=talk.proposal, coupon=CODE, by=buyer).charge
    assert charge is not None and charge.net_minor == 7_500


def test_nothing_is_due_in_a_trial_so_no_coupon_holds(
    right: Entitlement, seller: Actor, buyer: Actor, refused: Refused
) -> None:
    given(seller)
    trial = offered(right, seller, plan={**MONTHLY, "trial_days": 14})
    with refused(Conflict, "coupon_without_price"):
        renewed(right, trial, buyer)


def test_it_is_weighed_before_and_nothing_is_taken(
    offer: Offer, seller: Actor, buyer: Actor, refused: Refused
) -> None:
    given(seller, most_uses=1)
    assert buyer.participant_id is not None
    asked = {"offer_id": offer.pk, "seller_id": offer.seller_id, "buyer_id": buyer.participant_id, "by": buyer}
    found = coupons.weigh(CODE, Money(10_000, "EUR"), **asked)
    assert (found.price.minor, found.off, Coupon.objects.get().used) == (7_500, Money(2_500, "EUR"), 0)
    Coupon.objects.update(used=1)
    with refused(Conflict, "coupon_spent"):
        coupons.weigh(CODE, Money(10_000, "EUR"), **asked)


@pytest.mark.parametrize("is_named", [True, False])
def test_beside_a_price_for_one_buyer_alone_both_count(seller: Actor, buyer: Actor, is_named: bool) -> None:
    """Whether the offer is for this buyer alone, or its price was named in the talk."""
    given(seller)
    named = [buyer.participant_id] if is_named else None
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID), named=named)
    talk = sales.request(offer, buyer)
    if is_named:
        negotiations.approve(talk, by=seller)
    else:
        less = {"kind": "one_off", "price": {"amount_minor": 8_000, "currency": "EUR"}}
        negotiations.counter(talk, plan=less, by=seller)
    charge = negotiations.accept(talk, shown=talk.proposal, coupon=CODE, by=buyer).charge
    assert charge is not None and charge.net_minor == (7_500 if is_named else 6_000)


def test_a_coupon_is_weighed_and_used_by_the_api(
    right: Entitlement, offer: Offer, seller: Actor, buyer: Actor
) -> None:
    given(seller, most_uses=1)
    door, found = makers.Door(buyer), renewals.proposal(right, offer)
    price = f"/api/v1/offers/{offer.pk}/price"
    told = [json.loads(door.post(price, body).content) for body in ({}, {"coupon": CODE})]
    assert [one["due_first"] for one in told] == [
        {"amount_minor": 10_000, "currency": "EUR"},
        {"amount_minor": 7_500, "currency": "EUR"},
    ]
    assert door.post(price, {"coupon": "NOSUCH99"}).status_code == 409
    assert makers.Door(seller).post(price, {"coupon": CODE}).status_code == 200, "a seller may buy too"
    body = {"offer_id": str(offer.pk), "digest": found.digest, "worse": list(found.worse), "coupon": CODE}
    path = f"/api/v1/entitlements/{right.pk}/renew"
    refused = door.post(path, body | {"renews": True})
    assert (refused.status_code, json.loads(refused.content)["type"].rpartition(":")[2]) == (
        409,
        "renewal_not_offered",
    )
    assert door.post(path, body).status_code == 201
    assert (CouponUse.objects.get().off_minor, Coupon.objects.get().used) == (2_500, 1)
