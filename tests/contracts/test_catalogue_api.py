"""The catalogue over HTTP: the list as it always was, and words, marks, facets and pages beside it."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.catalogue import indexing
from exchange.kernel.actors import Actor
from tests import sales
from tests.contracts import markets

pytestmark = pytest.mark.by_the_clock

PATH = "/api/v1/datasets"


@pytest.fixture
def market(seller: Actor, buyer: Actor, react: Callable[..., int]) -> None:
    """Three datasets on the market, one of them for the buyer alone."""
    for title, changes in (
        ("Flights from Lyon", {"plan": sales.PAID}),
        ("Flights from Nice", {"plan": sales.FREE, "terms": list(markets.OPEN)}),
        ("Flights for a partner", {"plan": sales.FREE, "named": [buyer.participant_id]}),
    ):
        theme = "ENVI" if "Nice" in title else "TRAN"
        sales.offer(markets.published(seller, title=title, theme=theme), seller, **changes)
    react()


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["items"]]


def test_the_plain_list_is_newest_first_without_counts(market: None, buyer: Actor, door: Any) -> None:
    answer = door(buyer).get(PATH, limit=2)
    assert titles(answer) == ["Flights for a partner", "Flights from Nice"]
    body = answer.json()
    assert (body["total"], body["facets"], body["is_rebuilding"]) == (None, None, False)
    following = door(buyer).get(PATH, limit=2, cursor=body["next_cursor"])
    assert titles(following) == ["Flights from Lyon"]
    assert following.json()["next_cursor"] is None


def test_words_marks_and_facets_narrow_and_count(
    market: None, buyer: Actor, outsider: Actor, door: Any
) -> None:
    answer = door(buyer).get(PATH, q="flight", theme=["TRAN", "ENVI"], price="free", facets=True)
    assert titles(answer) == ["Flights for a partner", "Flights from Nice"]
    body = answer.json()
    assert body["total"] == 2
    assert body["facets"]["theme"] == [
        {"value": "ENVI", "count": 1, "label": ""},
        {"value": "TRAN", "count": 1, "label": ""},
    ]
    assert {c["value"]: c["count"] for c in body["facets"]["price"]} == {"free": 2, "paid": 1}
    assert titles(door(outsider).get(PATH, q="flight", price="free")) == ["Flights from Nice"]
    assert titles(door(outsider).get(PATH, train_models="allowed", pass_on="yes")) == ["Flights from Nice"]
    assert titles(door(outsider).get(PATH, q="fligths", order="newest")) == [
        "Flights from Nice",
        "Flights from Lyon",
    ]
    body = door(outsider).get(PATH, q="fligths").json()
    assert (body["is_corrected"], body["correction"]) == (True, "flights")
    body = door(outsider).get(PATH, q="flights", order="price").json()
    assert [item["title"] for item in body["items"]] == ["Flights from Nice", "Flights from Lyon"]
    assert body["correction"] is None


def test_pages_of_a_search_follow_its_cursor(market: None, buyer: Actor, door: Any) -> None:
    seen, cursor = [], {}
    for _ in range(3):
        answer = door(buyer).get(PATH, q="flights", limit=1, **cursor)
        seen += titles(answer)
        cursor = {"cursor": answer.json()["next_cursor"]}
    assert sorted(seen) == ["Flights for a partner", "Flights from Lyon", "Flights from Nice"]
    assert cursor == {"cursor": None}


def test_an_empty_filter_does_not_narrow(market: None, buyer: Actor, door: Any) -> None:
    assert len(titles(door(buyer).get(PATH, theme="", language="", personal_data="", state="", q=""))) == 3


def test_while_the_index_is_away_the_answer_says_so(
    market: None, buyer: Actor, door: Any, search_folder: Any
) -> None:
    (search_folder / "current").unlink()
    body = door(buyer).get(PATH, q="flights", price="free", facets=True).json()
    assert (body["is_rebuilding"], body["facets"], len(body["items"])) == (True, None, 2)
    indexing.refresh()
    assert door(buyer).get(PATH, q="flights").json()["is_rebuilding"] is False


@pytest.mark.parametrize(
    "query",
    [
        {"q": "a\0b"},
        {"q": "x" * 10_000},
        {"price": "cheap"},
        {"train_models": "maybe"},
        {"seller": "somebody"},
        {"order": "cheapest"},
        {"facets": "many"},
        {"limit": "0"},
        {"q": "flights", "cursor": "nonsense"},
        {"thema": "TRAN"},
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(query: dict[str, str], buyer: Actor, door: Any) -> None:
    answer = door(buyer).get(PATH, **query)
    assert answer.status_code == 422
    assert answer["content-type"] == "application/problem+json"


def test_hostile_words_are_words(market: None, buyer: Actor, door: Any) -> None:
    for q in ('"', "(x AND", "title:*", "%", "\\", "😀", "' OR 1=1 --", "é" * 200):
        assert titles(door(buyer).get(PATH, q=q, facets=True)) == []
