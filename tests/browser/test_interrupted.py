"""Work that is interrupted, in a browser with and without scripts: a session that ends in mid-form, two tabs on one
row, the back button after each step, a page that is old because somebody else has acted."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page, expect

from contracts.models import Agreement, Negotiation, Offer
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.participants.models import Member
from payments.models import Charge, ProviderEvent
from tests import dataset_makers, makers, sales
from tests.browser.conftest import PageAt

USE = "Compare the cities in our own research team."
both = pytest.mark.parametrize("javascript", [True, False])


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Any) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


@pytest.fixture
def offer(own_database: None, seller: Actor) -> Offer:
    return sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))


@pytest.fixture
def buying(own_database: None, buyer: Actor, now: datetime) -> Member:
    return makers.member(makers.participant_of(buyer), "trader", now)


@pytest.fixture
def selling(own_database: None, seller: Actor, now: datetime) -> Member:
    return makers.member(makers.participant_of(seller), "trader", now)


def ask(page: Page) -> None:
    page.get_by_role("button", name="Send the request to the seller").click()


def another_tab(page: Page) -> Page:
    """The same reader's second tab, on the same page."""
    tab = page.context.new_page()
    tab.goto(page.url)
    return tab


@both
def test_a_session_that_ends_in_mid_form_loses_nothing(
    page_at: PageAt, offer: Offer, buying: Member, javascript: bool
) -> None:
    page = page_at(member=buying, javascript=javascript)
    page.goto(f"/offers/{offer.pk}/request")
    page.get_by_label("Academic research").check()
    page.get_by_label("What you will do with it").fill(USE)
    page.context.clear_cookies(name=django_settings.SESSION_COOKIE_NAME)
    ask(page)
    expect(page.get_by_text("Your session has ended. Nothing was sent")).to_be_visible()
    assert not Negotiation.objects.exists()
    page.locator("#id_login").fill(buying.user.email)
    page.locator("#id_password").fill(makers.PASSWORD)
    page.get_by_role("button", name="Sign in with the password").click()
    page.wait_for_url("**/offers/*/request")
    expect(page.get_by_label("Academic research")).to_be_checked()
    expect(page.get_by_label("What you will do with it")).to_have_value(USE)
    ask(page)
    page.wait_for_url("**/negotiations/*")
    assert Negotiation.objects.get().use == USE


@both
def test_two_tabs_on_one_request_do_one_thing(
    page_at: PageAt, offer: Offer, buyer: Actor, selling: Member, javascript: bool
) -> None:
    talk = sales.request(offer, buyer)
    page = page_at(member=selling, javascript=javascript)
    page.goto(f"/negotiations/{talk.pk}/refuse")
    page.get_by_label("Reason").fill("We sell to no second team.")
    tab = another_tab(page)
    tab.goto(f"/negotiations/{talk.pk}")
    tab.get_by_role("button", name="Approve and sign").click()
    expect(tab.get_by_text("You approved the request.")).to_be_visible()
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator("main .notice.stop, main .notice.warn").first).to_be_visible()
    expect(page.get_by_text("You have signed. The buyer signs next.")).to_be_visible()
    talk.refresh_from_db()
    assert talk.state == Negotiation.State.APPROVED


@both
def test_going_back_after_each_step_does_nothing_twice(
    page_at: PageAt, offer: Offer, seller: Actor, buying: Member, react: Callable[..., Any], javascript: bool
) -> None:
    page = page_at(member=buying, javascript=javascript)
    page.goto(f"/offers/{offer.pk}/request")
    page.get_by_label("Academic research").check()
    page.get_by_label("What you will do with it").fill(USE)
    ask(page)
    page.wait_for_url("**/negotiations/*")
    talk = page.url
    back_to_a_form(page, "/request")
    if page.get_by_role("button", name="Send the request to the seller").count():
        ask(page)
    expect(page.get_by_role("link", name="Open your request")).to_be_visible()
    assert Negotiation.objects.count() == 1
    negotiations.approve(Negotiation.objects.get(), by=seller)
    page.goto(talk)
    sign(page)
    page.wait_for_url("**/charges/*")
    charge = page.url
    back_to_a_form(page, "/negotiations/")
    if page.locator("#id_has_read").count():
        sign(page)
    expect(page.get_by_role("link", name="Open the sale").first).to_be_visible()
    assert (Agreement.objects.count(), Charge.objects.count()) == (1, 1)
    page.goto(charge)
    tab = another_tab(page)
    for one in (page, tab):
        one.get_by_role("button", name="Pay").click()
        expect(one.get_by_role("heading", name="Your payment is on its way")).to_be_visible()
    react()
    if not javascript:  # with scripts, the page goes on by itself
        page.goto(charge)
    expect(page.get_by_role("heading", name="Your move")).to_be_visible()
    assert Charge.objects.get().state == Charge.State.PAID
    assert ProviderEvent.objects.count() == 1


def sign(page: Page) -> None:
    page.locator("#id_has_read").check()
    page.get_by_role("button", name="Sign and go to payment").click()


def back_to_a_form(page: Page, part: str) -> None:
    page.go_back()
    assert part in page.url


@both
def test_a_page_that_is_old_says_how_things_stand(
    page_at: PageAt, offer: Offer, buyer: Actor, buying: Member, seller: Actor, javascript: bool
) -> None:
    talk = negotiations.approve(sales.request(offer, buyer), by=seller)
    page = page_at(member=buying, javascript=javascript)
    page.goto(f"/negotiations/{talk.pk}")
    negotiations.refuse(talk, reason="The data was promised to somebody else.", by=seller)
    sign(page)
    expect(page.get_by_text("The data was promised to somebody else.")).to_be_visible()
    expect(page.locator("#id_has_read")).to_have_count(0)
    expect(page.get_by_role("link", name="Ask again")).to_be_visible()
    assert not Agreement.objects.exists()
