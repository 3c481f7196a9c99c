"""The seller in a browser: every page at both widths, in both languages, light and dark; files dropped onto a
revision; and the whole way to an offer without a script."""

import shlex
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contracts.licence_texts import licence_texts
from contracts.models import Offer
from contracts.offers import offers
from datasets import datasets
from datasets.models import Asset, Revision
from datasets.profiles import profiles
from datasets.revisions import assets, revisions
from exchange.kernel.actors import Actor
from exchange.participants.models import Member
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.contracts.pages.test_offers import WRITTEN
from tests.contracts.pages.test_seller import take

PEOPLE = b"name,email,town\n" + b"".join(b"P%d,p%d@example.org,Lyon\n" % (n, n) for n in range(40))


@pytest.fixture(autouse=True)
def storage_folder(settings: Any, tmp_path: Any) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"


@pytest.fixture
def trader(own_database: None, seller: Actor, now: datetime) -> Member:
    return makers.member(makers.participant_of(seller), "trader", now)


def see(page: Page, pages: dict[str, str]) -> None:
    for name, path in pages.items():
        page.goto(path)
        look_at(page, name)


@readers
def test_the_pages_of_datasets(
    page_at: PageAt, trader: Member, seller: Actor, now: datetime, width: int, language: str, theme: str
) -> None:
    page = page_at(width, language, theme, member=trader)
    see(page, {"sell-empty": "/sell", "sell-new": "/sell/datasets/new"})
    page.locator("form.stack .btn.main").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "sell-new-refused")
    draft = dataset_makers.draft(seller, description="What **each** column means.", keywords=["cities"])
    see(page, {"dataset-draft": f"/sell/datasets/{draft.pk}"})
    see(page, {"declare-unknown": f"/sell/datasets/{draft.pk}/declare"})
    datasets.declare(draft, personal_data="none", by=seller)
    opened = revisions.open_revision(draft, seller)
    dataset_makers.upload(opened, seller, "people.csv", PEOPLE)
    dataset_makers.upload(opened, seller, "broken.csv", b"a,b\n1,2\n3,4,5,6\n")
    waits = assets.announce(
        opened, name="later.parquet", media_type="application/vnd.apache.parquet", by=seller
    )
    revision = f"/sell/revisions/{opened.pk}"
    see(page, {"revision-open": revision, "upload-link": f"/sell/files/{waits.pk}"})
    see(page, {"remove-file": f"/sell/files/{waits.pk}/remove"})
    assets.remove(waits, seller)
    see(page, {"seal": f"{revision}/seal"})
    revisions.seal(opened, seller)
    see(page, {"revision-waits": revision})
    page.goto("/sell")  # a page that waits opens itself anew once the result is there
    profiles.measure(str(opened.pk), now + timedelta(seconds=1))
    see(page, {"revision-measured": revision, "dataset-held": f"/sell/datasets/{draft.pk}"})
    see(page, {"declare": f"/sell/datasets/{draft.pk}/declare", "revoke-revision": f"{revision}/revoke"})
    see(page, {"sell-drafts": "/sell"})
    changed = PEOPLE.replace(b"town", b"city").replace(b"P1,", b"P1 ,")
    second = dataset_makers.measured(draft, seller, {"people.csv": changed, "more.csv": PEOPLE})
    see(page, {"revision-differs": f"/sell/revisions/{second.pk}"})


@readers
def test_the_pages_of_offers_and_sales(
    page_at: PageAt,
    trader: Member,
    seller: Actor,
    buyer: Actor,
    width: int,
    language: str,
    theme: str,
) -> None:
    sold = sales.entitled(seller, buyer, plan=dict(sales.PAID))
    take(sold, buyer)
    offer = sales.offer(dataset_makers.published(seller), seller, plan=dict(sales.PAID))
    sales.request(offer, buyer)
    draft = offers.draft(
        offer.dataset, title="Another", terms=list(sales.TERMS), plan=dict(sales.PAID), by=seller
    )
    dataset_makers.draft(seller, title="Villes de France, 2026")
    new = f"/sell/datasets/{offer.dataset_id}/offers/new"
    page = page_at(width, language, theme, member=trader)
    see(
        page, {"sell": "/sell", "offers": "/sell/offers", "offer-new": new, "offer": f"/sell/offers/{draft.pk}"}
    )
    begin = f"/sell/datasets/{offer.dataset_id}/offers/start"
    licence_texts.keep(b"%PDF-1.7 ours", title="Clauses contractuelles types, module 1", by=seller)
    see(page, {"offer-start": begin, "offer-template": f"{new}?start=personal_data"})
    see(page, {"offer-documents": "/sell/offers/documents"})
    see(page, {"offer-publish": f"/sell/offers/{draft.pk}/publish"})
    see(page, {"offer-withdraw": f"/sell/offers/{offer.pk}/withdraw", "sell-requests": "/sell/requests"})
    see(page, {"sell-sales": "/sell/sales", "sell-holders": "/sell/holders"})
    see(
        page,
        {"dataset-published": f"/sell/datasets/{offer.dataset_id}", "offer-like": f"{new}?like={offer.pk}"},
    )
    page.goto(new)
    page.locator("#offer .btn.main").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at(page, "offer-refused")


