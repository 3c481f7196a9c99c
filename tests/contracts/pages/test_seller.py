"""The seller's lists: what is missing, who asks, what was sold, who holds what; and what others see of them."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts.models import Entitlement
from contracts.transfers import transfers
from datasets import datasets
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
LISTS = ["/sell", "/sell/offers", "/sell/requests", "/sell/sales", "/sell/holders"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/sell", "You have no dataset yet"),
        ("/sell/offers", "No offer yet"),
        ("/sell/requests", "Nobody has asked yet"),
        ("/sell/sales", "You have sold nothing yet"),
        ("/sell/holders", "Nobody holds any of your data"),
    ],
)
def test_an_empty_list_says_what_will_be_there(seller: Actor, reader: Open, path: str, said: str) -> None:
    assert said in text_of(reader(seller).get(path))


def test_the_workspace_says_what_is_missing_of_each_dataset(seller: Actor, reader: Open) -> None:
    browser, draft = reader(seller), dataset_makers.draft(seller)
    assert "Next: Personal data declared." in text_of(browser.get("/sell"))
    datasets.declare(draft, personal_data="none", by=seller)
    assert "Next: Revision sealed." in text_of(browser.get("/sell"))
    revision = dataset_makers.sealed(draft, seller)
    assert "Next: Measured." in text_of(browser.get("/sell"))
    dataset_makers.profiles.measure(str(revision.pk), seller.at)
    assert "Next: Published." in text_of(browser.get("/sell"))
    datasets.publish(draft, seller)
    assert f"/sell/datasets/{draft.pk}/offers/new" in text_of(browser.get("/sell"))
    sales.offer(draft, seller)
    assert "Sold under 1 offer." in text_of(browser.get("/sell"))


def test_a_request_waits_in_the_workspace_the_header_and_the_inbox(
    seller: Actor, buyer: Actor, reader: Open
) -> None:
    asked = sales.request(sales.offer(dataset_makers.published(seller), seller), buyer)
    for path in ("/sell", "/sell/requests", "/sell/requests?state=waiting"):
        page = text_of(reader(seller).get(path))
        assert f"/negotiations/{asked.pk}" in page and "Buyer GmbH" in page
        assert 'Requests <span class="n">1</span>' in page


def test_a_sale_and_what_was_taken_of_it_stand_in_the_lists(seller: Actor, buyer: Actor, reader: Open) -> None:
    sold = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    browser = reader(seller)
    listed = text_of(browser.get("/sell/sales"))
    assert f"/sales/{sold.agreement_id}" in listed and "€100.00" in listed
    assert f"/sales/{sold.agreement_id}" in text_of(browser.get("/sell"))
    assert "Nobody holds any of your data" in text_of(browser.get("/sell/holders"))
    size = take(sold, buyer)
    held = text_of(browser.get("/sell/holders"))
    assert "Buyer GmbH" in held and "Revision 1" in held and f"{size} B" in held.replace("\xa0", " ")


@pytest.mark.parametrize("path", LISTS)
def test_the_buyer_and_the_outsider_see_none_of_it(
    seller: Actor, buyer: Actor, outsider: Actor, reader: Open, path: str
) -> None:
    sold = sales.entitled(seller, buyer)
    take(sold, buyer)
    for other in (buyer, outsider):
        page = text_of(reader(other).get(path))
        assert "Cities of France" not in page and str(sold.agreement_id) not in page


@pytest.mark.parametrize("path", LISTS)
def test_a_visitor_is_led_to_the_sign_in_page(client: Any, path: str) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("path", LISTS)
def test_the_lists_are_french_in_french(seller: Actor, reader: Open, path: str) -> None:
    page = text_of(reader(seller).get(path, "fr"))
    assert 'lang="fr"' in page and any(words in page for words in ("Ici figurera", "Une offre dit"))


def test_lists_need_as_many_queries_for_many_rows_as_for_one(
    seller: Actor, buyer: Actor, reader: Open, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        take(sales.entitled(seller, buyer, plan=dict(sales.PAID)), buyer)
        sales.request(sales.offer(dataset_makers.published(seller), seller), buyer)
    browser = reader(seller)
    for path, most in (("/sell", 21), *((other, 18) for other in LISTS[1:])):
        browser.get(path)
        with django_assert_max_num_queries(most):
            browser.get(path)


def take(entitlement: Entitlement, buyer: Actor) -> int:
    """Let the one file under a right leave whole; answers how large it is."""
    asset = sales.asset_of(entitlement)
    started = sales.start(sales.link(entitlement, buyer), buyer.at)
    assert started.transfer_id is not None and asset.size_bytes is not None
    transfers.progress(started.transfer_id, [(0, asset.size_bytes)], now=buyer.at)
    return asset.size_bytes
