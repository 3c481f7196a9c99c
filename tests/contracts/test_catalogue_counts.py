"""Totals, facet counts and orders are those of the database for what the actor may see: over an invented market of
1,000 datasets, for every kind of actor. `make bench` does the same over 100,000."""

from typing import Any

from contracts.catalogue import catalogue, indexing
from contracts.catalogue.catalogue import Search
from exchange.kernel.actors import Actor
from tests import makers
from tests.contracts import counted, markets


def test_counts_and_orders_are_those_of_the_database(
    seller: Actor, buyer: Actor, outsider: Actor, officer: Actor, now: Any
) -> None:
    sellers = [seller, *(makers.trader(f"Seller {number}", "DE", now) for number in range(5))]
    markets.invent(1_000, sellers, [buyer, sellers[1]], now)
    assert indexing.rebuild() == 1_000
    for actor in (buyer, sellers[1], outsider, officer):
        counts, places = counted.expect_equal(actor, counted.seen_by(actor))
        assert counts > 200 and places > 200


def test_what_is_asked_for_stays_among_the_counts_at_zero(
    seller: Actor, buyer: Actor, outsider: Actor, now: Any
) -> None:
    markets.invent(40, [seller], [buyer], now)
    indexing.rebuild()
    strange = outsider.participant_id
    assert strange and seller.participant_id
    wanted = Search(
        q="nothing has this", theme=("HEAL",), price=("free",), seller=(strange, seller.participant_id)
    )
    found = catalogue.search(buyer, wanted, with_facets=True)
    assert found.facets is not None and found.total == 0
    shown = {
        name: [(one.value, one.count, one.label) for one in counts] for name, counts in found.facets.items()
    }
    assert shown["theme"] == [("HEAL", 0, "")]
    assert shown["price"] == [("free", 0, "")]
    assert shown["language"] == []
    assert shown["seller"] == [(str(strange), 0, ""), (str(seller.participant_id), 0, "Seller SA")]
