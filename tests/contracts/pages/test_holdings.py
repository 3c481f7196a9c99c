"""What the buyer holds: the list, what is due, the files, and a download that leads to a link of minutes."""

from collections.abc import Callable

import pytest

from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from tests import sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
DELETION = [*sales.TERMS, {"kind": "deletion", "days": 30}]


@pytest.fixture
def held(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer, plan=dict(sales.PAID), terms=DELETION)


def path(held: Entitlement, rest: str = "") -> str:
    return f"/my-data/{held.pk}{rest}"


def test_nothing_held_says_what_will_be_here(buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    assert "You hold no data yet" in text_of(browser.get("/my-data"))
    assert "You have asked for nothing yet" in text_of(browser.get("/my-data/requests"))
    assert "You have bought nothing yet" in text_of(browser.get("/my-data/purchases"))


def test_the_lists_show_what_is_held_owed_and_due(held: Entitlement, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    page = text_of(browser.get("/my-data"))
    assert "Cities of France" in page and "1 thing is due." in page and "Check by" in page
    assert "Signed and in place" in text_of(browser.get("/my-data/requests"))
    assert "€100.00" in text_of(browser.get("/my-data/purchases"))


def test_the_seller_holds_nothing_of_what_it_sold(held: Entitlement, seller: Actor, reader: Open) -> None:
    browser = reader(seller)
    assert "You hold no data yet" in text_of(browser.get("/my-data"))
    assert browser.get(path(held)).status_code == 404


def test_the_outsider_finds_and_takes_nothing(held: Entitlement, outsider: Actor, reader: Open) -> None:
    browser = reader(outsider)
    asset = sales.asset_of(held)
    assert browser.get(path(held)).status_code == 404
    assert browser.post(path(held, "/download"), asset=str(asset.pk)).status_code == 404


def test_what_broke_off_goes_on_under_the_same_copy(held: Entitlement, buyer: Actor, reader: Open) -> None:
    from contracts import transfers

    started = sales.start(sales.link(held, buyer), buyer.at).transfer_id
    assert started is not None
    transfers.progress(started, [(0, 5)], now=buyer.at)
    transfers.sweep_idle(now=sales.later(buyer.at, minutes=1))
    browser = reader(buyer)
    assert "Broke off" in text_of(browser.get(path(held)))
    answer = browser.post(path(held, "/download"), transfer=str(started))
    assert answer.status_code == 302 and "/d/" in answer["Location"]


def test_without_a_copy_left_nothing_is_taken(seller: Actor, buyer: Actor, reader: Open) -> None:
    held = sales.entitled(seller, buyer, terms=[{"kind": "copies", "max": 1}])
    assert sales.start(sales.link(held, buyer), buyer.at).code is None
    browser = reader(buyer)
    assert "No copy left" in text_of(browser.get(path(held)))
    answer = browser.post(path(held, "/download"), asset=str(sales.asset_of(held).pk))
    assert answer.status_code == 403 and "No download was started" in text_of(answer)
    assert held.transfers.count() == 1


def test_an_unreadable_choice_is_refused(held: Entitlement, buyer: Actor, reader: Open) -> None:
    browser = reader(buyer)
    for given in ({}, {"asset": "../etc"}, {"transfer": "nonsense"}):
        assert browser.post(path(held, "/download"), **given).status_code == 422
    assert not held.transfers.exists()


def test_more_holdings_ask_the_database_nothing_more(
    held: Entitlement,
    seller: Actor,
    buyer: Actor,
    reader: Open,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for _ in range(3):
        sales.entitled(seller, buyer)
    browser = reader(buyer)
    for address, most in (("/my-data", 20), ("/my-data/requests", 12), ("/my-data/purchases", 12)):
        browser.get(address)
        with django_assert_max_num_queries(most):  # type: ignore[attr-defined]
            browser.get(address)