def test_files_are_dropped_sent_and_refused(page_at: PageAt, trader: Member, seller: Actor) -> None:
    opened = revisions.open_revision(dataset_makers.draft(seller), seller)
    page = page_at(member=trader)
    page.goto(f"/sell/revisions/{opened.pk}")
    chosen = [
        {"name": "cities.csv", "mimeType": "text/csv", "buffer": dataset_makers.SMALL_CSV * 20_000},
        {"name": "wrong.csv", "mimeType": "text/csv", "buffer": b"<html>no table</html>"},
        {"name": "empty.csv", "mimeType": "text/csv", "buffer": b""},
    ]
    page.locator("#choose").set_input_files(chosen)  # type: ignore[arg-type]
    expect(page.locator(".files").get_by_text("This is not a CSV file")).to_be_visible()
    expect(page.locator(".files").get_by_text("It is empty.")).to_be_visible()
    expect(page.get_by_text("1 of 2 files stored")).to_be_visible()
    look_at(page, "revision-uploads")
    page.get_by_role("button", name="Remove empty.csv").click()
    page.get_by_role("button", name="Remove wrong.csv").click()
    expect(page.get_by_text("1 of 1 file stored")).to_be_visible()
    expect(page.get_by_role("link", name="Go on to sealing")).to_be_visible()
    assert Asset.objects.get().size_bytes == 20_000 * len(dataset_makers.SMALL_CSV)


def test_a_file_that_was_announced_before_a_reload_is_taken_up_again(
    page_at: PageAt, trader: Member, seller: Actor
) -> None:
    opened = revisions.open_revision(dataset_makers.draft(seller), seller)
    announced = assets.announce(opened, name="cities.csv", media_type="text/csv", by=seller)
    page = page_at(member=trader)
    page.goto(f"/sell/revisions/{opened.pk}")
    expect(page.get_by_text("Its bytes have not come yet.")).to_be_visible()
    page.locator("#choose").set_input_files(
        {"name": "cities.csv", "mimeType": "text/csv", "buffer": dataset_makers.SMALL_CSV}
    )
    expect(page.get_by_text("1 of 1 file stored")).to_be_visible()
    assert Asset.objects.get().pk == announced.pk


def test_the_contract_writes_itself_beside_the_choices(page_at: PageAt, trader: Member, seller: Actor) -> None:
    dataset = dataset_makers.published(seller)
    page = page_at(member=trader)
    page.goto(f"/sell/datasets/{dataset.pk}/offers/new")
    page.get_by_label("Downloads of each file").fill("3")
    expect(page.get_by_text("You may download each file at most 3 times.")).to_be_visible()
    page.get_by_label("Combine it with other data").check()
    expect(page.get_by_text("You may combine the data with other data.")).to_be_visible()
    expect(page.get_by_text("just changed")).to_be_visible()
    look_at(page, "offer-changed")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("javascript", [True, False])
def test_from_nothing_to_the_market_with_and_without_scripts(
    page_at: PageAt,
    trader: Member,
    react: Callable[..., Any],
    tmp_path: Any,
    javascript: bool,
) -> None:
    page = page_at(member=trader, javascript=javascript)
    page.goto("/sell")
    page.get_by_role("link", name="Describe a dataset").click()
    page.get_by_label("Title").fill("Cities of France")
    page.get_by_label("Summary").fill("Cities and how many people live there.")
    page.get_by_label("Theme").select_option("SOCI")
    page.get_by_label("Language").select_option("en")
    page.get_by_role("button", name="Keep it as a draft").click()
    page.get_by_role("link", name="Declare personal data").click()
    page.get_by_label("No personal data").first.check()
    page.get_by_role("button", name="Keep the declaration").click()
    page.get_by_role("button", name="Open the first revision").click()
    if javascript:
        expect(page.locator("#by-name")).not_to_have_attribute("open", "")  # the script has closed it
        page.locator("#by-name summary").click()
    page.get_by_label("Name of the file").fill("cities.csv")
    page.get_by_role("button", name="Announce the file").click()
    send(page, tmp_path)
    page.get_by_role("link", name="Back to the files").click()
    page.get_by_role("link", name="Go on to sealing").click()
    page.get_by_label("to confirm").fill("seal revision 1")
    page.get_by_role("button", name="Seal revision 1").click()
    expect(page.get_by_text("The exchange is measuring this revision")).to_be_visible()
    react()
    if not javascript:
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Nothing undeclared")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("link", name="Offers").last.click()
    page.get_by_role("link", name="Write an offer").click()
    page.get_by_role("link", name="Begin with nothing").click()
    page.get_by_label("Name of the licence").fill(WRITTEN["title"])
    page.locator("#id_amount").fill("480.50")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Keep it as a draft").click()
    page.get_by_role("link", name="Go on to publishing").click()
    page.get_by_role("button", name="Publish the offer").click()
    expect(page.get_by_text("The offer is on the market.")).to_be_visible()
    assert Offer.objects.get().is_published and Revision.objects.get().measured_at is not None


def send(page: Page, folder: Any) -> None:
    """Send the file as the page says, but to where this exchange runs."""
    (folder / "cities.csv").write_bytes(dataset_makers.SMALL_CSV)
    command = shlex.split(page.locator(".copyable").inner_text())
    at = command[-1].index("/u/")
    home = page.url.partition("/sell/")[0]
    subprocess.run([*command[:-1], home + command[-1][at:]], cwd=folder, check=True, capture_output=True)
