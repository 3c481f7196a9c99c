"""Pages for members: who acts, for whom, and what an old form may still do."""

from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from exchange.kernel.actors import Actor, Scope
from exchange.participants.actors.page_auth import PageRequest, member_page, open_page
from exchange.participants.members import members
from tests import makers
from tests.participants.browsers import Browser

PAGE = {"Accept": "text/html"}


@member_page()
def whoami(request: PageRequest) -> HttpResponse:
    return HttpResponse(str(request.actor.participant_id))


@member_page(Scope.SELL)
def sell(request: PageRequest) -> HttpResponse:
    return HttpResponse("sold")


@open_page
def catalogue(request: PageRequest) -> HttpResponse:
    return HttpResponse(f"{request.actor.name} {len(request.actor.scopes)}")


urlpatterns = [
    path("whoami", whoami),
    path("sell", sell),
    path("open", catalogue),
    path("", include("infra.urls")),
]


@pytest.fixture(autouse=True)
def _routes(settings: Any) -> None:
    cache.clear()
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def of_two(seller: Actor, buyer: Actor) -> Browser:
    """A trader of the seller who is a viewer of the buyer too, signed in."""
    person = makers.member(makers.participant_of(seller), "trader", seller.at)
    _, token = members.invite(makers.participant_of(buyer), email=person.user.email, role="viewer", by=buyer)
    members.join(token, person.user, by=makers.system(buyer.at))
    browser = Browser()
    browser.sign_in(person.user.email)
    return browser


@pytest.mark.usefixtures("db")
def test_a_visitor_is_led_to_the_sign_in_page_and_back() -> None:
    assert Client().get("/sell?a=1&b=2")["Location"] == "/accounts/login/?next=%2Fsell%3Fa%3D1%26b%3D2"
    assert Client().get("/sell", headers={"HX-Request": "true"})["HX-Redirect"].startswith("/accounts/login/")


@pytest.mark.usefixtures("db")
def test_an_open_page_shows_itself_to_a_visitor() -> None:
    assert Client().get("/open").content == b"visitor 0"


def test_who_belongs_to_two_organisations_chooses_one(of_two: Browser, seller: Actor, buyer: Actor) -> None:
    assert of_two.get("/whoami")["Location"] == "/organisation?next=%2Fwhoami"
    for actor in (seller, buyer):
        answer = of_two.submit("/organisation", participant=str(actor.participant_id), next="/whoami")
        assert answer["Location"] == "/whoami"
        assert of_two.get("/whoami").content.decode() == str(actor.participant_id)
    assert of_two.get("/api/v1/me").json()["participant"]["id"] == str(buyer.participant_id)


def test_nobody_chooses_an_organisation_of_others(of_two: Browser, outsider: Actor) -> None:
    for stranger in (str(outsider.participant_id), "nonsense", ""):
        answer = of_two.client.post(
            "/organisation", {"participant": stranger}, headers={**of_two._csrf(), **PAGE}
        )
        assert answer.status_code == 404
    assert of_two.get("/whoami")["Location"].startswith("/organisation")


def test_the_choice_leads_nowhere_else(of_two: Browser, seller: Actor) -> None:
    form = {"participant": str(seller.participant_id), "next": "https://evil.example/"}
    assert of_two.submit("/organisation", **form)["Location"] == "/"


def test_a_form_of_another_tab_does_nothing_for_the_wrong_organisation(
    of_two: Browser, seller: Actor, buyer: Actor
) -> None:
    of_two.submit("/organisation", participant=str(seller.participant_id))
    assert of_two.submit("/sell", acting_for=str(seller.participant_id)).content == b"sold"
    of_two.submit("/organisation", participant=str(buyer.participant_id))
    answer = of_two.client.post(
        "/sell", {"acting_for": str(seller.participant_id)}, headers={**of_two._csrf(), **PAGE}
    )
    assert answer.status_code == 409 and "another organisation" in answer.content.decode()


def test_a_role_that_may_not_gets_a_page_that_says_so(seller: Actor) -> None:
    person = makers.member(makers.participant_of(seller), "viewer", seller.at)
    browser = Browser()
    browser.sign_in(person.user.email)
    answer = browser.get("/sell", **PAGE)
    assert answer.status_code == 403 and "You may not do this" in answer.content.decode()
    assert browser.get("/sell").json()["type"] == "urn:comptoir:problem:scope_missing"


def test_a_removed_member_no_longer_acts(of_two: Browser, seller: Actor, buyer: Actor) -> None:
    of_two.submit("/organisation", participant=str(buyer.participant_id))
    removed = makers.participant_of(buyer).members.get(role="viewer", removed_at=None)
    members.remove(removed, by=buyer)
    assert of_two.get("/whoami").content.decode() == str(seller.participant_id)
