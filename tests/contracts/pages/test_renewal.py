"""The page of a renewal: each difference with its direction, a tick for what is worse, and the signature."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts import amendments, negotiations
from contracts.models import Agreement, Entitlement, Negotiation, Offer
from exchange.kernel.actors import Actor
from tests import sales
from tests.contracts.pages.conftest import Reader, text_of

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
