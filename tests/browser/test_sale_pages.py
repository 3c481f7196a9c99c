"""A sale in a browser: every page of buyer and seller at both widths, in both languages, light and dark; then the
whole way with and without scripts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contracts.models import Entitlement, Negotiation
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.participants.models import Member
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt

TERMS = [*sales.TERMS, {"kind": "attribution", "text": "Source: Seller SA"}, {"kind": "deletion", "days": 30}]


@pytest.fixture
def asked(own_database: None, seller: Actor, buyer: Actor) -> Negotiation:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID), terms=TERMS)
    return sales.request(offer, buyer)


@pytest.fixture
def sold(own_database: None, seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer, plan=dict(sales.PAID), terms=TERMS)


def trader(actor: Actor, now: datetime) -> Member:
    return makers.member(makers.participant_of(actor), "trader", now)


def see(page: Page, pages: dict[str, str]) -> None:
    for name, path in pages.items():
        page.goto(path)
        look_at(page, name)


@readers
def test_the_pages_before_the_contract(
    page_at: PageAt,
    asked: Negotiation,
    seller: Actor,
    buyer: Actor,
    now: datetime,
    width: int,
    language: str,
    theme: str,
) -> None:
    other = sales.offer(asked.dataset, seller, title="Another licence")
    mine, theirs = trader(buyer, now), trader(seller, now)
    talk = f"/negotiations/{asked.pk}"
    page = page_at(width, language, theme, member=mine)
    see(page, {"request": f"/offers/{other.pk}/request", "request-waits": talk, "withdraw": f"{talk}/withdraw"})
    see(page, {"requests": "/my-data/requests", "my-data-empty": "/my-data"})
    page.goto(f"/offers/{other.pk}/request")
    page.locator("form.stack .btn.main").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "request-refused")
    see(page_at(width, language, theme, member=theirs), {"request-seller": talk, "refuse": f"{talk}/refuse"})
    negotiations.approve(asked, by=seller)
    see(page, {"sign": talk})
    charge = negotiations.accept(asked, by=buyer).charge
    assert charge is not None
    see(page, {"checkout": f"/charges/{charge.pk}"})


@readers
def test_the_pages_of_a_sale(
    page_at: PageAt,
    sold: Entitlement,
    seller: Actor,
    buyer: Actor,
    now: datetime,
    width: int,
    language: str,
    theme: str,
) -> None:
    sale = f"/sales/{sold.agreement_id}"
    pages = {
        "sale": sale,
        "confirm": f"{sale}/confirm",
        "contest": f"{sale}/contest",
        "contract": f"{sale}/contract",
    }
    held = {"my-data": "/my-data", "holding": f"/my-data/{sold.pk}", "purchases": "/my-data/purchases"}
    page = page_at(width, language, theme, member=trader(buyer, now))
    assert page.request.get(sales.link(sold, buyer)).ok
    see(page, pages | held)
    kept = {"sale-seller": sale, "suspend": f"{sale}/suspend", "revoke": f"{sale}/revoke"}
    see(page_at(width, language, theme, member=trader(seller, now)), kept)


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_request_to_the_data_with_and_without_scripts(
    page_at: PageAt,
    own_database: None,
    seller: Actor,
    buyer: Actor,
    now: datetime,
    react: Callable[..., Any],
    javascript: bool,
) -> None:
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID), terms=TERMS)
    page = page_at(member=trader(buyer, now), javascript=javascript)
    page.goto(f"/offers/{offer.pk}/request")
    page.get_by_label("Academic research").check()
    page.get_by_label("What you will do with it").fill("Compare the cities in our own research team.")
    page.get_by_role("button", name="Send the request to the seller").click()
    page.wait_for_url("**/negotiations/*")
    talk = page.url
    other = page_at(member=trader(seller, now), javascript=javascript)
    other.goto(talk)
    other.get_by_role("button", name="Approve and sign").click()
    expect(other.get_by_text("You approved the request.")).to_be_visible()
    page.goto(talk)
    page.get_by_label("I have read the").check()
    page.get_by_role("button", name="Sign and go to payment").click()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", name="Your payment is on its way")).to_be_visible()
    react()
    if not javascript:
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="Your move")).to_be_visible()
    page.get_by_role("link", name="Confirm and release").click()
    page.get_by_role("button", name="Confirm and release").click()
    expect(page.get_by_text("You confirmed. The money goes to the seller.")).to_be_visible()
