"""What the first of a buyer's two members agrees to besides the round: kept with its signature, confirmed by the second
as it is, and of a coupon no place is taken before the contract is made."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from contracts.agreements import agreements
from contracts.models import Agreement, Entitlement, Negotiation, Rider
from contracts.negotiations import negotiations, riders, signings
from contracts.renewals import renewals
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments.charges import coupons
from payments.models import Charge, Coupon, CouponUse, Subscription
from payments.plans import plans
from payments.plans import words as plan_words
from tests import dataset_makers, makers, sales
from tests.contracts.test_signatures import people
from tests.over_time import MONTHLY

pytestmark = pytest.mark.django_db
Refused = Callable[..., Any]
CODE = "Spring-2027"


@pytest.fixture(autouse=True)
def house(operator: Actor) -> None:
    """An exchange that may sell."""


def approved(seller: Actor, buyer: Actor, plan: Mapping[str, Any] = MONTHLY) -> Negotiation:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(plan))
    return negotiations.approve(sales.request(offer, buyer), by=seller)


def given(by: Actor, **changes: Any) -> Coupon:
    return coupons.create(**{"code": CODE, "label": "Spring", "basis_points": 2_500, **changes}, by=by)


def second(talk: Negotiation, by: Actor, **more: Any) -> signings.Accepted:
    return negotiations.accept(talk, **{"shown": riders.to_sign(talk), "by": by, **more})


def said(name: str) -> list[dict[str, Any]]:
    rows = Event.objects.filter(name=name).order_by("pk")
    return [json.loads(bytes(row.leaf))["facts"] for row in rows]


def test_the_second_signs_what_the_first_agreed_to(seller: Actor, buyer: Actor) -> None:
    given(seller, most_uses=1)
    talk, (one, other) = approved(seller, buyer), people(buyer)
    half = negotiations.accept(talk, coupon=CODE, keeps_method=True, renews=True, by=one)
    rider = Rider.objects.get()
    assert (half.agreement, rider.off, rider.keeps_method, rider.renews) == (
        None,
        Money(250, "EUR"),
        True,
        True,
    )
    assert (Coupon.objects.get().used, CouponUse.objects.exists()) == (0, False), "no place is taken yet"
    whole = second(talk, other)
    assert whole.agreement is not None and whole.charge is not None
    assert (whole.charge.net_minor, whole.charge.keeps_method) == (750, True)
    assert agreements.document(whole.agreement)["coupon"] == {"off": {"amount_minor": 250, "currency": "EUR"}}
    assert (Coupon.objects.get().used, CouponUse.objects.get().reference) == (1, whole.charge.reference)
    sales.pay(whole.charge.pk, buyer)
    assert Subscription.objects.get().renewed_by == other.name


def test_the_log_keeps_the_words_of_both(seller: Actor, buyer: Actor) -> None:
    given(seller)
    talk, (one, other) = approved(seller, buyer), people(buyer)
    negotiations.accept(talk, coupon=CODE, renews=True, by=one)
    words = {code: plan_words.renewing(plans.parse(MONTHLY), code) for code in ("en", "fr")}
    [first] = said("negotiation.rider_signed")
    rider = Rider.objects.get()
    assert (first["shown"], first["rider"], first["off_minor"]) == (words, rider.sha256, "250")
    assert not said("negotiation.renewal_agreed"), "half a signature agrees to nothing"
    second(talk, other)
    assert [fact["rider"] for fact in said("negotiation.rider_signed")] == [rider.sha256] * 2
    assert [fact["shown"] for fact in said("negotiation.renewal_agreed")] == [words]
    told = Event.objects.filter(name="negotiation.rider_signed").order_by("pk")
    assert [json.loads(bytes(event.leaf))["actor"] for event in told] == [one.name, other.name]
    assert CODE.upper() not in "".join(bytes(event.leaf).decode().upper() for event in Event.objects.all())


@pytest.mark.parametrize("shown", ["none", "round"])
def test_who_has_not_read_it_does_not_sign_it(
    seller: Actor, buyer: Actor, refused: Refused, shown: str
) -> None:
    """Both had opened the page before either had signed."""
    talk, (one, other) = approved(seller, buyer), people(buyer)
    negotiations.accept(talk, renews=True, by=one)
    with refused(Conflict, "rider_unread"):
        negotiations.accept(talk, shown=None if shown == "none" else talk.proposal, by=other)
    assert not Agreement.objects.exists() and talk.state == "approved"


@pytest.mark.parametrize("more", [{"coupon": CODE}, {"keeps_method": True}, {"renews": True}])
@pytest.mark.parametrize("has_rider", [True, False])
def test_the_second_adds_nothing(
    seller: Actor, buyer: Actor, refused: Refused, more: dict[str, Any], has_rider: bool
) -> None:
    given(seller)
    talk, (one, other) = approved(seller, buyer), people(buyer)
    mine = {"coupon": CODE} if has_rider and "coupon" not in more else {}
    mine = {"renews": True} if has_rider and not mine else mine
    negotiations.accept(talk, **mine, by=one)
    with refused(Conflict, "signed_otherwise"):
        second(talk, other, **more)
    whole = second(talk, other)
    assert whole.charge is not None and Rider.objects.count() == int(has_rider)
    assert whole.charge.net_minor == (750 if "coupon" in mine else 1_000)


def test_saying_the_same_again_is_confirming(seller: Actor, buyer: Actor) -> None:
    talk, (one, other) = approved(seller, buyer), people(buyer)
    negotiations.accept(talk, renews=True, keeps_method=True, by=one)
    assert second(talk, other, renews=True, keeps_method=True).agreement is not None


@pytest.mark.parametrize(("how", "code"), [("withdrawn", "coupon_over"), ("spent", "coupon_spent")])
def test_a_coupon_that_holds_no_more_makes_no_dearer_contract(
    seller: Actor, buyer: Actor, refused: Refused, how: str, code: str
) -> None:
    coupon = given(seller, most_uses=1)
    talk, (one, other) = approved(seller, buyer), people(buyer)
    negotiations.accept(talk, coupon=CODE, by=one)
    if how == "withdrawn":
        coupons.withdraw(coupon, by=seller)
    else:
        rival = makers.trader("Rival", "DE", buyer.at)
        quicker = negotiations.approve(sales.request(talk.offer, rival), by=seller)
        negotiations.accept(quicker, coupon=CODE, by=rival)
    with refused(Conflict, code):
        second(talk, other)
    talk.refresh_from_db()
    assert (talk.state, Agreement.objects.filter(negotiation=talk).exists()) == ("approved", False)


def test_another_sum_off_is_not_what_was_signed(
    seller: Actor, buyer: Actor, operator: Actor, refused: Refused, settings: Any
) -> None:
    """The exchange bears a coupon out of its part; where that part was changed meanwhile, so is the price."""
    given(operator, basis_points=5_000)
    talk, (one, other) = approved(seller, buyer, sales.PAID), people(buyer)
    negotiations.accept(talk, coupon=CODE, by=one)
    settings.EXCHANGE_FEE_BASIS_POINTS = 500
    with refused(Conflict, "coupon_changed"):
        second(talk, other)
    assert not CouponUse.objects.exists() and Coupon.objects.get().used == 0


def test_what_cannot_hold_is_refused_at_the_first_signature(
    seller: Actor, buyer: Actor, refused: Refused
) -> None:
    talk, (one, _) = approved(seller, buyer), people(buyer)
    with refused(Conflict, "coupon_unknown"):
        negotiations.accept(talk, coupon=CODE, by=one)
    assert not Rider.objects.exists() and not talk.signatures.filter(side="buyer").exists()


def test_another_round_begins_without_it(seller: Actor, buyer: Actor) -> None:
    talk, (one, other) = approved(seller, buyer), people(buyer)
    negotiations.accept(talk, renews=True, by=one)
    negotiations.counter(talk, changes=[{"kind": "copies", "set": {"max": 1}}], by=seller)
    assert riders.of(talk) is None and riders.to_sign(talk) == talk.proposal
    negotiations.accept(talk, shown=talk.proposal, by=other)
    assert second(talk, one).negotiation.renews is False


def test_a_renewal_is_signed_by_two_with_what_the_first_gave(seller: Actor, buyer: Actor) -> None:
    right = sales.entitled(seller, buyer)
    given(seller)
    offer = sales.offer(right.dataset, seller, plan=dict(MONTHLY), sale="instant")
    found, (one, other) = renewals.proposal(right, offer), people(buyer)
    half = renewals.renew(
        right,
        offer,
        consents=found.worse,
        shown=found.digest,
        coupon=CODE,
        keeps_method=True,
        renews=True,
        by=one,
    )
    assert half.agreement is None
    talk = half.negotiation
    renewals.consent(talk, found.worse, shown=riders.to_sign(talk), by=other)
    whole = second(talk, other)
    assert whole.charge is not None and (whole.charge.net_minor, whole.charge.keeps_method) == (750, True)
    assert whole.negotiation.renews and Entitlement.objects.filter(follows=right).exists()


def test_the_api_shows_it_to_whom_signs_next(seller: Actor, buyer: Actor) -> None:
    given(seller)
    talk, (one, _) = approved(seller, buyer), people(buyer)
    negotiations.accept(talk, coupon=CODE, renews=True, by=one)
    door = makers.Door(buyer)
    [*_, mine] = json.loads(door.get(f"/api/v1/negotiations/{talk.pk}/rounds").content)["items"][0][
        "signatures"
    ]
    rider = Rider.objects.get()
    assert mine["rider"] == {
        "sha256": rider.sha256,
        "off": {"amount_minor": 250, "currency": "EUR"},
        "keeps_method": False,
        "renews": True,
    }
    assert Charge.objects.count() == 0
