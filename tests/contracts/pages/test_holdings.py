"""What the buyer holds: the list, what is due, the files, and a download that leads to a link of minutes."""

from collections.abc import Callable

import pytest

from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
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
    from contracts.transfers import transfers

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


def test_what_was_taken_of_rows_and_bytes_stands_beside_the_files(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    held = sales.entitled(seller, buyer, terms=[{"kind": "volume", "rows": 4, "bytes": 2_000}])
    browser, asset = reader(buyer), sales.asset_of(held)
    assert "0 of 4 rows taken in all" in text_of(browser.get(path(held)))
    assert sales.start(sales.link(held, buyer), buyer.at).code is None
    page = text_of(browser.get(path(held)))
    assert "3 of 4 rows taken in all" in page and "45\u00a0B of 2.0\u00a0kB taken in all" in page
    refused = browser.post(path(held, "/download"), asset=str(asset.pk))
    assert refused.status_code == 403
    assert "(1 of 4 rows are left, and this file has 3; 1,955 of 2,000 bytes are left" in text_of(refused)
    assert f'hx-get="{path(held)}"' in text_of(refused), "what runs is looked at where it can be seen"


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
    for address, most in (("/my-data", 21), ("/my-data/requests", 13), ("/my-data/purchases", 13)):
        browser.get(address)
        with django_assert_max_num_queries(most):  # type: ignore[attr-defined]
            browser.get(address)


def test_later_revisions_stand_beside_the_agreed_one_and_are_taken_from_the_page(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    held = sales.entitled(seller, buyer, terms=[{"kind": "revisions", "includes_future": True}])
    later = [dataset_makers.measured(held.dataset, seller) for _ in range(7)]
    waiting = dataset_makers.sealed(held.dataset, seller)
    browser = reader(buyer)
    assert "6 more revisions" in text_of(browser.get("/my-data"))
    page = text_of(browser.get(path(held)))
    asset = later[-1].assets.get()
    assert "9 revisions" in page and "Not cleared yet" in page and "named in the contract" not in page
    assert f"take-{asset.pk}" in page and f"take-{waiting.assets.get().pk}" not in page
    older = text_of(browser.get(path(held, "?before=4")))
    assert "named in the contract" in older and f"take-{sales.asset_of(held).pk}" in older
    assert f"take-{asset.pk}" not in older
    assert browser.get(path(held, "?before=²")).status_code == 200
    answer = browser.post(path(held, "/download"), asset=str(asset.pk))
    assert answer.status_code == 302 and "/d/" in answer["Location"]
