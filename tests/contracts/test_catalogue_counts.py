"""Facet counts are those of the database for what the actor may see: every actor, over an invented market of 2,000
datasets, and of 100,000 in a slow run."""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from contracts import catalogue, indexing, queries, searches
from contracts.catalogue import FACETS, OFFER_FACETS, Search
from contracts.entries import marks_of
from contracts.models import Offer
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from tests import makers
from tests.contracts import markets

WANTED = [
    Search(),
    Search(theme=("ENVI", "TRAN"), train_models=("allowed",)),
    Search(country=("FR",), price=("free",), combine=("yes",), personal_data=("none",)),
]


@pytest.mark.parametrize(
    "count", [2_000, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(1_800)])]
)
def test_facets_are_counts_of_the_database(
    count: int, seller: Actor, buyer: Actor, outsider: Actor, officer: Actor, now: Any
) -> None:
    sellers = [seller, *(makers.trader(f"Seller {number}", "DE", now) for number in range(5))]
    markets.invent(count, sellers, [buyer, sellers[1]], now)
    began = time.perf_counter()
    assert indexing.rebuild() == count
    print(f"\nrebuilt {count} in {time.perf_counter() - began:.1f} s")
    for actor in (buyer, sellers[1], outsider, officer):
        offered = offers_by_dataset(actor)
        everything = list(catalogue.datasets_visible_to(actor))
        for wanted in WANTED:
            began = time.perf_counter()
            found = catalogue.search(actor, wanted, with_facets=True)
            print(f"{(time.perf_counter() - began) * 1_000:.0f} ms for {found.total}")
            assert found.facets is not None
            expected = expected_facets(everything, offered, wanted)
            for name, values in expected.items():
                assert {c.value: c.count for c in found.facets[name]} == values, name
            assert found.total == len(matching(everything, offered, wanted))
            newest = sorted((row.pk for row in matching(everything, offered, wanted)), reverse=True)
            assert [entry.dataset.pk for entry in found.items] == newest[:20]


def offers_by_dataset(actor: Actor) -> dict[Any, list[dict[str, str]]]:
    """The marks of the published offers that the actor may see."""
    found: dict[Any, list[dict[str, str]]] = {}
    for offer in queries.offers_visible_to(actor).filter(state=Offer.State.PUBLISHED).iterator():
        found.setdefault(offer.dataset_id, []).append(marks_of(offer))
    return found


def expected_facets(rows: list[Dataset], offered: Any, wanted: Search) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    for name in FACETS:
        here = matching(rows, offered, wanted, without=name)
        facets[name] = dict(Counter(value for row in here for value in values_of(row, name)))
    for name, values in OFFER_FACETS.items():
        marked = matching(rows, offered, wanted, without="offers")
        counts = {}
        for value in values:
            asked = {**wanted.offer_marks(), name: searches.stands_for((value,))}
            counts[value] = sum(has_offer(offered.get(row.pk, ()), asked) for row in marked)
        facets[name] = {value: count for value, count in counts.items() if count}
    return facets


def matching(rows: list[Dataset], offered: Any, wanted: Search, without: str = "") -> list[Dataset]:
    marks = {name: values for name, values in wanted.marks().items() if name != without}
    asked = {} if without == "offers" else wanted.offer_marks()
    return [
        row
        for row in rows
        if all(set(values_of(row, name)) & set(values) for name, values in marks.items())
        and has_offer(offered.get(row.pk, ()), asked)
    ]


def has_offer(offers: Iterable[dict[str, str]], asked: dict[str, tuple[str, ...]]) -> bool:
    return not asked or any(all(marks[name] in values for name, values in asked.items()) for marks in offers)


def values_of(row: Dataset, name: str) -> list[str]:
    if name == "country":
        return [place for place in row.spatial if len(place) == 2]
    if name == "media_type":
        return []  # what is invented has no files
    if name == "seller_country":
        return [row.seller.verified_country]
    if name == "seller":
        return [str(row.seller_id)]
    value = getattr(row, name)
    return [value] if value else []
