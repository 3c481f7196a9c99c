"""A dataset's page in a browser: its states at both widths, in both languages, light and dark; fields and offers chosen
by links with and without a script."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from compliance.log import sealing
from datasets import datasets
from datasets.models import Dataset
from datasets.revisions import revisions
from exchange.kernel.actors import Actor
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.contracts import markets

FLIGHTS = b"month,carrier,tail,delay\n" + b"".join(
    b"%d,%s,N%d,%s\n"
    % (
        n % 12 + 1,
        (b"United", b"JetBlue", b"Delta", b"United", b"Envoy")[n % 5],
        n % 211,
        b"" if n % 31 == 0 or (n % 12 == 1 and n % 7 == 0) else b"%.1f" % ((n * 37 % 97) - 20),
    )
    for n in range(2400)
)
DESCRIPTION = "Every departure, with its delay.\n\n- one row for each flight\n- times in UTC\n"


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


@pytest.fixture
def flights(own_database: None, seller: Actor, buyer: Actor, now: datetime) -> Dataset:
    """Two revisions, one revoked, two files and two offers."""
    dataset = dataset_makers.draft(
        seller, title="Flights departing New York", description=DESCRIPTION, frequency="weekly"
    )
    dataset_makers.declare_free(dataset, seller)
    first = dataset_makers.measured(dataset, seller, {"flights.csv": FLIGHTS.replace(b"tail", b"tailnum")})
    datasets.publish(dataset, seller)
    later = seller.moved_to(now + timedelta(minutes=2))
    dataset_makers.measured(dataset, later, {"flights.csv": FLIGHTS, "cities.csv": dataset_makers.SMALL_CSV})
    revisions.revoke(first, "The tail numbers are wrong.", later)
    sales.offer(dataset, seller, plan=dict(sales.PAID), title="Analysis and models")
    sales.offer(dataset, seller, plan=dict(sales.FREE), terms=list(markets.OPEN), title="Open licence")
    sealing.seal_batch(now)
    return dataset


@readers
def test_a_dataset_in_every_state(
    page_at: PageAt, flights: Dataset, width: int, language: str, theme: str
) -> None:
    page = page_at(width, language, theme)
    page.goto(f"/datasets/{flights.pk}")
    look_at(page, "dataset")
    for summary in page.locator("summary").all():
        summary.click()
    look_at(page, "dataset-tables")
    offer = flights.offers.get(title="Analysis and models")
    page.goto(f"/datasets/{flights.pk}?offer={offer.pk}&file=flights.csv&column=carrier")
    look_at(page, "dataset-chosen")
    page.goto(f"/datasets/{flights.pk}?file=cities.csv")
    look_at(page, "dataset-short-file")


def test_the_sellers_and_holders_states(
    page_at: PageAt, own_database: None, seller: Actor, buyer: Actor, now: datetime
) -> None:
    entitlement = sales.entitled(seller, buyer)
    address = f"/datasets/{entitlement.dataset_id}"
    page = page_at(member=makers.member(makers.participant_of(buyer), "trader", now))
    page.goto(address)
    expect(page.get_by_text("You hold this data")).to_be_visible()
    look_at(page, "dataset-held")
    draft = dataset_makers.draft(seller, title="Of people")
    page = page_at(member=makers.member(makers.participant_of(seller), "trader", now))
    page.goto(f"/datasets/{draft.pk}")
    look_at(page, "dataset-draft")
    datasets.declare(
        draft, personal_data="personal", legal_basis="6.1.a", purposes=["research"], source="Us.", by=seller
    )
    dataset_makers.measured(draft, seller, {"flights.csv": FLIGHTS})
    page.goto(f"/datasets/{draft.pk}")
    expect(page.get_by_text("No row is shown")).to_be_visible()
    look_at(page, "dataset-personal")
    datasets.retire(entitlement.dataset, seller)
    page.goto(address)
    look_at(page, "dataset-retired")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_field_and_an_offer_are_chosen(page_at: PageAt, flights: Dataset, javascript: bool) -> None:
    page = page_at(javascript=javascript)
    page.goto(f"/datasets/{flights.pk}")
    page.get_by_label("Choose a field to draw").get_by_role("link", name="month").click()
    expect(page.get_by_role("img", name="Histogram of month")).to_be_visible()
    expect(page.get_by_role("img", name="Histogram of delay")).to_have_count(0)
    expect(page.get_by_label("Choose a field to draw").locator("[aria-current]")).to_have_text("month")
    assert "column=month" in page.url
    page.get_by_label("Choose an offer").get_by_role("link", name="Analysis and models").click()
    expect(page.get_by_role("link", name="Request this licence")).to_be_visible()
    expect(page.get_by_label("Choose an offer").locator("[aria-current]")).to_contain_text(
        "Analysis and models"
    )
    assert "column=month" in page.url and "offer=" in page.url
    page.go_back()
    expect(page.get_by_label("Choose an offer").locator("[aria-current]")).to_contain_text("Open licence")
