"""The page of a renewal: each difference with its direction, a tick for what is worse, and the signature."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.models import Agreement, Entitlement, Negotiation, Offer
from contracts.negotiations import negotiations
from contracts.renewals import amendments
from exchange.kernel.actors import Actor
from payments.charges import coupons
from payments.models import Charge, Coupon
from tests import sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.over_time import MONTHLY

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
LESS: list[dict[str, Any]] = [
    {"kind": "purpose", "any_of": ["research"]},
    {"kind": "copies", "max": 1},
    {"kind": "duration", "days": 400},
]


@pytest.fixture
def right(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


@pytest.fixture
def offer(right: Entitlement, seller: Actor) -> Offer:
    return sales.offer(right.dataset, seller, title="Next year", terms=LESS, sale="instant")


def path(right: Entitlement, offer: Offer | None = None) -> str:
    return f"/my-data/{right.pk}/renew" + (f"?offer={offer.pk}" if offer else "")


def hidden(page: Any, name: str) -> str:
    return str(page.context["form"].initial[name])


def sign(browser: Reader, right: Entitlement, offer: Offer, **more: Any) -> Any:
    page = browser.get(path(right, offer))
    fields = {name: hidden(page, name) for name in ("shown", "offer")}
    return browser.post(path(right, offer), **fields, **{"has_read": "on", **more})


def test_what_is_better_and_worse_is_said_in_words(
    right: Entitlement, offer: Offer, buyer: Actor, reader: Open
) -> None:
    page = text_of(reader(buyer).get(path(right, offer)))
    for words in ("Worse for you", "Better for you", "Next year", "I take this although it may be worse"):
        assert words in page
    assert "Nothing renews itself" in page
    assert "Renouveler" in text_of(reader(buyer).get(path(right, offer), "fr"))


def test_a_worse_item_that_is_not_ticked_refuses_and_changes_nothing(
    right: Entitlement, offer: Offer, buyer: Actor, reader: Open
) -> None:
    answer = sign(reader(buyer), right, offer)
    assert answer.status_code == 409 and "you did not take it: How often" in text_of(answer)
    assert Negotiation.objects.count() == 1


def test_ticked_and_signed_it_leads_to_the_next_licence(
    right: Entitlement, offer: Offer, buyer: Actor, reader: Open
) -> None:
    answer = sign(reader(buyer), right, offer, worse="copies")
    following = Entitlement.objects.get(follows=right)
    assert answer.status_code == 302 and answer["Location"] == f"/sales/{following.agreement_id}"
    assert following.state == "pending"


def test_a_signature_without_having_read_is_none(
    right: Entitlement, offer: Offer, buyer: Actor, reader: Open
) -> None:
    assert sign(reader(buyer), right, offer, worse="copies", has_read="").status_code == 422
    assert not Entitlement.objects.filter(follows=right).exists()


def test_an_amendment_that_makes_something_worse_leads_to_the_same_page(
    right: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    changes = [{"kind": "copies", "set": {"max": 1}}]
    talk = amendments.propose(right.agreement, changes=changes, by=seller)
    browser = reader(buyer)
    answer = browser.post(f"/negotiations/{talk.pk}/accept", shown=talk.proposal, has_read="on")
    assert answer.status_code == 302 and answer["Location"] == path(right)
    page = browser.get(path(right))
    assert "A change of the contract" in text_of(page)
    browser.post(path(right), shown=hidden(page, "shown"), has_read="on", worse="copies")
    assert Agreement.objects.filter(negotiation=talk).exists()


def test_a_request_that_waits_for_the_seller_is_shown_as_such(
    right: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    offer = sales.offer(right.dataset, seller, terms=LESS)
    sign(reader(buyer), right, offer, worse="copies")
    assert "Your request waits for the seller" in text_of(reader(buyer).get(path(right)))
    talk = Negotiation.objects.get(succession__right=right)
    negotiations.refuse(talk, reason="", by=seller)
    assert "Renew this licence" in text_of(reader(buyer).get(path(right)))


def test_nobody_else_finds_it(right: Entitlement, seller: Actor, outsider: Actor, reader: Open) -> None:
    for actor in (seller, outsider):
        assert reader(actor).get(path(right)).status_code == 404


def test_the_price_is_shown_with_a_coupon_before_anything_is_signed(
    right: Entitlement, seller: Actor, buyer: Actor, reader: Open
) -> None:
    coupons.create(code="AGAIN-2027", label="Again", basis_points=2_500, most_uses=1, by=seller)
    offer = sales.offer(right.dataset, seller, plan=dict(sales.PAID), sale="instant")
    browser = reader(buyer)
    assert "€75.00" not in text_of(browser.get(path(right, offer)))
    shown = sign(browser, right, offer, coupon="again-2027", weigh="yes", has_read="", worse="price")
    page = text_of(shown)
    assert shown.status_code == 200 and "€75.00" in page and 'value="price" checked' in page
    assert "Say that you have read the contract" not in page and Coupon.objects.get().used == 0
    unknown = sign(browser, right, offer, coupon="NOSUCH99", weigh="yes")
    assert unknown.status_code == 422 and "No coupon of this code is for this offer" in text_of(
        unknown
    ).replace("no coupon", "No coupon")
    assert sign(browser, right, offer, coupon="x", worse="price").status_code == 422
    assert not Entitlement.objects.filter(follows=right).exists()
    signed = sign(browser, right, offer, coupon="AGAIN-2027", worse="price")
    charge = Charge.objects.get()
    assert (signed["Location"], charge.net_minor) == (f"/charges/{charge.pk}", 7_500)
    assert Coupon.objects.get().used == 1


def test_a_coupon_is_asked_for_only_where_it_is_signed_and_something_is_due(
    right: Entitlement, offer: Offer, seller: Actor, buyer: Actor, reader: Open
) -> None:
    browser = reader(buyer)
    asks = sales.offer(right.dataset, seller, plan=dict(sales.PAID))
    for one in (offer, asks):
        page = text_of(browser.get(path(right, one)))
        assert 'name="coupon"' not in page and 'name="renews"' not in page


@pytest.mark.parametrize("is_ticked", [True, False])
def test_a_renewal_by_a_subscription_asks_whether_it_goes_on(
    right: Entitlement, seller: Actor, buyer: Actor, reader: Open, is_ticked: bool
) -> None:
    offer = sales.offer(right.dataset, seller, plan={**MONTHLY, "trial_days": 14}, sale="instant")
    browser = reader(buyer)
    page = text_of(browser.get(path(right, offer)))
    assert 'name="renews"' in page and "Its first term ends on" in page and 'name="coupon"' not in page
    sign(browser, right, offer, worse="price", **({"renews": "on"} if is_ticked else {}))
    assert Negotiation.objects.get(succession__right=right).renews is is_ticked
