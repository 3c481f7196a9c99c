"""Private links: an offer that is nowhere until its link is opened, and then for those alone who opened it."""

from datetime import timedelta
from typing import Any

import pytest

from contracts import queries
from contracts.catalogue import catalogue, indexing
from contracts.catalogue.catalogue import Search
from contracts.models import Offer, OfferAudience
from contracts.negotiations import negotiations
from contracts.offers import audiences, offers
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.kernel.models import Event
from tests import dataset_makers, sales


@pytest.fixture
def offer(seller: Any) -> Any:
    return sales.offer(dataset_makers.published(seller), seller, by_link=True)


def counted(answer: Any) -> bool:
    return any(one.count for several in (answer.facets or {}).values() for one in several)


def ways(actor: Any, offer: Any, door: Any) -> set[str]:
    """By which doors the actor finds the offer or its dataset, or is shown that there is one."""
    indexing.rebuild()
    found = set()
    for search in (Search(), Search(q="cities"), Search(price=("free",))):
        answer = catalogue.search(actor, search, with_facets=True)
        if answer.items or answer.total or counted(answer) or answer.correction:
            found.add(f"search {search.q} {search.price}")
    if catalogue.datasets_visible_to(actor).exists() or catalogue.offers_of(actor, offer.dataset):
        found.add("list")
    if queries.offers_visible_to(actor).exists():
        found.add("offers")
    client = door(actor)
    for path in (f"offers/{offer.pk}", f"datasets/{offer.dataset_id}", f"offers/{offer.pk}/odrl"):
        if client.get(f"/api/v1/{path}").status_code != 404:
            found.add(path)
    asked = {"offer_id": str(offer.pk), "purpose": "research", "country": "DE", "use": sales.USE}
    if client.post("/api/v1/negotiations", asked).status_code != 404:
        found.add("negotiations")
    return found


def test_it_is_nowhere_until_its_link_is_opened(
    offer: Any, seller: Any, buyer: Any, outsider: Any, door: Any
) -> None:
    assert ways(buyer, offer, door) == set()
    token = audiences.link(offer, by=seller)
    assert ways(buyer, offer, door) == set(), "the link alone shows nothing"
    assert audiences.open_link(token, by=buyer) == offer
    assert len(ways(buyer, offer, door)) == 9 and ways(outsider, offer, door) == set()


def test_it_is_bought_as_any_other(offer: Any, seller: Any, buyer: Any) -> None:
    audiences.open_link(audiences.link(offer, by=seller), by=buyer)
    accepted = negotiations.accept(negotiations.approve(sales.request(offer, buyer), by=seller), by=buyer)
    assert accepted.agreement is not None


def test_a_link_is_kept_as_a_hash_and_opens_once_for_each(offer: Any, seller: Any, buyer: Any) -> None:
    token = audiences.link(offer, by=seller)
    assert token not in str(list(Offer.objects.values_list()))
    for _ in range(2):
        audiences.open_link(token, by=buyer)
    assert OfferAudience.objects.filter(offer=offer).count() == 1
    names = Event.objects.filter(subject=f"offer:{offer.pk}").values_list("name", flat=True)
    assert sorted(names) == ["offer.drafted", "offer.joined", "offer.linked", "offer.published"]
    leaves = Event.objects.values_list("leaf", flat=True)
    assert not [leaf for leaf in leaves if token.encode() in bytes(leaf)]


def test_another_link_takes_the_place_of_the_first(offer: Any, seller: Any, buyer: Any, outsider: Any) -> None:
    first = audiences.link(offer, by=seller)
    audiences.open_link(first, by=buyer)
    second = audiences.link(offer, by=seller)
    with pytest.raises(NotFound):
        audiences.open_link(first, by=outsider)
    assert audiences.open_link(second, by=outsider) == offer
    assert queries.offer_visible_to(buyer, offer.pk) == offer, "who had opened it stays"


def test_every_link_that_opens_nothing_says_the_same(seller: Any, buyer: Any, operator: Any, now: Any) -> None:
    dataset = dataset_makers.published(seller)
    week = timedelta(days=7)
    gone, over, early = (
        sales.offer(dataset, seller, by_link=True, **times)
        for times in ({}, {"valid_until": now + week}, {"valid_from": now + week})
    )
    tokens = [audiences.link(one, by=seller) for one in (gone, over, early)]
    offers.withdraw(gone, by=seller)
    said = set()
    for token, at in ((tokens[0], now), (tokens[1], now + week), (tokens[2], now), ("", now), ("x" * 43, now)):
        with pytest.raises(NotFound) as refusal:
            audiences.open_link(token, by=buyer.moved_to(at))
        said.add(refusal.value.detail)
    assert len(said) == 1 and not OfferAudience.objects.exists()


def test_only_its_seller_takes_a_link_and_only_for_such_an_offer(
    offer: Any, seller: Any, buyer: Any, refused: Any
) -> None:
    with refused(Forbidden, "forbidden"):
        audiences.link(offer, by=buyer)
    public = sales.offer(offer.dataset, seller)
    with refused(Conflict, "no_link_offer"):
        audiences.link(public, by=seller)


def test_an_offer_is_for_names_or_by_link(offer: Any, seller: Any, buyer: Any, refused: Any) -> None:
    with refused(Invalid, "invalid"):
        sales.offer(offer.dataset, seller, by_link=True, named=[buyer.participant_id])


def test_the_api_makes_and_opens_it(offer: Any, seller: Any, buyer: Any, outsider: Any, door: Any) -> None:
    assert door(outsider).post(f"/api/v1/offers/{offer.pk}/link").status_code == 404
    made = door(seller).post(f"/api/v1/offers/{offer.pk}/link")
    assert made.status_code == 201 and made.json()["url"].endswith(f"/links/{made.json()['token']}")
    opened = door(buyer).post("/api/v1/offers/by-link", {"token": made.json()["token"]})
    assert (opened.status_code, opened.json()["id"], opened.json()["audience"]) == (200, str(offer.pk), "link")
    assert door(outsider).post("/api/v1/offers/by-link", {"token": "unknown"}).status_code == 404
