"""The catalogue in a browser: every state at both widths, in both languages, light and dark; filters with and without
a script, the way back, and the key that leads to the search box."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contracts.catalogue import indexing
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from tests import makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.contracts import markets
from tests.contracts.pages.test_catalogue import fill


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


@pytest.fixture
def market(
    own_database: None, seller: Actor, buyer: Actor, now: datetime, react: Callable[..., int]
) -> Dataset:
    """Two datasets with files, and more for several pages."""
    flights = markets.published(seller, title="Flights departing New York", theme="TRAN", spatial=["US"])
    sales.offer(flights, seller, plan=dict(sales.PAID))
    towns = markets.published(seller, title="Villes de France", language="fr")
    sales.offer(towns, seller, plan=dict(sales.FREE), terms=list(markets.OPEN))
    react()
    fill(45, seller)
    return flights


@readers
def test_the_catalogue_in_every_state(
    page_at: PageAt, search_folder: Path, market: Dataset, width: int, language: str, theme: str
) -> None:
    page = page_at(width, language, theme)
    states = {
        "catalogue": "",
        "catalogue-page-2": "?cursor=from-20",
        "catalogue-filtered": "?q=flights&analyse=allowed&theme=TRAN&seller_country=FR&media_type=text%2Fcsv",
        "catalogue-nothing": "?q=flights&pass_on=allowed&price=paid&theme=HEAL&sale=instant&combine=yes",
        "catalogue-unknown": "?q=fligths&theme=NONE&cursor=nonsense",
    }
    for name, query in states.items():
        page.goto(f"/catalogue{query}")
        look_at(page, name)
    if width < 600:
        page.goto("/catalogue?analyse=allowed")
        page.locator(".filterbox > summary").click()
        look_at(page, "catalogue-filters")
    (search_folder / "current").unlink()
    page.goto("/catalogue?analyse=allowed")
    look_at(page, "catalogue-rebuilding")


@readers
def test_saved_searches_in_every_state(
    page_at: PageAt, market: Dataset, buyer: Actor, now: datetime, width: int, language: str, theme: str
) -> None:
    member = makers.member(makers.participant_of(buyer), "trader", now)
    page = page_at(width, language, theme, member=member)
    page.goto("/my-data/searches")
    look_at(page, "searches-empty")
    page.goto("/catalogue?q=flights&analyse=allowed&theme=TRAN")
    page.locator(".chips .push").click()
    look_at(page, "search-new")
    page.locator("form .btn.main").last.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    look_at(page, "searches")
    page.locator("tbody th a").click()
    expect(page.locator(".chip")).to_have_count(2)
    page.go_back()
    page.locator("tbody .btn").click()
    expect(page.locator("tbody tr")).to_have_count(0)


def test_an_empty_catalogue(page_at: PageAt, own_database: None, now: datetime) -> None:
    indexing.refresh()
    page = page_at()
    page.goto("/")
    expect(page.get_by_text("No data is on the market yet")).to_be_visible()
    look_at(page, "catalogue-empty")


def test_filters_answer_at_once_and_the_address_keeps_up(page_at: PageAt, market: Dataset) -> None:
    page = page_at()
    page.goto("/catalogue")
    everything = page.locator("#res").inner_text()
    box(page, "Train models").check()
    expect(page).to_have_url(re.compile(re.escape("/catalogue?train_models=allowed") + "$"))
    expect(page.locator(".chip")).to_have_text(["Train models remove filter"])
    expect(box(page, "Train models")).to_be_focused()
    box(page, "Free").check()
    expect(page).to_have_url(re.compile(re.escape("?train_models=allowed&price=free") + "$"))
    expect(page.get_by_role("status")).to_contain_text("may be used to train models")
    expect(box(page, "Free")).to_be_focused()
    page.get_by_label("Order by").select_option("published")
    expect(page).to_have_url(re.compile(re.escape("&order=published") + "$"))
    assert "order%3Dpublished" in (page.get_by_role("link", name="Français").get_attribute("href") or "")
    page.evaluate("() => history.back()")
    expect(page.get_by_label("Order by")).to_have_value("match")
    page.evaluate("() => history.back()")
    expect(page.locator(".chip")).to_have_text(["Train models remove filter"])
    expect(box(page, "Train models")).to_be_checked()
    expect(box(page, "Free")).not_to_be_checked()
    page.locator(".chip").click()
    expect(page.locator("#res")).to_have_text(everything)
    box(page, "Free").check()
    expect(page.locator(".chip")).to_have_text(["Free remove filter"])
    look_at(page, "catalogue-by-htmx")


def test_what_is_changed_the_moment_an_answer_comes_is_not_lost(page_at: PageAt, market: Dataset) -> None:
    page = page_at()
    page.goto("/catalogue")
    page.evaluate(
        """() => document.addEventListener("htmx:afterSwap", () => queueMicrotask(() => {
            const order = document.querySelector("#order");
            order.value = "published";
            order.dispatchEvent(new Event("change", {bubbles: true}));
        }), {once: true})"""
    )
    box(page, "Train models").check()
    expect(page).to_have_url(re.compile(re.escape("?train_models=allowed&order=published") + "$"))


def test_everything_works_without_a_script(page_at: PageAt, market: Dataset) -> None:
    page = page_at(javascript=False)
    page.goto("/catalogue")
    page.get_by_label("Search the catalogue").fill("flights")
    box(page, "Analyse").check()
    page.get_by_label("Order by").select_option("newest")
    page.get_by_role("button", name="Put in order").click()
    page.wait_for_url("**/catalogue?q=flights&analyse=allowed&order=newest")
    box(page, "Transport").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_text("Flights departing New York")).to_be_visible()
    page.wait_for_url("**/catalogue?q=flights&analyse=allowed&theme=TRAN&order=newest")
    page.get_by_role("link", name="Remove filters").click()
    page.wait_for_url("**/catalogue?q=flights&order=newest")


def test_a_key_leads_to_the_search_box_until_it_is_turned_off(page_at: PageAt, market: Dataset) -> None:
    page = page_at()
    page.goto("/catalogue")
    search = page.get_by_label("Search the catalogue")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("a/b")
    expect(search).to_have_value("a/b")
    page.get_by_role("button", name="Turn it off").click()
    leave(page)
    page.keyboard.press("/")
    expect(search).not_to_be_focused()
    page.reload()
    expect(page.get_by_role("button", name="Turn it on")).to_be_visible()


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=name)


def leave(page: Page) -> None:
    """Take the focus off whatever has it."""
    page.evaluate("() => document.activeElement.blur()")
