"""Saved searches: kept by a name, found by their own member alone, at most fifty, also between rivals."""

from datetime import datetime
from typing import Any

import pytest

from contracts.catalogue import saved_searches
from contracts.models import SavedSearch
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from exchange.participants.actors.auth import actor_of_member
from tests import makers


def person(of: Actor, now: datetime) -> Actor:
    return actor_of_member(makers.member(makers.participant_of(of), "trader", now), now, False)


def test_a_search_is_kept_as_a_plain_link(buyer: Actor, now: datetime) -> None:
    me = person(buyer, now)
    kept = saved_searches.keep(
        title=" Flights ", query="q=flights&theme=&order=match&colour=red&analyse=allowed", by=me
    )
    assert (kept.title, kept.query) == ("Flights", "q=flights&analyse=allowed")
    assert list(saved_searches.searches_visible_to(me)) == [kept]


def test_nobody_else_finds_or_forgets_it(buyer: Actor, outsider: Actor, officer: Actor, now: datetime) -> None:
    kept = saved_searches.keep(title="Mine", query="q=flights", by=person(buyer, now))
    for other in (person(buyer, now), person(outsider, now), buyer, officer):
        assert not saved_searches.searches_visible_to(other).exists()
        with pytest.raises(NotFound):
            saved_searches.search_visible_to(other, kept.pk)
        with pytest.raises(NotFound):
            saved_searches.forget(kept, by=other)
    assert SavedSearch.objects.get() == kept


def test_what_is_forgotten_is_gone_and_its_name_is_free(buyer: Actor, now: datetime) -> None:
    me = person(buyer, now)
    kept = saved_searches.keep(title="Mine", query="q=flights", by=me)
    saved_searches.forget(kept, by=me)
    with pytest.raises(NotFound):
        saved_searches.forget(kept, by=me)
    assert saved_searches.keep(title="Mine", query="q=trains", by=me).place == 1


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("", "q=a"),
        ("x" * 101, "q=a"),
        ("\u202ex", "q=a"),
        ("x", ""),
        ("x", "theme=NONE"),
        ("x", "q=" + "a" * 9_000),
    ],
)
def test_what_says_nothing_or_too_much_is_refused(buyer: Actor, now: datetime, title: str, query: str) -> None:
    with pytest.raises(Invalid):
        saved_searches.keep(title=title, query=query, by=person(buyer, now))
    assert not SavedSearch.objects.exists()


def test_a_name_is_given_once_and_fifty_searches_are_the_most(buyer: Actor, now: datetime) -> None:
    me = person(buyer, now)
    for number in range(SavedSearch.MOST):
        saved_searches.keep(title=f"Search {number}", query=f"q=word{number}", by=me)
    with pytest.raises(Conflict) as taken:
        saved_searches.keep(title="Search 7", query="q=other", by=me)
    assert taken.value.code == "search_name_taken"
    with pytest.raises(Conflict) as full:
        saved_searches.keep(title="One more", query="q=other", by=me)
    assert full.value.code == "too_many_searches"
    assert SavedSearch.objects.count() == SavedSearch.MOST
    assert saved_searches.keep(title="Search 7", query="q=other", by=person(buyer, now)).place == 1


def test_a_client_keeps_no_search(buyer: Actor) -> None:
    with pytest.raises(Forbidden):
        saved_searches.keep(title="Mine", query="q=flights", by=buyer)
    assert not SavedSearch.objects.exists()


def test_a_place_that_a_rival_took_is_passed_over(buyer: Actor, now: datetime, monkeypatch: Any) -> None:
    me = person(buyer, now)
    real, rivals = SavedSearch.objects.create, ["first", "second"]

    def late(**fields: Any) -> SavedSearch:
        if rivals:
            real(**{**fields, "title": rivals.pop()})
        return real(**fields)

    monkeypatch.setattr(SavedSearch.objects, "create", late)
    kept = saved_searches.keep(title="Mine", query="q=flights", by=me)
    assert kept.title == "Mine" and SavedSearch.objects.filter(title="Mine").count() == 1
