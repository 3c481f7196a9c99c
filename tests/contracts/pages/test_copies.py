"""A copy given back on the seller's page of a sale, and what the pages say of who holds what."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from contracts.entitlements import entitlements
from contracts.models import CopyCount, Entitlement, Transfer
from contracts.transfers import transfers
from datasets.models import Dataset
from exchange.kernel.actors import Actor
from tests import dataset_makers, sales
from tests.contracts.pages.conftest import Reader, text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Reader]
REASON = "Their disk broke while they were copying."
SIZE = len(dataset_makers.SMALL_CSV)


@pytest.fixture
def sold(seller: Actor, buyer: Actor) -> Entitlement:
    return sales.entitled(seller, buyer)


def take(sold: Entitlement, buyer: Actor, at: datetime, after_last: int = SIZE) -> Transfer:
    started = sales.start(sales.link(sold, buyer), at).transfer_id
    assert started is not None
    transfers.progress(started, [(0, after_last)], now=at)
    transfers.sweep_idle(now=at + timedelta(minutes=1))
    return Transfer.objects.get(pk=started)


def test_the_seller_gives_a_copy_back_after_a_second_question(
    sold: Entitlement, seller: Actor, buyer: Actor, reader: Open, now: datetime
) -> None:
    transfer, browser = take(sold, buyer, now), reader(seller)
    act = f"/transfers/{transfer.pk}/give-back"
    assert act in text_of(browser.get(f"/sales/{sold.agreement_id}"))
    asked = text_of(browser.get(act))
    assert "Give the copy of cities.csv back to Buyer GmbH?" in asked and "cannot be undone" in asked
    assert "Rendre à Buyer GmbH" in text_of(browser.get(act, "fr"))
    assert browser.post(act, shown="completed", reason="short").status_code == 422
    assert CopyCount.objects.get().used == 1
    answer = browser.post(act, shown="completed", reason=REASON)
    assert (answer.status_code, answer["Location"]) == (302, f"/sales/{sold.agreement_id}")
    assert CopyCount.objects.get().used == 0
    for actor in (seller, buyer):
        page = text_of(reader(actor).get(f"/sales/{sold.agreement_id}"))
        assert "Gave a copy back" in page and REASON in page and "Copy given back" in page and act not in page
    assert browser.get(act).status_code == 302
    assert browser.post(act, shown="completed", reason=REASON).status_code == 409
    assert CopyCount.objects.get().used == 0


def test_a_stale_page_gives_nothing_back(
    sold: Entitlement, seller: Actor, buyer: Actor, reader: Open, now: datetime
) -> None:
    transfer = take(sold, buyer, now, 5)
    answer = reader(seller).post(f"/transfers/{transfer.pk}/give-back", shown="completed", reason=REASON)
    assert answer.status_code == 409 and CopyCount.objects.get().used == 1


def test_nobody_else_gives_it_back(
    sold: Entitlement, buyer: Actor, outsider: Actor, officer: Actor, reader: Open, now: datetime
) -> None:
    act = f"/transfers/{take(sold, buyer, now).pk}/give-back"
    for browser, status in (
        (reader(outsider), 404),
        (reader(buyer), 302),
        (reader(officer, "officer", second_factor=True), 302),
    ):
        assert browser.get(act).status_code == status
        assert browser.post(act, shown="completed", reason=REASON).status_code == status
    assert act not in text_of(reader(buyer).get(f"/sales/{sold.agreement_id}"))
    assert CopyCount.objects.get().used == 1


def test_both_sides_read_the_same_of_what_is_held(
    seller: Actor, buyer: Actor, reader: Open, now: datetime
) -> None:
    terms = [*sales.TERMS, {"kind": "deletion", "days": 10}]
    sold = sales.entitled(seller, buyer, terms=terms)
    take(sold, buyer, now, 12)
    held, mine = reader(seller), reader(buyer)
    page = text_of(held.get("/sell/holders")).replace("\xa0", " ")
    assert "Partial" in page and "0 of 1 file whole" in page and f"12 B of {SIZE} B" in page
    assert "You have 12 B of it." in text_of(mine.get(f"/my-data/{sold.pk}")).replace("\xa0", " ")
    take(sold, buyer, now)
    assert "Complete" in (page := text_of(held.get("/sell/holders"))) and "1 of 1 file whole" in page
    assert "You have the whole file." in text_of(mine.get(f"/my-data/{sold.pk}"))
    entitlements.revoke(sold, reason=REASON, by=seller.moved_to(now - timedelta(days=11)))
    assert "Overdue to delete" in text_of(held.get("/sell/holders"))
    assert "Suppression en retard" in text_of(held.get("/sell/holders", "fr"))


def test_the_seller_chooses_links_on_the_page_of_its_dataset(
    sold: Entitlement, seller: Actor, reader: Open, settings: object
) -> None:
    browser, page = reader(seller), f"/sell/datasets/{sold.dataset_id}"
    assert "Allow links to storage" not in text_of(browser.get(page)), "a folder gives none"
    assert browser.post(f"{page}/redirects", allow="yes").status_code == 409
    settings.EXCHANGE_STORAGE = "s3"  # type: ignore[attr-defined]
    assert "Allow links to storage" in text_of(browser.get(page))
    assert browser.post(f"{page}/redirects", allow="yes").status_code == 302
    assert Dataset.objects.get(pk=sold.dataset_id).may_redirect
    assert "Forbid links to storage" in text_of(browser.get(page))
    assert browser.post(f"{page}/redirects", allow="no").status_code == 302
    assert not Dataset.objects.get(pk=sold.dataset_id).may_redirect
