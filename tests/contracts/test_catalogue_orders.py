"""The orders that a reader can ask for, each by what that reader may see, and the text that may have been meant."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.catalogue import catalogue, entries
from contracts.catalogue.catalogue import Found, Search
from contracts.models import Offer
from contracts.offers import offers
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts import markets

React = Callable[..., int]


def titles(found: Found) -> list[str]:
    assert not found.is_rebuilding
    return [entry.dataset.title for entry in found.items]


def ordered(actor: Actor, order: Any, **wanted: Any) -> list[str]:
    return titles(catalogue.search(actor, Search(order=order, **wanted)))


def price(minor: int, currency: str = "EUR") -> dict[str, Any]:
    return {"kind": "one_off", "price": {"amount_minor": minor, "currency": currency}}


@pytest.fixture
def shop(seller: Actor, buyer: Actor, react: React) -> None:
    """Five on the market at several prices, one of them cheaper for the buyer, and a draft."""
    for title, plans in (
        ("Dear", [price(900_00)]),
        ("Free", [price(10_00), sales.FREE]),
        ("Two prices", [price(50_00), price(7_00)]),
        ("Yen", [price(20, "JPY")]),
        ("Cheaper for one", [price(800_00)]),
    ):
        dataset = markets.published(seller, title=title)
        for plan in plans:
            sales.offer(dataset, seller, plan=plan)
    sales.offer(dataset, seller, plan=price(1), named=[buyer.participant_id])
    dataset_makers.draft(seller, title="Draft")
    react()


def test_the_lowest_price_that_the_reader_sees_comes_first(
    shop: None, seller: Actor, buyer: Actor, outsider: Actor, officer: Actor
) -> None:
    for actor in (buyer, seller, officer):
        seen = [title for title in ordered(actor, "price") if title != "Draft"]
        assert seen == ["Free", "Cheaper for one", "Two prices", "Yen", "Dear"]
    assert ordered(outsider, "price") == ["Free", "Two prices", "Yen", "Cheaper for one", "Dear"]
    assert ordered(seller, "price")[-1] == "Draft"  # nobody has put a price on it
    assert ordered(outsider, "price", price=("paid",), q="for one") == ["Cheaper for one"]
    paged, cursor = [], None
    while cursor is not None or not paged:
        found = catalogue.search(outsider, Search(order="price"), cursor=cursor, limit=2)
        paged += titles(found)
        cursor = found.next_cursor
    assert paged == ordered(outsider, "price")


def test_a_withdrawn_offer_sets_no_price(shop: None, seller: Actor, outsider: Actor, react: React) -> None:
    cheap = Offer.objects.get(dataset__title="Two prices", plan__price__amount_minor=7_00)
    offers.withdraw(cheap, by=seller)
    react()
    assert ordered(outsider, "price") == ["Free", "Yen", "Two prices", "Cheaper for one", "Dear"]


def test_an_offer_with_a_plan_that_cannot_be_read_has_no_price() -> None:
    assert entries.amount_of(Offer(plan={"kind": "on_request"})) is None
    assert entries.amount_of(Offer(plan=sales.FREE)) == 0
    assert [entries.amount_of(Offer(plan=price(5, code))) for code in ("EUR", "JPY", "KWD")] == [50, 5_000, 5]


def test_newest_is_by_the_newest_sealed_revision(seller: Actor, buyer: Actor, now: Any, react: React) -> None:
    by_title = {}
    for title in ("First", "Second", "Third"):
        by_title[title] = markets.published(seller, title=title)
        sales.offer(by_title[title], seller)
    react()
    assert ordered(buyer, "newest") == ["Third", "Second", "First"]
    later = replace(seller, at=now + timedelta(days=2))
    revision = dataset_makers.sealed(by_title["First"], later, {"cities.csv": b"city\nNice\n"})
    react()
    assert ordered(buyer, "newest") == ["First", "Third", "Second"]
    assert titles(catalogue.search(buyer, Search())) == ["Third", "Second", "First"]  # plain: by dataset
    revisions.revoke(revision, reason="The rows were of another city.", by=later)
    react()
    assert ordered(buyer, "newest") == ["Third", "Second", "First"]


def test_every_order_lists_the_newest_first_while_the_index_is_away(
    shop: None, buyer: Actor, search_folder: Path
) -> None:
    (search_folder / "current").unlink()
    for order in ("newest", "published", "price"):
        found = catalogue.search(buyer, Search(order=order))  # type: ignore[arg-type]
        assert found.is_rebuilding and found.items[0].dataset.title == "Cheaper for one"


def test_another_text_is_proposed_from_what_the_reader_may_find(
    seller: Actor, buyer: Actor, outsider: Actor, react: React
) -> None:
    for title, named in (("Données de mobilité", None), ("Zeppelin timetables", [buyer.participant_id])):
        given = {"named": named} if named else {}
        sales.offer(markets.published(seller, title=title), seller, **given)
    react()
    for actor, asked, proposed in (
        (buyer, "donees mobilite", "données mobilite"),
        (buyer, "zepelin", "zeppelin"),
        (outsider, "zepelin", ""),
        (outsider, "mobilité", ""),
    ):
        assert catalogue.search(actor, Search(q=asked)).correction == proposed
