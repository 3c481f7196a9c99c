"""The catalogue's page: who finds what, on what terms, by which address; and what it says where there is nothing."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import reverse

from contracts.catalogue import catalogue, filters, indexing
from contracts.catalogue import rows as catalogue_rows
from contracts.models import Offer
from contracts.offers import offers
from contracts.terms import terms as usage_terms
from datasets import datasets
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from exchange.participants.actors.page_auth import visitor
from tests import dataset_makers, makers, sales
from tests.contracts import markets
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
React = Callable[..., int]
USES = ("Analyse", "Combine with other data", "Train models", "Publish results", "Pass on")
PEOPLE = b"name,email\n" + b"".join(b"P%d,p%d@example.org\n" % (n, n) for n in range(40))


@pytest.fixture
def flights(seller: Actor, react: React) -> Dataset:
    dataset = markets.published(seller, title="Flights departing New York", theme="TRAN", spatial=["US"])
    sales.offer(dataset, seller, plan=dict(sales.PAID))
    react()
    return dataset


def fill(count: int, seller: Actor) -> None:
    """Datasets for several pages, as rows like those that the verbs leave."""
    told = {"state": "published", "summary": "Readings of every hour.", "theme": "ENVI", "language": "en"}
    at = {"created_at": seller.at, "published_at": seller.at}
    offered = {"state": "published", "title": "Licence", "audience": "public", "sale": "instant"}
    rows = [
        Dataset(title=f"Weather {number}", seller_id=seller.participant_id, personal_data="none", **told, **at)
        for number in range(count)
    ]
    Dataset.objects.bulk_create(rows)
    terms = [list(chosen) for chosen in markets.TERMS]
    made = [
        Offer(
            dataset=row,
            seller_id=seller.participant_id,
            terms=usage_terms.parse(terms[number % 5]).to_list(),
            plan=dict(sales.FREE if number % 2 else sales.PAID),
            **offered,
            **at,
        )
        for number, row in enumerate(rows)
    ]
    Offer.objects.bulk_create(made)
    indexing.rebuild()


def look(query: str = "", language: str = "en", **headers: str) -> HttpResponse:
    """The page as a visitor gets it."""
    headers = {"Accept": "text/html", "Accept-Language": language, **headers}
    return Client().get(f"/catalogue{query}", headers=headers)


def seen(query: str = "", language: str = "en") -> str:
    answer = look(query, language)
    assert answer.status_code == 200, query
    return plain(answer)


def plain(answer: HttpResponse) -> str:
    return re.sub("[ \n]+", " ", text_of(answer))


def test_a_visitor_sees_terms_price_seller_and_figures(flights: Dataset) -> None:
    page = seen()
    assert '<h2 id="res">1 dataset <span class="mute small">from 1 seller</span>' in page
    for words in ("Flights departing New York", "Seller SA", "verified", "No personal data found"):
        assert words in page, words
    for words in (
        "€100.00",
        ">once<",
        "3 rows",
        "2 fields",
        "1 file, 45\u00a0B",
        "100% filled",
        "Revision 1, ",
    ):
        assert words in page, words
    assert f'<a href="{reverse("dataset", args=[flights.pk])}">Flights departing New York</a>' in page
    ledger = [page.index(f'<span class="sr">{use}: </span>') for use in USES]
    assert ledger == sorted(ledger)
    assert '<span class="sr">Analyse: </span>If' in page
    assert '<span class="sr">Train models: </span>No' in page


def test_the_page_reads_in_french(flights: Dataset) -> None:
    page = seen("?analyse=allowed", "fr")
    for words in ("1 jeu de données", "peut être analysé, de 1 vendeur", "100,00\u00a0€", ">une fois<"):
        assert words in page, words
    assert "Appliquer les filtres" in page and "Apply filters" not in page


def test_the_cheapest_offer_that_is_asked_for_speaks(flights: Dataset, seller: Actor, react: React) -> None:
    sales.offer(flights, seller, plan=dict(sales.FREE), terms=[])
    react()
    page = seen()
    assert "Free" in page and "or 1 other offer" in page and "€100.00" not in page
    page = seen("?price=paid")
    assert "€100.00" in page and '<span class="sr">Analyse: </span>If' in page


def test_offers_for_one_buyer_are_seen_by_it_alone(
    flights: Dataset, seller: Actor, buyer: Actor, outsider: Actor, reader: Open, react: React
) -> None:
    hidden = markets.published(seller, title="Flights for a partner")
    sales.offer(hidden, seller, plan=dict(sales.FREE), named=[buyer.participant_id])
    react()
    assert "Flights for a partner" in text_of(reader(buyer).get("/catalogue"))
    for page in (text_of(reader(outsider).get("/catalogue?q=partner")), seen("?q=partner")):
        assert "Flights for a partner" not in page and "No dataset has all of this" in page
    assert "1 dataset" in seen()


def test_what_was_withdrawn_is_gone_before_the_index_knows(
    flights: Dataset, seller: Actor, buyer: Actor, reader: Open
) -> None:
    assert flights.title in text_of(reader(buyer).get("/catalogue?q=flights"))
    offers.withdraw(flights.offers.get(), by=seller)
    for page in (seen("?q=flights"), text_of(reader(buyer).get("/catalogue?q=flights"))):
        assert flights.title not in page
    datasets.retire(flights, seller)
    assert flights.title not in seen()


def test_a_seller_finds_what_has_no_offer_yet_and_no_draft(seller: Actor, reader: Open, react: React) -> None:
    markets.published(seller, title="Nobody may have it yet")
    dataset_makers.draft(seller, title="Still a draft")
    react()
    page = text_of(reader(seller).get("/catalogue"))
    assert "Nobody may have it yet" in page and "No offer yet" in page and "Still a draft" not in page
    assert "Nobody may have it yet" not in seen()


def test_filters_are_boxes_with_counts_and_chips_that_remove_them(flights: Dataset) -> None:
    page = seen("?q=flights&analyse=allowed&theme=TRAN")
    for box in ("analyse-allowed", "theme-TRAN"):
        start = page.index(f'id="{box}"')
        assert " checked>" in page[start : page.index("</li>", start)]
    assert "may be analysed, from 1 seller" in page and "Filters, 2 on" in page
    assert 'href="/catalogue?q=flights&amp;theme=TRAN"' in page
    assert 'href="/catalogue?q=flights&amp;analyse=allowed"' in page
    assert 'href="/catalogue?q=flights" class="tiny">Remove filters' in page


def test_filters_without_a_box_are_carried_along(flights: Dataset) -> None:
    query = f"?seller={flights.seller_id}&country=US&language=en&frequency=&analyse=if"
    answer = look(query)
    assert answer.status_code == 302 and "frequency" not in answer["Location"]
    page = seen(answer["Location"].removeprefix("/catalogue"))
    assert flights.title in page
    for words in ("Seller: Seller SA", "About: United States", "Language: English", "Analyse: If"):
        assert words in page, words
    for name in ("seller", "country", "language", "analyse"):
        assert f'<input type="hidden" name="{name}"' in page, name


def test_an_address_is_made_plain_but_for_a_part_of_a_page(flights: Dataset) -> None:
    answer = look("?q=&order=match&analyse=allowed")
    assert (answer.status_code, answer["Location"]) == (302, "/catalogue?analyse=allowed")
    part = look("?q=&order=match&analyse=allowed", **{"HX-Request": "true"})
    assert (part.status_code, part["HX-Push-Url"]) == (200, "/catalogue?analyse=allowed")
    assert look("?q=&order=match")["Location"] == "/catalogue"


def test_nothing_found_leads_out_one_filter_at_a_time(flights: Dataset) -> None:
    page = seen("?q=trains&pass_on=allowed&price=paid")
    assert "No dataset has all of this" in page
    for href in ("pass_on=allowed&amp;price=paid", "q=trains&amp;price=paid", "q=trains&amp;pass_on=allowed"):
        assert f'<a class="btn" href="/catalogue?{href}">' in page, href


def test_an_empty_exchange_says_what_will_be_here(seller: Actor, reader: Open, react: React) -> None:
    react()
    indexing.refresh()
    page = seen()
    assert "No data is on the market yet" in page and "Create an account" in page
    page = text_of(reader(seller).get("/catalogue"))
    assert "No data is on the market yet" in page and "Describe a dataset" in page


def test_one_letter_off_is_told(flights: Dataset) -> None:
    page = seen("?q=fligths")
    assert flights.title in page and ("one letter off" in page or "Did you mean" in page)


def test_while_the_index_is_away_the_list_goes_on(flights: Dataset, search_folder: Path) -> None:
    (search_folder / "current").unlink()
    for query in ("", "?q=flights&price=paid&media_type=text/csv&seller_country=FR"):
        page = seen(query)
        assert flights.title in page and "The search index is being rebuilt" in page
        assert '<span class="n">' not in page and "Apply filters" in page
    assert "No dataset has all of this" in seen("?theme=HEAL")


def test_pages_follow_each_other_and_say_where_they_are(seller: Actor) -> None:
    fill(50, seller)
    first = seen()
    assert "Showing 1 to 20 of " in first and 'href="/catalogue?cursor=from-20" rel="next"' in first
    assert 'aria-disabled="true" role="link"' in first
    second = seen("?cursor=from-20")
    assert "Showing 21 to 40 of " in second and '<ol start="21">' in second
    assert 'href="/catalogue" rel="prev"' in second and "cursor=from-40" in second
    assert 'href="/catalogue?cursor=from-20" rel="prev"' in seen("?cursor=from-40")
    assert "The list ends before this page" in seen("?cursor=from-99999")


LETTERS = "\u202eעברית العربية 😀 <script>alert(1)</script> \"'&%_\\"


@pytest.mark.parametrize("is_indexed", [True, False])
def test_no_address_is_an_error(flights: Dataset, search_folder: Path, is_indexed: bool) -> None:
    if not is_indexed:
        (search_folder / "current").unlink()
    hostile = (LETTERS, "x" * 100_000, "\0", "\ud800", "((", '"', "a AND NOT (b", "' OR 1=1")
    for text in hostile:
        for name in (
            "q",
            "theme",
            "analyse",
            "seller",
            "seller_country",
            "language",
            "order",
            "cursor",
            "media_type",
        ):
            answer = Client().get(
                "/catalogue", {name: text.encode(errors="replace")}, headers={"Accept": "text/html"}
            )
            assert answer.status_code == 200, (name, text[:20])
            assert "<script>alert" not in text_of(answer)
    page = seen("?theme=NONE&price=stolen&colour=red")
    assert '<code dir="ltr">theme=NONE</code>, <code dir="ltr">price=stolen</code>' in page
    assert flights.title in page and "colour" not in page.partition("<main")[2].partition("</main>")[0]
    assert "Here is the first page of the same search." in seen("?cursor=nonsense")
    assert "Your search is very long" in seen(f"?q={'flights+' * 40}")


def test_the_order_is_one_that_there_is(flights: Dataset) -> None:
    for order in filters.ORDERS:
        page = seen(f"?order={order}") if order != "match" else seen()
        assert f'<option value="{order}" selected>' in page and flights.title in page
    assert "order=upside-down" in seen("?order=upside-down")


def test_an_offer_of_tomorrows_kind_takes_no_page_down(flights: Dataset, seller: Actor) -> None:
    offers.withdraw(flights.offers.get(), by=seller)
    unread = {"plan": {"kind": "tomorrow"}, "terms": [{"kind": "tomorrow"}], "created_at": seller.at}
    known = {"state": "published", "title": "Later", "audience": "public", "sale": "validation"}
    Offer.objects.create(dataset=flights, seller_id=flights.seller_id, **known, **unread)
    page = seen()
    assert "Price on request" in page and '<span class="sr">Analyse: </span>No' in page


def test_what_the_scan_found_is_not_called_free(seller: Actor, officer: Actor, react: React) -> None:
    from compliance import gates
    from compliance.models import Review

    dataset = dataset_makers.draft(seller, title="People")
    dataset_makers.declare_free(dataset, seller)
    dataset_makers.measured(dataset, seller, {"people.csv": PEOPLE, "more.csv": PEOPLE, "c.csv": b"a,b\n1,\n"})
    gates.approve(Review.objects.get(), "These people are invented.", officer)
    sales.offer(datasets.publish(dataset, seller), seller, plan=dict(sales.FREE))
    react()
    page = seen()
    assert "Possible personal data found" in page and "No personal data found" not in page
    assert "80 rows in the largest of 2 tables" in page and "3 files" in page


def test_home_leads_people_to_the_catalogue_and_machines_to_the_description() -> None:
    assert Client().get("/", headers={"Accept": "text/html"})["Location"] == "/catalogue"
    assert Client().get("/", headers={"Accept": "application/json"})["Location"] == "/api/v1/docs"


def test_the_list_takes_five_queries_for_itself(flights: Dataset, django_assert_num_queries: Any) -> None:
    """Rows, their offers, the names of sellers, revisions, files; the frame of the page has its own."""
    asked = filters.read(QueryDict("q=flights&price=paid"))
    with django_assert_num_queries(5):
        found = catalogue.search(visitor(), asked.search, with_facets=True)
        assert len(catalogue_rows.of(found.items, asked.search.offer_marks())) == 1


def test_it_is_read_only(flights: Dataset) -> None:
    assert Client().post("/catalogue").status_code == 405


def test_more_datasets_ask_the_database_nothing_more(
    flights: Dataset,
    seller: Actor,
    reader: Open,
    buyer: Actor,
    react: React,
    django_assert_max_num_queries: Any,
) -> None:
    browser = reader(buyer)
    browser.get("/catalogue")
    with django_assert_max_num_queries(50) as few:
        browser.get("/catalogue?q=flights&price=paid")
    count = len(few)
    for number in range(4):
        other = markets.published(makers.trader(f"Seller {number}", "DE", seller.at), title=f"Flights {number}")
        for plan in (sales.PAID, sales.FREE):
            sales.offer(other, makers.client(other.seller, seller.at, ("sell", "read")), plan=dict(plan))
    react()
    with django_assert_max_num_queries(count):
        assert "5 datasets" in text_of(browser.get("/catalogue?q=flights&price=paid"))
