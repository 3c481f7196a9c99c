"""The frame of every page by keyboard, narrow, zoomed and in high contrast; preferences by their links."""

import re

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from exchange.participants.members import members
from tests import makers
from tests.browser.axe import look_at
from tests.browser.conftest import PageAt


@pytest.mark.parametrize("width", [320, 720])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_fold_and_never_scroll_sideways(page_at: PageAt, width: int, language: str) -> None:
    now = timezone.now()
    member = makers.member(
        makers.participant("A very long name of an organisation " * 4, "FR", now), "manager", now
    )
    page = page_at(width, language, member=member)
    for path in (
        "/organisation",
        "/accounts/email/",
        "/accounts/2fa/",
        "/accounts/password/change/",
        "/nowhere",
    ):
        page.goto(path)
        look_at(page, f"narrow{path.replace('/', '-').rstrip('-')}")


def test_the_first_stop_by_keyboard_skips_to_the_content(page_at: PageAt) -> None:
    page = page_at()
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    assert _focused(page) == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


def test_somebody_signs_in_by_keyboard_alone(page_at: PageAt) -> None:
    cache.clear()
    now = timezone.now()
    member = makers.member(makers.participant("Lanterne Mutual", "BE", now), "manager", now)
    page = page_at()
    page.goto("/accounts/login/?next=/organisation")
    for _stop in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "id_login":
            break
    page.keyboard.type(member.user.email)
    while page.evaluate("() => document.activeElement.id") != "id_password":
        page.keyboard.press("Tab")
    page.keyboard.type(makers.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lanterne Mutual")


def test_the_menu_opens_and_closes_by_keyboard(page_at: PageAt) -> None:
    now = timezone.now()
    member = makers.member(makers.participant("Lanterne Mutual", "BE", now), "manager", now)
    page = page_at(member=member)
    page.goto("/organisation")
    page.locator("details.menu > summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert page.evaluate("() => document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_language_theme_and_organisation_change_by_one_press(page_at: PageAt, javascript: bool) -> None:
    now = timezone.now()
    member = makers.member(makers.participant("Lanterne Mutual", "BE", now), "manager", now)
    other = makers.participant("Cartouche Mobility Lab", "FR", now)
    _, token = members.invite(other, email=member.user.email, role="viewer", by=makers.system(now))
    members.join(token, member.user, by=makers.system(now))
    page = page_at(javascript=javascript, member=member)
    page.goto("/organisation")
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_role("link", name="Sombre").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/organisation")
    page.get_by_role("button", name="Agir pour elle").click()
    page.goto("/organisation")
    expect(page.locator("summary.org")).to_contain_text("Cartouche Mobility Lab")


def test_a_form_is_sent_once_however_often_it_is_pressed(page_at: PageAt) -> None:
    cache.clear()
    page = page_at()
    page.goto("/accounts/password/reset/")
    page.locator("#id_email").fill("ada@example.org")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator(".sheet .btn.main").dblclick()
    expect(page).to_have_url(re.compile("/done/$"))
    assert len(sent) == 1


def _focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.textContent"))
