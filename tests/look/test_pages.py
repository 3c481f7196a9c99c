"""The frame of every page: language, theme, areas by role, the seal line, refusals as pages."""

import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from exchange.kernel.actors import Actor
from exchange.participants.models import Member
from tests import makers
from tests.participants.browsers import Browser

pytestmark = pytest.mark.one_database
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> None:
    cache.clear()


def shown(path: str, **headers: str) -> str:
    return Client().get(path, headers={**PAGE, **headers}).content.decode()


@pytest.mark.usefixtures("db")
def test_every_page_has_its_frame() -> None:
    page = shown("/accounts/login/")
    for part in (
        '<html lang="en"',
        'class="skip"',
        '<main id="main"',
        "<footer",
        "seal-line",
        'name="htmx-config"',
    ):
        assert part in page
    assert page.count("<h1>") == 1
    assert re.search(r'"includeIndicatorStyles":\s*false.*"allowEval":\s*false', page)


@pytest.mark.usefixtures("db")
def test_a_link_changes_the_language_and_leads_back() -> None:
    client = Client(headers=PAGE)
    answer = client.get("/language/fr?next=/accounts/login/%3Fnext%3D/x")
    assert answer["Location"] == "/accounts/login/?next=/x"
    page = client.get("/accounts/login/").content.decode()
    assert '<html lang="fr"' in page and "Se connecter avec le mot de passe" in page and 'lang="en"' in page
    assert client.get("/language/xx", headers=PAGE).status_code == 404


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_preference_leads_nowhere_else(there: str) -> None:
    answer = Client().get("/theme/dark", {"next": there})
    assert answer["Location"] == "/"


@pytest.mark.usefixtures("db")
def test_a_link_changes_the_theme() -> None:
    client = Client(headers=PAGE)
    client.get("/theme/dark?next=/accounts/login/")
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()
    client.get("/theme/system?next=/accounts/login/")
    assert "data-theme" not in client.get("/accounts/login/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/accounts/login/").content.decode()


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (PAGE, "text/html"),
        ({"Accept": "text/html, */*", "HX-Request": "true"}, "text/html"),
        ({"Accept": "*/*"}, "application/problem+json"),
        ({"Accept": "application/json"}, "application/problem+json"),
        ({}, "application/problem+json"),
    ],
)
def test_who_prefers_pages_gets_a_page(headers: dict[str, str], kind: str) -> None:
    answer = Client().get("/nowhere", headers=headers)
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (404, kind)


@pytest.mark.usefixtures("db")
def test_the_api_answers_no_pages() -> None:
    answer = Client().get("/api/v1/nowhere", headers=PAGE)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.usefixtures("db")
def test_a_refusal_is_said_in_the_readers_language() -> None:
    assert "There is nothing here for you" in shown("/nowhere")
    assert "Il n’y a rien ici pour vous" in shown("/nowhere", **{"Accept-Language": "fr"})


@pytest.mark.usefixtures("db")
def test_a_form_without_its_token_is_refused_with_a_page() -> None:
    answer = Client(enforce_csrf_checks=True, headers=PAGE).post("/accounts/login/", {"login": "x"})
    assert answer.status_code == 403 and "<h1>" in answer.content.decode()
    assert "another session" in answer.content.decode()


def test_a_failure_shows_a_page_that_needs_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("exchange.look.pages.redirect", fail)
    answer = Client(raise_request_exception=False, headers=PAGE).get("/theme/dark")
    page = answer.content.decode()
    assert answer.status_code == 500 and "Something failed here" in page and "secret" not in page


@pytest.mark.parametrize(
    ("role", "seen", "unseen"),
    [("trader", {"My data", "Sell"}, {"Compliance", "Operate"}), ("viewer", {"My data", "Sell"}, {"Operate"})],
)
def test_the_areas_follow_the_role(seller: Actor, role: str, seen: set[str], unseen: set[str]) -> None:
    from exchange.look import areas

    person = makers.member(makers.participant_of(seller), role, seller.at)
    actor = _signed_in(person)
    allowed = {str(area.title) for area in areas.AREAS if area.scope is None or area.scope in actor.scopes}
    assert seen <= allowed and not unseen & allowed


def test_a_desk_that_waits_for_a_second_factor_is_shown(operator: Actor) -> None:
    from exchange.look import areas

    person = makers.member(makers.participant_of(operator), "officer", operator.at)
    assert areas.Scope.AUDIT in _signed_in(person).withheld


def _signed_in(person: Member) -> Actor:
    from exchange.participants.actors.actors import actor_of_member

    return actor_of_member(person, person.joined_at)


def test_the_header_names_who_acts_and_the_mail_of_a_new_factor_names_the_browser(
    seller: Actor, mailoutbox: list
) -> None:
    person = makers.member(makers.participant_of(seller), "manager", seller.at)
    secret = generate_totp_secret()
    TOTP.activate(person.user, secret)
    browser = Browser()
    browser.sign_in(person.user.email, secret)
    page = browser.get("/organisation", **PAGE).content.decode()
    assert "Seller SA" in page and person.user.email in page
    browser.submit("/accounts/reauthenticate/", password=makers.PASSWORD)
    browser.client.post("/accounts/2fa/totp/deactivate/", headers={**browser._csrf(), "User-Agent": "Lynx"})
    assert "Lynx" in mailoutbox[-1].body and "authenticator app" in mailoutbox[-1].body
