"""The life of one usage contract in a browser, by two organisations and by clicks alone: an offer for one buyer, a
redlined clause, two members who sign, the money, the data, a renewal that is worse, the end, the deletion, and the case
file that a stranger verifies offline."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation
from django.utils.translation import pgettext
from playwright.sync_api import Page, expect

from compliance.log.sealing import seal_batch
from compliance.log.signer import Signer
from contracts import warnings
from contracts.entitlements import entitlements
from contracts.models import Agreement, DeletionStatement, Entitlement, Negotiation
from exchange.kernel import signing
from exchange.kernel.actors import Actor
from tests import dataset_makers, makers
from tests.browser.axe import look_at, no_sideways_scrolling, no_violations, scriptless
from tests.browser.conftest import PageAt
from tests.browser.test_whole_job import Reader, folders  # noqa: F401 (fixtures)

ROOT = Path(__file__).resolve().parents[2]
WORD = "Our five desks read it side by side."


@dataclass
class Cast:
    """Who works at the contract, each at an own browser, and the worker that reacts."""

    seller: Reader
    manager: Reader
    colleague: Reader
    react: Callable[..., Any]


@pytest.mark.parametrize(
    ("width", "language", "javascript"),
    [(1440, "en", True), pytest.param(390, "fr", False, marks=pytest.mark.slow)],
)
def test_a_contract_from_the_offer_for_one_buyer_to_the_verified_case_file(
    folders: None,  # noqa: F811
    page_at: PageAt,
    own_database: None,
    seller: Actor,
    buyer: Actor,
    now: Any,
    react: Callable[..., Any],
    tmp_path: Path,
    width: int,
    language: str,
    javascript: bool,
) -> None:
    dataset_makers.published(seller)

    def at_work(actor: Actor, role: str) -> Reader:
        member = makers.member(makers.participant_of(actor), role, now)
        return Reader(page_at(width, language, javascript=javascript, member=member), language, javascript)

    people = at_work(seller, "trader"), at_work(buyer, "manager"), at_work(buyer, "trader")
    cast = Cast(*people, lambda: react(timezone.now()))
    ask_for_two_signatures(cast.manager)
    offer_to_one_buyer(cast.seller)
    cast.react()
    ask_and_redline(cast.manager)
    cast.react()
    agree(cast.seller)
    cast.react()
    sign_twice_and_pay(cast)
    download(cast.colleague)
    offer_less(cast.seller)
    be_refused_a_worse_renewal(cast.manager)
    end_and_delete(cast)
    cast.react()
    file = keep_the_case_file(cast.seller, tmp_path)
    verify_offline(file, tmp_path)


def ask_for_two_signatures(reader: Reader) -> None:
    """The manager has two members sign from now on."""
    page = reader.page
    page.goto("/")
    page.locator("details.menu > summary").click()
    reader.link("Organisation").click()
    reader.link("Members").click()
    reader.press("Have two members sign")
    expect(page.get_by_role("button", name=reader.words("Let one member sign"))).to_be_visible()
    glance_at(page)


def offer_to_one_buyer(reader: Reader) -> None:
    """From a template: for one organisation, signed in advance, until a day."""
    page = reader.page
    page.goto("/sell")
    page.get_by_role("link", name="Cities of France").first.click()
    page.locator("main").get_by_role("link", name=reader.words("Offers")).last.click()
    reader.link("Write an offer").click()
    glance_at(page)
    page.locator("a[href$='start=internal_use']").click()
    page.locator("#id_copies").fill("3")
    price(reader, "480.50")
    choose(reader, "audience", "named")
    page.locator("#id_named").select_option(label="Buyer GmbH")
    choose(reader, "sale", "signed")
    page.locator("#id_last_day").fill(f"{timezone.now() + timedelta(days=20):%Y-%m-%d}")
    publish(reader)
    glance_at(page)


def ask_and_redline(reader: Reader) -> None:
    """Told of the offer, the buyer asks for it, and for one clause to be another."""
    page = reader.page
    open_newest(reader)
    glance_at(page)
    page.locator("input[name=purpose]").first.check()
    reader.field("What you will do with it").fill("Compare the cities in our own team.")
    page.locator("main form button.main").click()
    page.wait_for_url("**/negotiations/*")
    reader.link("Ask for other terms").click()
    page.locator("details.clause:has(#id_copies-max) > summary").click()
    page.locator("#id_copies-max").fill("5")
    reader.field("A word to the other side").fill(WORD)
    if reader.javascript:
        expect(page.locator("#difference ins").first).to_have_text("5")
    look_at(page, "life-redline")
    reader.press("Send to the seller")
    page.wait_for_url("**/negotiations/*")
    expect(page.locator(".notice.ok")).to_be_visible()


def agree(reader: Reader) -> None:
    """The seller sees what differs, and why, and signs it."""
    page = reader.page
    open_newest(reader)
    changed = page.locator("section[aria-labelledby=df]")
    expect(changed.locator("del")).to_have_text("3")
    expect(changed.locator("ins")).to_have_text("5")
    expect(changed.get_by_text(WORD)).to_be_visible()
    look_at(page, "life-difference")
    reader.press("Approve and sign")
    expect(page.locator(".notice.ok")).to_be_visible()


def sign_twice_and_pay(cast: Cast) -> None:
    """One member's signature is half of it; the other one's binds, and leads to the payment."""
    first, second = cast.manager, cast.colleague
    open_newest(first)
    sign(first)
    first.sees("Half signed")
    expect(first.page.locator("#id_has_read")).to_have_count(0)
    look_at(first.page, "life-half-signed")
    assert not Agreement.objects.exists()
    cast.react()
    open_newest(second)
    glance_at(second.page)
    sign(second)
    page = second.page
    page.wait_for_url("**/charges/*")
    page.locator("main form button.main").click()
    second.sees("Your payment is on its way")
    cast.react()
    second.look_again()
    page.wait_for_url("**/sales/*")
    glance_at(page)


def download(reader: Reader) -> None:
    page = reader.page
    reader.link("Files and downloads").click()
    page.wait_for_url("**/my-data/*")
    with page.expect_download() as started:
        page.locator("[id^=take-]").click()
    assert Path(started.value.path()).read_bytes() == dataset_makers.SMALL_CSV


def offer_less(reader: Reader) -> None:
    """For the time after, the seller offers fewer copies for more money."""
    page = reader.page
    page.goto("/sell/offers")
    page.locator("main table tbody a").first.click()
    reader.link("Write another like it").click()
    page.locator("#id_title").fill("Next year")
    page.locator("#id_copies").fill("1")
    price(reader, "900")
    choose(reader, "sale", "validation")
    publish(reader)


def be_refused_a_worse_renewal(reader: Reader) -> None:
    """The renewal is shown item by item, and is none while what is worse was not taken by name."""
    page = reader.page
    page.goto("/my-data")
    page.get_by_role("link", name="Cities of France").first.click()
    page.get_by_role("link", name=said(reader, "Renew", "a licence")).click()
    page.get_by_role("link", name="Next year").click()
    worse = page.locator("#renew li").filter(has_text=said(reader, "Worse for you", "terms"))
    expect(worse).to_have_count(2)
    look_at(page, "life-renewal")
    page.locator("#id_has_read").check()
    page.locator("#renew button.main").click()
    reader.sees("Nothing was done")
    look_at(page, "life-renewal-refused")
    assert Negotiation.objects.count() == 1 and Agreement.objects.count() == 1
    reader.link("Leave it").click()
    page.wait_for_url("**/my-data/*")


def end_and_delete(cast: Cast) -> None:
    """The term ends; told to delete, the buyer signs the statement."""
    right, page = Entitlement.objects.get(), cast.colleague.page
    assert right.ends_at is not None
    entitlements.expire_due(now=right.ends_at)
    warnings.warn_of_deletions(now=right.ends_at + timedelta(days=17))
    open_newest(cast.colleague)
    look_at(page, "life-delete")
    cast.colleague.press("Sign the statement")
    expect(page.locator(".error")).to_be_visible()
    page.locator("#id_has_deleted").check()
    cast.colleague.press("Sign the statement")
    expect(page.locator(".notice.ok")).to_be_visible()
    look_at(page, "life-deleted")
    assert DeletionStatement.objects.get().entitlement_id == right.pk


def keep_the_case_file(reader: Reader, folder: Path) -> Path:
    """The seller is told of the deletion, and takes everything about the sale in one file."""
    page = reader.page
    open_newest(reader)
    reader.sees("Asked for other terms")
    look_at(page, "life-sale-over")
    page.locator(f"a[href='/sales/{Agreement.objects.get().pk}/contract']").click()
    glance_at(page)
    page.go_back()
    seal_batch(timezone.now())
    Signer.from_settings().run_once(timezone.now())
    with page.expect_download() as started:
        page.locator("a[href$='/case-file']").click()
    file = folder / "case.zip"
    started.value.save_as(file)
    return file


def verify_offline(file: Path, folder: Path) -> None:
    """What a stranger runs proves it, and finds one byte that was altered."""
    [vkey] = (folder / "log").glob("*/vkey")
    keys = signing.public_keys()["keys"]
    seal = next(f"{key['kid']}:{key['x']}" for key in keys if key["comptoir_purpose"] == "agreement")

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "compliance.verifier", "case", str(file)]
        command += ["--vkey", vkey.read_text().strip(), "--seal-key", seal]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 deletion statements" in done.stdout
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    done = run()
    assert done.returncode != 0 and "Traceback" not in done.stderr, done.stdout + done.stderr


def glance_at(page: Page) -> None:
    """What other tests look at from all sides."""
    no_sideways_scrolling(page)
    if page not in scriptless:
        no_violations(page)


def open_newest(reader: Reader) -> None:
    """Follow the bell to what happened last."""
    page = reader.page
    if page.url == "about:blank":
        page.goto("/")
    else:
        page.reload()
    page.locator(".bell").click()
    page.locator(".news li.new a").first.click()


def sign(reader: Reader) -> None:
    reader.page.locator("#id_has_read").check()
    reader.page.locator("aside form button.main").click()


def publish(reader: Reader) -> None:
    page = reader.page
    if reader.javascript:
        page.wait_for_load_state("networkidle")
    reader.press("Keep it as a draft")
    reader.link("Go on to publishing").click()
    reader.press("Publish the offer")
    reader.sees("The offer is on the market.")


def price(reader: Reader, amount: str) -> None:
    choose(reader, "price", "paid")
    reader.page.locator("#id_amount").fill(amount)


def choose(reader: Reader, field: str, answer: str) -> None:
    reader.page.locator(f"input[name={field}][value={answer}]").check()


def said(reader: Reader, english: str, context: str) -> str:
    """What a page says in the reader's language, where the English needs to be told apart."""
    with translation.override(reader.language):
        return pgettext(context, english)
