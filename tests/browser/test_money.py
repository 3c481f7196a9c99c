"""Money in a browser: the buyer's orders, what it pays over time and by use, how it renews, the seller's earnings with
the path of one sale's money, and the operator's board, at both widths, in both languages, light and dark; and an
operator who explains a difference without a script."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments import providers
from payments.holds import holds
from payments.inbox import inbox
from payments.models import Charge
from payments.reconciliation import reconciliation
from payments.refunds import refunds
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.over_time import BY_USE, MONTHLY
from tests.payments.books import Books, line

REASON = "The columns are not those that were advertised."
SALES = (("Arrivals and departures", 148_000), ("Port calls, hourly", 92_500), ("Tides of the Scheldt", 38_000))


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(providers._ADAPTERS, "demo", "tests.payments.books.Books")
    Books.lines, Books.breaks_at = [], None
    yield
    Books.lines = []


@pytest.fixture
def house(own_database: None, now: datetime, seller: Actor, buyer: Actor, operator: Actor, books: None) -> Any:
    """Five sales over months: two released, one contested, one held, one partly given back; a message set aside, and a
    difference with the provider."""
    from datasets.models import Dataset

    charges = []
    for title, minor in SALES:
        dataset = dataset_makers.published(seller)
        Dataset.objects.filter(pk=dataset.pk).update(title=title)
        plan = {"kind": "one_off", "price": {"amount_minor": minor, "currency": "EUR"}}
        right = sales.sold(sales.offer(dataset, seller, plan=plan), buyer, seller)
        charges.append(Charge.objects.get(reference=f"agreement:{right.agreement_id}"))
    first, second, third = charges
    holds.confirm(first.reference, by=buyer)
    holds.contest(second.reference, reason=REASON, by=buyer)
    refunds.give(third, gross=Money(9_500, "EUR"), reason="A third of the files was late.", by=seller)
    other: dict[str, Any] = {
        "charge": str(first.pk),
        "amount_minor": 5,
        "currency": "EUR",
        "reference": "another",
    }
    inbox.act(inbox.keep("demo", "evt_1", "charge.paid", other, at=now).pk, now)
    for charge in (first, second):
        line(f"txn_{charge.pk}", charge.gross_minor, now, source=charge.provider_reference)
    line("txn_2", 1_250, now - timedelta(hours=4), source="ch_unknown")
    row = reconciliation.ask("demo", by=operator)
    reconciliation.compare(row.pk, now + timedelta(hours=3))
    exchange = makers.participant_of(operator)
    monthly, by_use = (
        sales.entitled(seller, buyer, plan=plan) for plan in ({**MONTHLY, "trial_days": 14}, BY_USE)
    )
    for _ in range(2):
        sales.start(sales.link(by_use, buyer), now)
    sales.offer(dataset, seller, plan=dict(sales.PAID), sale="instant")
    talk = negotiations.approve(
        sales.request(sales.offer(dataset, seller, plan=dict(MONTHLY)), buyer), by=seller
    )
    return {
        "monthly": monthly,
        "by_use": by_use,
        "renewed": right,
        "talk": talk,
        "operator": makers.member(exchange, "operator", now, email="operator@house.example"),
        "seller": makers.member(makers.participant_of(seller), "trader", now),
        "buyer": makers.member(makers.participant_of(buyer), "trader", now),
        "newcomer": makers.member(makers.participant("Newcomer", "FR", now), "trader", now),
        "charges": charges,
    }


@readers
def test_every_page_about_money(
    page_at: PageAt, house: dict[str, Any], width: int, language: str, theme: str
) -> None:
    first, second, third = house["charges"]
    looks: dict[str, dict[str, str]] = {
        "buyer": {
            "orders": "/my-data/invoices",
            "refund-ask": f"/charges/{second.pk}/refund",
            "subscription": f"/sales/{house['monthly'].agreement_id}/payments",
            "consumption": f"/sales/{house['by_use'].agreement_id}/payments",
            "renewal-coupon": f"/my-data/{house['renewed'].pk}/renew",
            "sign-over-time": f"/negotiations/{house['talk'].pk}",
        },
        "seller": {
            "earnings": "/sell/earnings",
            "money-path": f"/sell/earnings/{third.pk}",
            "money-path-whole": f"/sell/earnings/{first.pk}",
            "refund-give": f"/charges/{first.pk}/refund",
        },
        "newcomer": {"orders-none": "/my-data/invoices", "earnings-none": "/sell/earnings"},
        "operator": {"money": "/operate/money", "money-settle": f"/operate/money/holds/{second.hold.pk}"},
    }
    for who, pages in looks.items():
        page = page_at(width, language, theme, member=house[who], second_factor=who == "operator")
        for name, path in pages.items():
            page.goto(path)
            look_at(page, name)


def test_an_operator_explains_a_difference_without_a_script(page_at: PageAt, house: dict[str, Any]) -> None:
    page = page_at(390, javascript=False, member=house["operator"], second_factor=True)
    page.goto("/operate/money")
    page.get_by_role("link", name="Explain it The provider has").click()
    page.get_by_role("button", name="Explain it").click()
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    page.get_by_label("Reason").fill("A fee of the bank for this month.")
    page.get_by_role("button", name="Explain it").click()
    expect(page.get_by_text("Explained. The reason stays with it.")).to_be_visible()
    page.get_by_role("button", name="Compare with the provider now").click()
    expect(page.get_by_text("The books are compared now.")).to_be_visible()
