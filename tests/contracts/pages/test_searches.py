"""The pages of saved searches: keep, find again, forget; and who may not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from contracts.models import SavedSearch
from exchange.kernel.actors import Actor
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
NEW = "/my-data/searches/new"


def test_a_search_is_kept_found_again_and_forgotten(buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    assert "You have kept no search yet" in text_of(browser.get("/my-data/searches"))
    page = text_of(browser.get(f"{NEW}?q=flights&analyse=allowed"))
    assert (
        "“flights”" in page
        and 'value="flights, Analyse"' in page
        and 'value="q=flights&amp;analyse=allowed"' in page
    )
    answer = browser.post(NEW, title="Flights <b>I</b> may read", query="q=flights&analyse=allowed")
    assert answer.status_code == 302 and answer["Location"] == "/my-data/searches"
    page = text_of(browser.get("/my-data/searches"))
    assert 'href="/catalogue?q=flights&amp;analyse=allowed">Flights &lt;b&gt;I&lt;/b&gt; may read</a>' in page
    assert browser.post(f"/my-data/searches/{SavedSearch.objects.get().pk}/forget").status_code == 302
    assert not SavedSearch.objects.exists()


def test_a_refusal_keeps_what_was_typed_and_changes_nothing(buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    browser.post(NEW, title="Mine", query="q=flights")
    for title, query, words in (
        ("Mine", "q=trains", "ou have kept a search by this name"),
        ("", "q=trains", "Fill this in."),
        ("x" * 101, "q=trains", "Write at most 100 characters."),
        ("Nothing", "", "This search asks for nothing"),
    ):
        answer = browser.post(NEW, title=title, query=query)
        assert answer.status_code == 422 and words in text_of(answer), words
        assert not (title and query) or f'value="{title}"' in text_of(answer)
    assert browser.post(NEW, csrf=False, title="Forged", query="q=a").status_code == 403
    assert [row.title for row in SavedSearch.objects.all()] == ["Mine"]


def test_nobody_elses_search_is_there(buyer: Actor, seller: Actor, reader: Open) -> None:
    browser = reader(buyer)
    browser.post(NEW, title="Mine", query="q=flights")
    found = SavedSearch.objects.get()
    for other in (reader(seller), reader(buyer)):
        assert "Mine" not in text_of(other.get("/my-data/searches")).partition("<main")[2]
        assert other.post(f"/my-data/searches/{found.pk}/forget").status_code == 404
    assert SavedSearch.objects.exists()


def test_a_visitor_is_led_to_sign_in_and_back_to_the_search() -> None:
    answer = Client().get(f"{NEW}?q=flights", headers={"Accept": "text/html"})
    assert answer.status_code == 302 and "next=%2Fmy-data%2Fsearches%2Fnew%3Fq%3Dflights" in answer["Location"]


def test_hostile_searches_are_shown_and_kept_harmless(buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    for text in ("<script>alert(1)</script>", "\u202eעברית 😀", "x" * 5_000, "%00", "'\""):
        answer = browser.client.get(NEW, {"q": text}, headers={"Accept": "text/html"})
        assert answer.status_code == 200 and "<script>alert" not in text_of(answer)
    assert (
        browser.post(NEW, title="<script>alert(1)</script>", query="q=<script>alert(1)</script>").status_code
        == 302
    )
    assert "<script>alert" not in text_of(browser.get("/my-data/searches"))


def test_more_searches_ask_the_database_nothing_more(
    buyer: Actor, reader: Open, django_assert_max_num_queries: Any
) -> None:
    browser = reader(buyer)
    browser.post(NEW, title="Mine", query="q=flights")
    with django_assert_max_num_queries(50) as few:
        browser.get("/my-data/searches")
    count = len(few)
    for number in range(4):
        browser.post(NEW, title=f"Mine {number}", query="q=flights&theme=TRAN")
    browser.get("/my-data/searches")
    with django_assert_max_num_queries(count):
        assert "Recherches enregistrées" in text_of(browser.get("/my-data/searches", "fr"))
