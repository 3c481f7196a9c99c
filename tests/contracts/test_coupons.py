"""Coupons: what a code takes off the first charge, for whom, how often, and who bears it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from contracts.models import Negotiation, Offer
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments.charges import coupons
from payments.models import Charge, Coupon, CouponUse
from tests import dataset_makers, makers, sales
from tests.over_time import BY_USE, MONTHLY
from tests.payments.stories import everything, sql
from tests.rivals import race

CODE = "Spring-2027"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


@pytest.fixture
def offer(seller: Actor) -> Offer:
    return sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))


def given(by: Actor, **changes: Any) -> Coupon:
    fields: dict[str, Any] = {"code": CODE, "label": "Spring", "basis_points": 2_500, **changes}
    return coupons.create(**fields, by=by)


def accepted(offer: Offer, buyer: Actor, seller: Actor, code: str = CODE, at: Actor | None = None) -> Charge:
    talk = negotiations.approve(sales.request(offer, buyer), by=seller)
    charge = negotiations.accept(talk, coupon=code, by=at or buyer).charge
    assert charge is not None
    return charge


def refused(act: Callable[[], object], kind: type[Exception], code: str) -> None:
    before = everything(), list(Coupon.objects.values()), list(CouponUse.objects.values())
    with pytest.raises(kind) as refusal:
        act()
    assert getattr(refusal.value, "code", None) == code
    assert (everything(), list(Coupon.objects.values()), list(CouponUse.objects.values())) == before


def test_a_sellers_coupon_lowers_the_price_before_tax_and_fee(
    offer: Offer, seller: Actor, buyer: Actor
) -> None:
    given(seller)
    charge = accepted(offer, buyer, seller, "  spring-2027 ")
    assert (charge.net_minor, charge.fee_minor) == (7_500, 750)
    use = CouponUse.objects.get()
    assert (use.price_minor, use.off_minor, use.reference) == (10_000, 2_500, charge.reference)
    assert Coupon.objects.get().used == 1
    assert Negotiation.objects.get().plan == sales.PAID  # the contract holds the list price


def test_the_operators_coupon_comes_out_of_the_exchanges_part(
    offer: Offer, seller: Actor, buyer: Actor, operator: Actor
) -> None:
    assert given(operator, basis_points=None, amount=Money(400, "EUR")).borne_by == "exchange"
    charge = accepted(offer, buyer, seller)
    assert (charge.net_minor, charge.fee_minor) == (9_600, 600)  # the seller is left what it would have had


def test_the_exchange_gives_at_most_its_own_part(
    offer: Offer, seller: Actor, buyer: Actor, operator: Actor
) -> None:
    given(operator, basis_points=9_000)
    charge = accepted(offer, buyer, seller)
    assert (charge.net_minor, charge.fee_minor) == (9_000, 0)


def test_a_subscription_has_it_off_its_first_period_alone(seller: Actor, buyer: Actor) -> None:
    given(seller)
    monthly = sales.offer(dataset_makers.published(seller), seller, plan=dict(MONTHLY))
    assert accepted(monthly, buyer, seller).net_minor == 750


@pytest.mark.parametrize("plan", [dict(sales.FREE), dict(BY_USE)])
def test_where_nothing_is_due_no_coupon_holds(seller: Actor, buyer: Actor, plan: dict[str, Any]) -> None:
    given(seller)
    open_offer = sales.offer(dataset_makers.published(seller), seller, plan=plan)
    talk = negotiations.approve(sales.request(open_offer, buyer), by=seller)
    refused(lambda: negotiations.accept(talk, coupon=CODE, by=buyer), Conflict, "coupon_without_price")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "another-code"}, "coupon_unknown"),
        ({"offer_id": new_id()}, "coupon_unknown"),
        ({"basis_points": None, "amount": Money(100, "USD")}, "coupon_unknown"),
        ({"basis_points": None, "amount": Money(10_000, "EUR")}, "coupon_too_large"),
        ({"basis_points": 1, "amount": None}, ""),
    ],
)
def test_a_code_holds_for_its_own_offer_and_currency(
    offer: Offer, seller: Actor, buyer: Actor, changes: dict[str, Any], code: str
) -> None:
    given(seller, **changes)
    if code:
        talk = negotiations.approve(sales.request(offer, buyer), by=seller)
        refused(lambda: negotiations.accept(talk, coupon=CODE, by=buyer), Conflict, code)
    else:
        assert accepted(offer, buyer, seller).net_minor == 9_999


def test_a_code_holds_for_its_time_and_until_it_is_withdrawn(offer: Offer, seller: Actor, buyer: Actor) -> None:
    given(seller, starts_at=buyer.at + DAY, ends_at=buyer.at + 2 * DAY)
    talk = negotiations.approve(sales.request(offer, buyer), by=seller)
    for days in (0, 2):
        late = buyer.moved_to(buyer.at + days * DAY)
        refused(lambda late=late: negotiations.accept(talk, coupon=CODE, by=late), Conflict, "coupon_over")
    for _ in range(2):
        coupons.withdraw(Coupon.objects.get(), by=seller)
    within = buyer.moved_to(buyer.at + DAY)
    refused(lambda: negotiations.accept(talk, coupon=CODE, by=within), Conflict, "coupon_over")
    assert Event.objects.filter(name="coupon.withdrawn").count() == 1


def test_another_sellers_code_is_unknown(offer: Offer, seller: Actor, buyer: Actor, outsider: Actor) -> None:
    given(outsider)
    talk = negotiations.approve(sales.request(offer, buyer), by=seller)
    refused(lambda: negotiations.accept(talk, coupon=CODE, by=buyer), Conflict, "coupon_unknown")
    refused(lambda: negotiations.accept(talk, coupon="abc", by=buyer), Invalid, "invalid_coupon")


def test_a_buyer_uses_it_once(seller: Actor, buyer: Actor) -> None:
    given(seller)
    first, second = (
        sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID)) for _ in range(2)
    )
    accepted(first, buyer, seller)
    talk = negotiations.approve(sales.request(second, buyer), by=seller)
    refused(lambda: negotiations.accept(talk, coupon=CODE, by=buyer), Conflict, "coupon_used")
    assert Coupon.objects.get().used == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"basis_points": 0},
        {"basis_points": 10_000},
        {"basis_points": None},
        {"amount": Money(1, "EUR")},
        {"basis_points": None, "amount": Money(0, "EUR")},
        {"code": "short"},
        {"code": "x" * 41},
        {"code": "réduction"},
        {"most_uses": 0},
    ],
)
def test_what_is_no_coupon_is_refused(seller: Actor, changes: dict[str, Any]) -> None:
    refused(lambda: given(seller, **changes), Invalid, "invalid_coupon")


def test_a_code_is_given_out_once_and_kept_as_a_hash(seller: Actor, outsider: Actor) -> None:
    made = given(seller)
    refused(lambda: given(outsider, code="SPRING-2027"), Conflict, "coupon_code_taken")
    refused(lambda: coupons.withdraw(made, by=outsider), Forbidden, "other_organisation")
    kept = " ".join(map(str, Coupon.objects.values_list().get()))
    leaves = b"".join(bytes(leaf) for leaf in Event.objects.values_list("leaf", flat=True))
    assert "spring-2027" not in kept.lower() and b"spring-2027" not in leaves.lower()
    assert not coupons.coupons_visible_to(outsider).exists()


def test_the_database_keeps_what_a_coupon_is_good_for(offer: Offer, seller: Actor, buyer: Actor) -> None:
    made = given(seller, most_uses=1)
    accepted(offer, buyer, seller)
    for change in ("basis_points = 9000", "used = 0", "used = 2", "code_sha256 = 'x'"):
        with pytest.raises(DatabaseError):
            sql(f"UPDATE payments_coupon SET {change} WHERE id = %s", made.pk)
    with pytest.raises(DatabaseError):
        sql("DELETE FROM payments_couponuse WHERE coupon_id = %s", made.pk)


@pytest.mark.transactional
def test_of_rivals_for_the_last_use_exactly_one_gets_it(
    own_database: None, seller: Actor, buyer: Actor
) -> None:
    given(seller, most_uses=1)
    rivals = [buyer, makers.trader("Second GmbH", "DE", buyer.at), makers.trader("Third GmbH", "DE", buyer.at)]
    shared = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    talks = [negotiations.approve(sales.request(shared, rival), by=seller) for rival in rivals]
    outcomes = race(
        [
            lambda talk=talk, rival=rival: negotiations.accept(talk, coupon=CODE, by=rival)
            for talk, rival in zip(talks, rivals, strict=True)
        ]
    )
    codes = sorted(getattr(one, "code", "won") for one in outcomes)
    assert codes == ["coupon_spent", "coupon_spent", "won"]
    assert (Coupon.objects.get().used, Charge.objects.count()) == (1, 1)
