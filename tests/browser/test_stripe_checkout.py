"""A buyer pays at Stripe, in a browser, against the fake: refused, asked by the bank, and through at last; webhooks
that come twice; money back; and the seller's statement of all that."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from contracts.models import Entitlement
from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from payments.models import Charge, Hold, Posting
from payments.statements import statements
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at, no_sideways_scrolling
from tests.browser.conftest import PageAt, pictures_folder
from tests.browser.test_whole_job import Reader, folders  # noqa: F401 (fixtures)
from tests.fakes.stripe.deliveries import Weather
from tests.fakes.stripe.serving import SECRET_KEY, THIN_SECRET, WEBHOOK_SECRET, Served

DECLINED, ASKS, GOOD = "4000 0000 0000 0002", "4000 0025 0000 3155", "4242 4242 4242 4242"


@dataclass
class Purchase:
    """One sale whose money goes by Stripe."""

    charge: Charge
    buyer: Reader
    fake: Served
    react: Callable[..., Any]

    def hear(self) -> None:
        """Stripe tells, the exchange keeps it, and the worker acts on it."""
        said = self.fake.world.courier.send_all()
        assert set(said) <= {204}, said
        self.react(timezone.now())


@pytest.fixture
def stripe_of_the_exchange(settings: Any, exchange: str, stripe_fake: Served) -> Served:
    """The exchange asks the fake, and the fake tells the exchange: each webhook twice, in any order."""
    settings.EXCHANGE_URL = exchange
    settings.EXCHANGE_PAYMENT_PROVIDER = "stripe"
    settings.EXCHANGE_STRIPE_SECRET_KEY = SECRET_KEY
    settings.EXCHANGE_STRIPE_WEBHOOK_SECRET = f"{WEBHOOK_SECRET},{THIN_SECRET}"
    settings.EXCHANGE_STRIPE_API_URL = stripe_fake.url
    stripe_fake.world.courier.weather = Weather(copies=2, is_shuffled=True)
    stripe_fake.send_to(f"{exchange}/api/v1/webhooks/stripe")
    stripe_fake.send_to(f"{exchange}/api/v1/webhooks/stripe-thin", THIN_SECRET, is_thin=True)
    return stripe_fake


@pytest.mark.parametrize(
    ("width", "language", "javascript"),
    [(1440, "en", True), pytest.param(390, "fr", False, marks=pytest.mark.slow)],
)
def test_a_purchase_by_card_and_the_money_back(
    folders: None,  # noqa: F811
    page_at: PageAt,
    own_database: None,
    stripe_of_the_exchange: Served,
    seller: Actor,
    buyer: Actor,
    now: datetime,
    react: Callable[..., Any],
    width: int,
    language: str,
    javascript: bool,
) -> None:
    fake = stripe_of_the_exchange

    def at_work(actor: Actor) -> Reader:
        member = makers.member(makers.participant_of(actor), "trader", now)
        page = page_at(width, language, javascript=javascript, member=member, abroad=(fake.url,))
        return Reader(page, language, javascript)

    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    asked = negotiations.approve(sales.request(offer, buyer), by=seller)
    charge = negotiations.accept(asked, by=buyer).charge
    assert charge is not None
    purchase = Purchase(charge, at_work(buyer), fake, react)
    react(timezone.now())
    go_to_stripe(purchase)
    be_declined(purchase.buyer.page)
    fail_the_bank_and_leave(purchase)
    pay_by_keyboard(purchase)
    come_back(purchase)
    ask_for_the_money(purchase)
    read_the_statement(at_work(seller), seller)


def go_to_stripe(purchase: Purchase) -> None:
    page = purchase.buyer.page
    page.goto(f"/charges/{purchase.charge.pk}")
    look_at(page, "stripe-go")
    page.locator("main a.main").click()
    page.wait_for_url(f"{purchase.fake.url}/c/pay/*")
    expect(page.get_by_text("No money moves")).to_be_visible()


def be_declined(page: Page) -> None:
    """The page says why, and keeps what was written."""
    page.get_by_label("Email").fill("buyer@example.org")
    page.get_by_label("Name").fill("A Buyer")
    page.get_by_label("Card number").fill(DECLINED)
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    expect(page.get_by_label("Email")).to_have_value("buyer@example.org")
    look_at(page, "stripe-declined")


def fail_the_bank_and_leave(purchase: Purchase) -> None:
    """Asked by the bank, the buyer fails, is asked again, and leaves: nothing was taken."""
    page = purchase.buyer.page
    for answer in ("Fail", "Leave"):
        page.get_by_label("Card number").fill(ASKS)
        page.get_by_role("button", name="Pay").click()
        glance_at(page, "stripe-bank")
        page.get_by_role("button", name=answer).click()
        if answer == "Fail":
            expect(page.get_by_role("alert")).to_contain_text("could not verify")
    page.wait_for_url(f"**/charges/{purchase.charge.pk}")
    purchase.hear()
    assert not Posting.objects.exists()
    page.reload()
    glance_at(page, "stripe-left")


def pay_by_keyboard(purchase: Purchase) -> None:
    """No mouse is needed: from the way to pay to the button."""
    page = purchase.buyer.page
    if page.locator("main a.main").count() == 0:  # declined: another page is asked for
        page.locator("main form button.main").click()
        purchase.react(timezone.now())
        page.goto(f"/charges/{purchase.charge.pk}")
    page.locator("main a.main").click()
    page.wait_for_url(f"{purchase.fake.url}/c/pay/*")
    page.get_by_label("Card", exact=True).focus()
    for words in ("buyer@example.org", "A Buyer", GOOD, "12/34", "123"):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/charges/*returned=yes")


def come_back(purchase: Purchase) -> None:
    """No browser is believed: the exchange asks Stripe. Webhooks that come later, and twice, change nothing."""
    page = purchase.buyer.page
    look_at(page, "stripe-asked")
    purchase.react(timezone.now())
    purchase.buyer.look_again()
    page.wait_for_url("**/sales/*")
    assert Entitlement.objects.get().state == Entitlement.State.ACTIVE
    purchase.fake.world.advance(11)
    purchase.hear()
    booked = Posting.objects.count()
    purchase.hear()
    assert Posting.objects.count() == booked
    charge, hold = Charge.objects.get(), Hold.objects.get()
    assert (charge.state, hold.state) == (Charge.State.PAID, Hold.State.OPEN)
    page.reload()
    glance_at(page, "stripe-sale")


def ask_for_the_money(purchase: Purchase) -> None:
    """Nothing was downloaded, so it goes back at once."""
    buyer, page = purchase.buyer, purchase.buyer.page
    page.goto("/my-data/invoices")
    glance_at(page, "stripe-orders")
    page.locator(f"a[href='/charges/{purchase.charge.pk}/refund']").click()
    page.locator("#id_reason").fill("It was bought twice.")
    buyer.press("Ask for it")
    expect(page.locator(".notice.ok")).to_be_visible()
    purchase.react(timezone.now())
    purchase.fake.world.advance(11)
    purchase.hear()
    charge = Charge.objects.get()
    assert charge.refunded_minor == charge.gross_minor
    [refund] = purchase.fake.client().v1.refunds.list().data
    assert (refund.amount, refund.status) == (charge.gross_minor, "succeeded")
    assert Entitlement.objects.get().state == Entitlement.State.REVOKED
    page.goto("/my-data/invoices")
    look_at(page, "stripe-refunded")


def read_the_statement(reader: Reader, seller: Actor) -> None:
    """What came and what went back, line by line; nothing is left."""
    page = reader.page
    page.goto("/sell/earnings")
    glance_at(page, "stripe-earnings")
    page.locator("main table a").first.click()
    glance_at(page, "stripe-path")
    party = makers.participant_of(seller).pk
    [period] = statements.periods(party, by=seller)
    found: Any = statements.document(party, period, by=seller)
    [told] = found["currencies"]
    assert [line["kind"] for line in told["lines"]] == ["charge.paid", "refund.held"]
    assert set(told["closing"].values()) == {0}


def glance_at(page: Page, name: str) -> None:
    """Other tests look at such a page from all sides; here it is drawn where pictures are asked for."""
    page.wait_for_load_state()
    no_sideways_scrolling(page)
    if pictures_folder():
        look_at(page, name)
