"""The checkout: the bill, the demo provider said to be one, and the way on once the money is in place."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.negotiations import negotiations
from exchange.kernel.actors import Actor
from payments.models import Charge, ProviderEvent
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]


@pytest.fixture
def charge(seller: Actor, buyer: Actor) -> Charge:
    asked = sales.request(sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID)), buyer)
    made = negotiations.accept(negotiations.approve(asked, by=seller), by=buyer).charge
    assert made is not None
    return made


def sale_of(charge: Charge) -> str:
    return f"/sales/{charge.reference.partition(':')[2]}"


def test_the_bill_adds_up_and_no_money_moves(charge: Charge, buyer: Actor, reader: Open) -> None:
    page = text_of(reader(buyer).get(f"/charges/{charge.pk}"))
    assert "Reverse charge: you account for it in Germany" in page
    assert "To pay today" in page and "Pay <data" in page and "€100.00" in page
    assert "This is the demo provider: no money moves" in page
    assert "The exchange holds it" in page
    assert "€90.00" not in page  # what the seller is left with is not the buyer's to know


def test_paying_waits_and_then_opens_the_sale(
    charge: Charge, buyer: Actor, reader: Open, react: Callable[..., int]
) -> None:
    browser = reader(buyer)
    address = f"/charges/{charge.pk}"
    assert browser.post(address)["Location"] == address
    waiting = text_of(browser.get(address))
    assert (
        "Your payment is on its way" in waiting
        and "Look again" in waiting
        and "<form method" not in (waiting.partition('id="main"')[2])
    )
    react()
    assert browser.get(address)["Location"] == sale_of(charge)
    polled: Any = browser.get(address, **{"HX-Request": "true"})
    assert (polled.status_code, polled["HX-Redirect"]) == (204, sale_of(charge))
    assert "Held by the exchange" in text_of(browser.get(sale_of(charge)))


def test_paying_twice_keeps_one_payment(charge: Charge, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    for _ in range(2):
        browser.post(f"/charges/{charge.pk}")
    assert ProviderEvent.objects.count() == 1


def test_a_charge_that_was_called_off_is_not_paid(
    charge: Charge, seller: Actor, buyer: Actor, reader: Open
) -> None:
    reader(seller).post(f"{sale_of(charge)}/revoke", shown="pending", reason="Sold by mistake, we are sorry.")
    answer = reader(buyer).post(f"/charges/{charge.pk}")
    assert answer.status_code in (302, 409)
    assert not ProviderEvent.objects.exists()


def test_the_seller_is_led_to_the_sale_and_pays_nothing(charge: Charge, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    assert browser.get(f"/charges/{charge.pk}")["Location"] == sale_of(charge)
    assert browser.post(f"/charges/{charge.pk}").status_code == 403
    assert not ProviderEvent.objects.exists()


def test_the_outsider_finds_no_charge(charge: Charge, outsider: Actor, reader: Open) -> None:
    browser = reader(outsider)
    assert browser.get(f"/charges/{charge.pk}").status_code == 404
    assert browser.post(f"/charges/{charge.pk}").status_code == 404
