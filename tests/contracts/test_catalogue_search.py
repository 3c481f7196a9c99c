"""Search of the catalogue: what a buyer finds by words, marks and offers, what nobody may find or count, and what
happens while the index is behind or away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from contracts.catalogue import catalogue, entries, indexing
from contracts.catalogue.catalogue import Found, Search
from contracts.models import Offer, StaleEntry
from contracts.offers import offers
from datasets import datasets
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Invalid
from exchange.participants.members import members
from tests import dataset_makers, makers, sales
from tests.contracts import counted as counted_rows
from tests.contracts import markets

# How a database counts and sorts is seen by test_catalogue_counts.py and test_catalogue_orders.py.
pytestmark = pytest.mark.one_database
React = Callable[..., int]


def titles(found: Found) -> list[str]:
    return [entry.dataset.title for entry in found.items]


def counted(found: Found, facet: str) -> dict[str, int]:
    assert found.facets is not None
    return {count.value: count.count for count in found.facets[facet]}


def ask(actor: Actor, q: str = "", **wanted: Any) -> Found:
    found = catalogue.search(actor, Search(q=q, **wanted), with_facets=True)
    assert not found.is_rebuilding
    return found


@pytest.fixture
def flights(seller: Actor, react: React) -> Dataset:
    """On the market for all at a price, and free for training models for nobody yet."""
    dataset = markets.published(
        seller,
        title="Flights departing New York",
        summary="Vols au départ de trois aéroports.",
        keywords=["aviation", "données ouvertes"],
        theme="TRAN",
        spatial=["US", "Lower Manhattan"],
        frequency="daily",
    )
    sales.offer(dataset, seller, plan=sales.PAID)
    react()
    return dataset


FINDING = (
    *("flight", "departed york", "aeroport", "VOLS", "donnees", "aviatio", "fligths", "seller", "population"),
    *("united states", "états-unis", "manhattan", '"new york"'),
)
NOT_FINDING = ("trains", "flight trains", '"york new"', "lyon", "100%_", "!!")
MARKS: list[tuple[dict[str, tuple[str, ...]], bool]] = [
    ({"theme": ("TRAN", "HEAL")}, True),
    ({"theme": ("HEAL",)}, False),
    ({"language": ("en",), "frequency": ("daily",), "state": ("published",)}, True),
    ({"country": ("US",)}, True),
    ({"country": ("Lower Manhattan",)}, False),
    ({"seller_country": ("FR",), "media_type": ("text/csv",)}, True),
    ({"media_type": ("application/vnd.apache.parquet",)}, False),
    ({"personal_data": ("none",)}, True),
    ({"personal_data": ("special",)}, False),
    ({"price": ("paid",), "sale": ("validation",)}, True),
    ({"price": ("free",)}, False),
    ({"analyse": ("if",)}, True),
    ({"analyse": ("allowed",), "train_models": ("no",)}, True),
    ({"train_models": ("allowed",)}, False),
]


def test_a_dataset_is_found_by_its_words_columns_places_and_seller(flights: Dataset, buyer: Actor) -> None:
    for q in FINDING:
        assert titles(ask(buyer, q)) == [flights.title], q
    for q in NOT_FINDING:
        assert ask(buyer, q).items == [], q


def test_marks_narrow_with_the_index_and_without(flights: Dataset, buyer: Actor, search_folder: Path) -> None:
    asked = [(q, wanted, is_found) for q in ("", "flights") for wanted, is_found in MARKS]
    for q, wanted, is_found in asked:
        assert bool(ask(buyer, q, **wanted).items) is is_found, (q, wanted)
    (search_folder / "current").unlink()
    for q, wanted, is_found in asked:
        for with_facets in (True, False):
            found = catalogue.search(buyer, Search(q=q, **wanted), with_facets=with_facets)
            assert bool(found.items) is is_found, (q, wanted)


def test_a_change_is_found_when_its_reactions_have_run(
    flights: Dataset, seller: Actor, buyer: Actor, operator: Actor, participant_of: Any, react: React
) -> None:
    datasets.describe(flights, title="Departures", theme="ECON", by=seller)
    assert titles(ask(buyer, "flights")) == ["Departures"]  # the index is a moment behind
    react()
    assert titles(ask(buyer, "flights")) == []
    assert titles(ask(buyer, "departures", theme=("ECON",))) == ["Departures"]
    members.suspend(participant_of(seller), reason="under investigation by the operator", by=operator)
    react()
    assert ask(buyer, "departures").total == 0
    assert ask(seller, "departures").total == 1
    members.restore(participant_of(seller), reason="nothing was found against it", by=operator)
    react()
    assert ask(buyer, "departures").total == 1
    datasets.retire(flights, seller)
    react()
    assert ask(buyer, "departures").total == 0
    assert not StaleEntry.objects.exists()


def test_what_may_not_be_seen_any_more_is_dropped_from_a_stale_index(
    flights: Dataset, seller: Actor, buyer: Actor
) -> None:
    offers.withdraw(flights.offers.get(), by=seller)
    found = ask(buyer, "flights")
    assert found.items == [] and found.next_cursor is None
    assert titles(ask(seller, "flights")) == [flights.title]


def test_an_offer_for_one_buyer_is_nothing_to_find_or_count_for_others(
    flights: Dataset, seller: Actor, buyer: Actor, outsider: Actor, officer: Actor, react: React
) -> None:
    secret = {"plan": sales.FREE, "terms": list(markets.OPEN), "named": [buyer.participant_id]}
    sales.offer(flights, seller, **secret)
    hidden = markets.published(seller, title="Flights for a partner", theme="HEAL")
    sales.offer(hidden, seller, **secret)
    react()
    for actor in (buyer, seller, officer):
        assert set(titles(ask(actor, "flights", price=("free",)))) == {flights.title, hidden.title}
        assert counted(ask(actor), "price") == {"free": 2, "paid": 1}
        assert counted(ask(actor), "theme") == {"TRAN": 1, "HEAL": 1}
        assert len(ask(actor, "departing").items[0].offers) == 2
    assert ask(outsider, "partner").total == 0
    assert ask(outsider, price=("free",)).total == 0
    assert counted(ask(outsider), "price") == {"paid": 1}
    assert counted(ask(outsider), "train_models") == {"no": 1}
    assert counted(ask(outsider), "theme") == {"TRAN": 1}
    assert len(ask(outsider, "departing").items[0].offers) == 1


def test_price_and_permissions_must_be_of_one_offer(
    flights: Dataset, seller: Actor, buyer: Actor, react: React
) -> None:
    sales.offer(flights, seller, plan=sales.FREE, terms=[])
    sales.offer(flights, seller, plan=sales.PAID, terms=list(markets.OPEN))
    react()
    assert ask(buyer, price=("free",)).total == ask(buyer, train_models=("yes",)).total == 1
    assert ask(buyer, price=("free",), train_models=("yes",)).total == 0
    assert ask(buyer, price=("paid",), train_models=("yes",), pass_on=("allowed",)).total == 1
    assert counted(ask(buyer, price=("free",)), "train_models") == {"no": 1}
    assert counted(ask(buyer), "train_models") == {"yes": 1, "no": 1, "allowed": 1}


def test_drafts_are_found_by_their_seller_and_officers_alone(
    seller: Actor, buyer: Actor, officer: Actor, react: React
) -> None:
    draft = dataset_makers.draft(seller, title="Not yet")
    react()
    for actor, total in ((seller, 1), (officer, 1), (buyer, 0)):
        assert ask(actor, "not yet").total == total
    with_less = makers.client(makers.participant_of(seller), seller.at, ("buy",))
    assert ask(with_less, "not yet").total == 0
    assert ask(seller, state=("draft",)).items[0].dataset == draft


def test_sellers_are_counted_by_name(flights: Dataset, buyer: Actor, seller: Actor) -> None:
    facets = ask(buyer).facets
    assert facets is not None
    assert [(c.value, c.count, c.label) for c in facets["seller"]] == [
        (str(seller.participant_id), 1, "Seller SA")
    ]


def test_terms_that_cannot_be_read_permit_nothing() -> None:
    marks = entries.marks_of(Offer(terms=[{"kind": "of the future"}], plan={"kind": "free"}, sale="instant"))
    assert marks == {"price": "free", "sale": "instant", **dict.fromkeys(entries.PERMISSIONS, "no")}


def test_pages_of_a_search_are_the_whole_list_once(seller: Actor, buyer: Actor, now: Any) -> None:
    markets.invent(90, [seller], [buyer], now)
    indexing.rebuild()
    whole = [entry.dataset.pk for entry in catalogue.search(buyer, Search(q="flights"), limit=100).items]
    assert len(whole) > 20
    for order in ("match", "newest", "published"):
        paged, cursor = [], None
        while True:
            found = catalogue.search(buyer, Search(q="flights", order=order), cursor=cursor, limit=7)
            paged += [entry.dataset.pk for entry in found.items]
            cursor = found.next_cursor
            if cursor is None:
                break
        assert sorted(paged) == sorted(whole)
        assert order != "match" or paged == whole
        if order == "newest":
            seen = counted_rows.seen_by(buyer)
            rows = sorted(seen.rows, key=seen.newest_key, reverse=True)
            assert paged == [row.pk for row in rows if row.pk in whole]


def test_a_plain_list_needs_no_index(
    flights: Dataset, seller: Actor, buyer: Actor, search_folder: Path
) -> None:
    (search_folder / "current").unlink()
    found = catalogue.search(buyer, Search(theme=("TRAN",)))
    assert titles(found) == [flights.title]
    assert (found.is_rebuilding, found.total, found.facets) == (False, None, None)


def test_while_the_index_is_away_the_database_answers(
    seller: Actor, buyer: Actor, now: Any, search_folder: Path
) -> None:
    markets.invent(60, [seller], [buyer], now)
    wanted = Search(q="weather", price=("free",))
    found = catalogue.search(buyer, wanted, limit=100, with_facets=True)
    assert found.is_rebuilding
    assert (found.total, found.facets) == (None, None)
    paged, cursor = [], None
    while True:
        part = catalogue.search(buyer, wanted, cursor=cursor, limit=3)
        paged += titles(part)
        cursor = part.next_cursor
        if cursor is None:
            break
    assert paged == titles(found)
    assert indexing.refresh() == 60
    after = catalogue.search(buyer, wanted, limit=100)
    assert not after.is_rebuilding
    assert sorted(titles(after)) == sorted(titles(found)) != []


def test_an_index_built_from_nothing_gives_the_same_answers(
    seller: Actor, buyer: Actor, officer: Actor, now: Any, search_folder: Path, capsys: Any
) -> None:
    markets.invent(120, [seller, buyer], [officer], now)
    indexing.rebuild()
    for position, dataset in enumerate(Dataset.objects.filter(state="published")):
        if position % 3 == 0:
            datasets.describe(dataset, summary="Something about rivers", by=_seller_of(dataset, seller, buyer))
            indexing.renew_dataset(dataset.pk)
    asked = [
        (actor, q) for actor in (seller, buyer, officer) for q in ("", "rivers", "fligths", "energie prices")
    ]
    before = [answer(actor, q) for actor, q in asked]
    call_command("rebuild_search")
    assert "120 datasets are in the index." in capsys.readouterr().out
    assert [answer(actor, q) for actor, q in asked] == before
    assert len([path for path in search_folder.iterdir() if path.is_dir()]) == 1


def answer(actor: Actor, q: str) -> Any:
    found = catalogue.search(actor, Search(q=q), limit=100, with_facets=True)
    return [entry.dataset.pk for entry in found.items], found.total, found.facets, found.is_corrected


def _seller_of(dataset: Dataset, *actors: Actor) -> Actor:
    return next(actor for actor in actors if actor.participant_id == dataset.seller_id)


HOSTILE = [
    '"',
    "(((",
    "a AND NOT (b",
    "title:x*",
    "\0",
    "x\0y",
    "é" * 10_000,
    "😀",
    "%",
    "_",
    "\\",
    "\ud800",
    "' OR 1=1",
]


@pytest.mark.parametrize("is_indexed", [True, False])
def test_no_text_and_no_mark_is_an_error(
    flights: Dataset, buyer: Actor, search_folder: Path, is_indexed: bool
) -> None:
    if not is_indexed:
        (search_folder / "current").unlink()
    for text in HOSTILE:
        found = catalogue.search(buyer, Search(q=text), with_facets=True)
        assert set(titles(found)) <= {flights.title} and found.is_rebuilding is not is_indexed
        for name in ("theme", "country", "media_type", "price", "train_models"):
            assert catalogue.search(buyer, Search(**{name: (text,)})).items == []
            found = catalogue.search(buyer, Search(q="flights", **{name: (text,)}))
            assert found.items == [] and found.is_rebuilding is not is_indexed


def test_a_cursor_of_something_else_is_refused(flights: Dataset, buyer: Actor) -> None:
    for cursor in ("", "from-", "from--1", "from-1e3", "from-99999999", "AAAA", "\0"):
        with pytest.raises(Invalid):
            catalogue.search(buyer, Search(q="flights"), cursor=cursor)


def test_a_search_with_facets_takes_three_queries(
    flights: Dataset, buyer: Actor, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        ask(buyer, "flights", price=("paid",))
