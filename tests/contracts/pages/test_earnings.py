"""Orders, earnings, the path of one sale's money, and what is given back, as their pages tell it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.charges import charges
from payments.earnings import money_path
from payments.earnings.money_path import Goal
from payments.earnings.month_chart import Month, draw
from payments.holds import holds
from payments.models import Charge, Refund
from payments.providers import news
from payments.refunds import refunds
from tests import dataset_makers, makers, sales
from tests.contracts.pages.conftest import Reader, text_of
from tests.payments import billing

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
REASON = "A column that was advertised is missing."


@pytest.fixture
def paid(seller: Actor, buyer: Actor) -> Charge:
    """A charge of 100.00, of which 90.00 are held."""
    right = sales.entitled(seller, buyer, plan=sales.PAID)
    return Charge.objects.get(reference=f"agreement:{right.agreement_id}")


def test_the_buyer_finds_each_payment_and_asks_for_it_back(paid: Charge, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    page = text_of(browser.get("/my-data/invoices"))
    assert "€100.00" in page and "Held by the exchange" in page and "Ask for it back" in page
    assert "€90.00" not in page and "€10.00" not in page  # the exchange's part is not the buyer's to know
    address = f"/charges/{paid.pk}/refund"
    assert browser.post(address, shown="0", amount="100.01", reason=REASON).status_code == 422
    assert browser.post(address, shown="0", amount="0.001", reason=REASON).status_code == 422
    assert not Refund.objects.exists()
    assert browser.post(address, shown="0", amount="40.00", reason=REASON)["Location"] == "/my-data/invoices"
    asked = Refund.objects.get()
    assert (asked.state, asked.gross_minor, asked.reason) == ("requested", 4_000, REASON)
    assert browser.post(address, shown="0", amount="40.00", reason=REASON).status_code == 409
    assert "Waits for the seller’s answer" in text_of(browser.get("/my-data/invoices"))
    assert Refund.objects.count() == 1


def test_an_invoice_that_waits_is_told_to_both_and_to_whom_it_waits_for(
    paid: Charge, buyer: Actor, seller: Actor, outsider: Actor, operator: Actor, reader: Open
) -> None:
    banner, own = "The invoice of 1 sale waits for you", "waits for details from your organisation"
    house = f"waits for details from {makers.participant_of(operator).name}"
    path = f"/sell/earnings/{paid.pk}"
    assert banner in text_of(reader(seller).get("/sell/earnings"))
    assert f"Self-billed invoice: {own}" in text_of(reader(seller).get(path))
    orders = text_of(reader(buyer).get("/my-data/invoices"))
    assert f"Invoice: {house}" in orders and "Self-billed" not in orders
    assert banner not in text_of(reader(outsider).get("/sell/earnings"))
    assert banner in text_of(reader(seller, "manager").get("/organisation/billing"))

    billing.ready(seller)
    billing.describe(operator, registration_number=billing.SIRENS["operator"])
    for page in (reader(seller).get("/sell/earnings"), reader(seller).get(path)):
        assert "waits for" not in text_of(page)
    assert house not in text_of(reader(buyer).get("/my-data/invoices"))


def test_the_seller_answers_on_the_path_of_the_money(
    paid: Charge, buyer: Actor, seller: Actor, reader: Open
) -> None:
    asked = refunds.ask(paid, gross=Money(4_000, "EUR"), reason=REASON, by=buyer)
    browser = reader(seller)
    page = text_of(browser.get(f"/sell/earnings/{paid.pk}"))
    assert REASON in page and f"/refunds/{asked.pk}/approve" in page
    assert browser.post(f"/refunds/{asked.pk}/approve", opened="/sell", shown="settled").status_code == 409
    browser.post(f"/refunds/{asked.pk}/approve", opened="/sell", shown="requested")
    asked.refresh_from_db()
    assert asked.state == "created"
    page = text_of(browser.get(f"/sell/earnings/{paid.pk}"))
    for amount in ("€100.00", "€6.00", "€54.00", "€40.00"):  # in, fee, the seller's part, back
        assert amount in page
    assert reader(buyer).get(f"/sell/earnings/{paid.pk}").status_code == 404
    assert reader(buyer).get(f"/refunds/{asked.pk}/decline").status_code == 404


def test_money_that_went_back_meanwhile_is_not_given_twice(paid: Charge, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    form: dict[str, Any] = {"opened": "/sell", "shown": "0", "amount": "30.00", "reason": REASON}
    assert browser.post(f"/charges/{paid.pk}/refund", **form).status_code == 302
    assert browser.post(f"/charges/{paid.pk}/refund", **form).status_code == 409
    paid.refresh_from_db()
    assert paid.refunded_minor == 3_000


def test_earnings_say_where_the_money_is(paid: Charge, buyer: Actor, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    before = text_of(browser.get("/sell/earnings"))
    assert "You earned <data" in before
    assert '<data class="money" value="90.00">' in before and "until buyers have checked the data" in before
    holds.confirm(paid.reference, by=buyer)
    answer: Any = browser.get("/sell/earnings")
    after = answer.context["standings"]
    assert [(one.held.minor, one.payable.minor, one.owed.minor) for one in after] == [(0, 9_000, 0)]


def test_nothing_yet_says_what_will_be_there(outsider: Actor, reader: Open) -> None:
    browser = reader(outsider)
    assert "You were asked to pay nothing yet" in text_of(browser.get("/my-data/invoices"))
    assert "You have earned nothing yet" in text_of(browser.get("/sell/earnings"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("underway", "You have nothing more to do"),
        ("declined", "The payment was declined"),
        ("submitted", "Pay"),
    ],
)
def test_the_checkout_of_a_provider_elsewhere_says_where_the_payment_is(
    seller: Actor, buyer: Actor, reader: Open, settings: Any, state: str, words: str
) -> None:
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_STRIPE_SECRET_KEY = "stripe", "sk_test_none"
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    charge = negotiations.accept(negotiations.approve(sales.request(offer, buyer), by=seller), by=buyer).charge
    assert charge is not None
    address, by = f"/charges/{charge.pk}", makers.system(buyer.at)
    assert "The provider prepares its page" in text_of(reader(buyer).get(address))
    told: Any = {
        "underway": news.Expected(charge.pk, "pi_1"),
        "declined": news.Declined(charge.pk, "pi_1", "Your card was declined."),
        "submitted": news.Asked(charge.pk, "cs_1"),
    }[state]
    charges.hear(told, provider="stripe", by=by)
    page = text_of(reader(buyer).get(address))
    assert words in page and "What you may do with the data" in page
    assert ("Your card was declined." in page) == (state == "declined")


def test_bands_are_as_wide_as_their_amounts() -> None:
    gross = Money(10_000, "EUR")
    goals = [Goal("fee", Money(1_000, "EUR"), "nd"), Goal("seller", Money(9_000, "EUR"), "hs")]
    drawn = money_path.draw(gross, ("paid", "took in"), goals)
    assert [node.height for node in drawn.nodes] == [200, 200, 20, 180]
    assert [bar.width for bar in drawn.bars] == [326, 33, 293]


def test_months_are_drawn_on_round_lines() -> None:
    nothing = Money(0, "EUR")
    months = [Month(date(2026, 1 + n, 1), Money(n * 700, "EUR"), nothing) for n in range(3)]
    chart = draw(months, "EUR")
    assert [line.value.minor for line in chart.lines] == [0, 500, 1_000, 1_500]
    assert [len(column.bars) for column in chart.columns] == [0, 1, 1]
    assert chart.earned == Money(2_100, "EUR")
