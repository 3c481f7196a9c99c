"""The whole job in a browser, as each role does it on its own pages: from the catalogue to the data, the money, the
proof and the revocation; on a desktop and a phone, in both languages, with and without scripts."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import Locator, Page, expect

from compliance.follower import follow
from compliance.log.sealing import seal_batch
from compliance.log.signer import Signer
from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from exchange.participants.models import Participant
from tests import dataset_makers, makers, sales
from tests.browser.conftest import PATIENCE_MILLISECONDS, PageAt

CITIES = b"city,population\n" + b"".join(b"City %d,%d\n" % (n, 1_000 + n) for n in range(4_000))
TERMS = [*sales.TERMS, {"kind": "attribution", "text": "Source: Seller SA"}]
REASON = "The bill of another sale was never paid."


@dataclass
class Reader:
    """One person at a browser of this width, in this language, with or without scripts."""

    page: Page
    language: str
    javascript: bool

    def words(self, english: str) -> str:
        """What a page says in the reader's language."""
        with translation.override(self.language):
            return gettext(english)

    def link(self, english: str) -> Locator:
        return self.page.get_by_role("link", name=self.words(english)).first

    def press(self, english: str) -> None:
        self.page.get_by_role("button", name=self.words(english)).first.click()

    def sees(self, english: str) -> None:
        expect(self.page.get_by_text(self.words(english)).first).to_be_visible()

    def field(self, english: str) -> Locator:
        return self.page.get_by_label(self.words(english))

    def look_again(self) -> None:
        """Without scripts a page waits for its reader; with scripts it goes on by itself."""
        if not self.javascript:
            self.link("Look again").click()

    def waits_for(self, locator: Locator) -> None:
        """What comes in its own time: on a page with scripts by itself, on one without by looking again."""
        until = time.monotonic() + PATIENCE_MILLISECONDS / 1_000
        while not self.javascript and not locator.count():
            assert time.monotonic() < until, f"{locator} did not come"
            self.page.wait_for_timeout(200)
            self.look_again()
        expect(locator).to_be_visible()


@dataclass
class Job:
    """The job so far: who works at it, and where its pages are."""

    open: Callable[..., Reader]
    react: Callable[..., Any]
    seller: Actor
    buyer: Actor
    now: datetime
    places: dict[str, str] = field(default_factory=dict)

    def person(self, actor: Actor, role: str = "trader", email: str = "") -> Any:
        return makers.member(makers.participant_of(actor), role, self.now, email)


@pytest.fixture
def folders(settings: Any, tmp_path: Path) -> None:
    """Storage and log of this test alone."""
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"


@pytest.mark.parametrize(
    ("width", "language", "javascript"),
    [
        (1440, "en", True),
        (390, "fr", False),
        pytest.param(1440, "fr", False, marks=pytest.mark.slow),
        pytest.param(390, "en", True, marks=pytest.mark.slow),
    ],
)
def test_the_whole_job(
    folders: None,
    page_at: PageAt,
    own_database: None,
    seller: Actor,
    buyer: Actor,
    now: datetime,
    react: Callable[..., Any],
    width: int,
    language: str,
    javascript: bool,
) -> None:
    def at_work(**who: Any) -> Reader:
        return Reader(page_at(width, language, javascript=javascript, **who), language, javascript)

    job = Job(at_work, react, seller, buyer, now)
    dataset = dataset_makers.published(seller, {"cities.csv": CITIES})
    sales.offer(dataset, seller, plan=dict(sales.PAID), terms=TERMS)
    react()
    selling = at_work(member=job.person(seller))
    buying = find_and_ask(job)
    approve(job, selling)
    sign_and_pay(job, buying)
    download(job, buying)
    release(job, buying)
    prove(job, {"buyer": buying, "seller": selling})
    revoke(job, selling, buying)
    verify_who_waits(job)


def find_and_ask(job: Job) -> Reader:
    """A visitor finds the data, signs in on the way, and asks for a licence."""
    job.person(job.buyer, email="buyer@example.org")
    reader = job.open()
    page = reader.page
    page.goto("/")
    page.locator("input[type=search]").first.fill("cities")
    page.locator("input[type=search]").first.press("Enter")
    page.get_by_role("link", name="Cities of France").click()
    expect(page.locator("h1")).to_have_text("Cities of France")
    reader.link("Request this licence").click()
    page.locator("#id_login").fill("buyer@example.org")
    page.locator("#id_password").fill(makers.PASSWORD)
    reader.press("Sign in with the password")
    reader.page.wait_for_url("**/offers/*/request")
    page.locator("input[name=purpose][value=research]").check()
    reader.field("What you will do with it").fill("Compare the cities in our own research team.")
    reader.press("Send the request to the seller")
    page.wait_for_url("**/negotiations/*")
    reader.sees("The seller reads your request and approves or refuses it. Nothing binds you yet.")
    job.places["talk"] = page.url
    job.react()
    return reader


def approve(job: Job, reader: Reader) -> None:
    """The seller is told, finds the request in the inbox, and signs."""
    page = reader.page
    page.goto("/sell")
    page.locator(".bell").click()
    page.locator(".news li.new a").first.click()
    expect(page).to_have_url(job.places["talk"])
    page.goto("/sell/requests")
    page.get_by_role("link", name="Buyer GmbH").click()
    expect(page).to_have_url(job.places["talk"])
    reader.sees("Compare the cities in our own research team.")
    reader.press("Approve and sign")
    expect(page.locator(".notice.ok")).to_be_visible()
    job.react()


def sign_and_pay(job: Job, reader: Reader) -> None:
    """The buyer reads the contract, signs it, and pays with the demo provider."""
    page = reader.page
    page.goto("/my-data/requests")
    page.get_by_role("link", name="Cities of France").first.click()
    expect(page).to_have_url(job.places["talk"])
    page.locator("#id_has_read").check()
    page.locator("aside button.main").click()
    page.wait_for_url("**/charges/*")
    page.locator("main form button.main").click()
    reader.sees("Your payment is on its way")
    job.react()
    reader.look_again()
    page.wait_for_url("**/sales/*")
    expect(page.get_by_role("heading", name=reader.words("Your move"))).to_be_visible()
    job.places["sale"] = page.url


def download(job: Job, reader: Reader) -> None:
    """What arrives is what was sealed; the page shows how far it came, and gives the receipt."""
    page = reader.page
    reader.link("Files and downloads").click()
    page.wait_for_url("**/my-data/*")
    job.places["holding"] = page.url
    with page.expect_download() as started:
        page.locator("[id^=take-]").click()
    arrived = Path(started.value.path()).read_bytes()
    assert hashlib.sha256(arrived).digest() == hashlib.sha256(CITIES).digest()
    whole = len(CITIES)
    reader.waits_for(page.locator(f"#downloads progress[value='{whole}'][max='{whole}']"))
    seal_batch(timezone.now())
    follow()
    Signer.from_settings().run_once(timezone.now())
    with page.expect_download() as started:
        page.locator("#downloads").get_by_role("link", name=reader.words("Receipt")).click()
    receipt = json.loads(Path(started.value.path()).read_text())
    job.places["transfer"] = receipt["transfer"]


def release(job: Job, reader: Reader) -> None:
    """The buyer is content: asked once more, it releases the money."""
    page = reader.page
    page.goto(job.places["sale"])
    page.locator("aside a.main[href$='/confirm']").click()
    page.locator("main form button.main").click()
    reader.sees("You confirmed. The money goes to the seller.")
    expect(page).to_have_url(job.places["sale"])
    job.react()


def prove(job: Job, sides: dict[str, Reader]) -> None:
    """Both sides and the officer read the same page; the officer sees the proof drawn."""
    officer = makers.member(makers.operators_organisation(job.now), "officer", job.now)
    desk = job.open(member=officer, second_factor=True)
    fingerprints = set()
    for reader in (*sides.values(), desk):
        reader.page.goto(job.places["sale"])
        fingerprints.add(reader.page.locator("dd.hash").first.inner_text())
        expect(reader.page.locator("#downloads tbody tr")).to_have_count(1)
    assert len(fingerprints) == 1
    desk.sees("You see what both sides see. This look was recorded.")
    desk.page.goto("/compliance/transfers")
    desk.page.locator("tbody a").first.click()
    expect(desk.page).to_have_url(
        f"{desk.page.url.partition('/compliance')[0]}/compliance/transfers/{job.places['transfer']}"
    )
    expect(desk.page.locator("figure.fig svg:visible").first).to_be_visible()
    desk.sees("Why it was allowed")


def revoke(job: Job, selling: Reader, buying: Reader) -> None:
    """The seller takes the access back; the buyer, whose page is old, reads why nothing comes any more."""
    buying.page.goto(job.places["holding"])
    page = selling.page
    page.goto(job.places["sale"])
    selling.link("Revoke the access").click()
    selling.press("Revoke the access")
    selling.sees("Fill this in.")
    selling.field("Reason").fill(REASON)
    selling.press("Revoke the access")
    selling.sees("The access is revoked for good.")
    assert Entitlement.objects.get().state == Entitlement.State.REVOKED
    buying.page.locator("[id^=take-]").click()
    buying.sees("No download was started")
    buying.sees("The access was revoked")
    expect(buying.page.get_by_text(REASON)).to_be_visible()
    expect(buying.page.locator("[id^=take-]")).to_have_count(0)


def verify_who_waits(job: Job) -> None:
    """The operator notes what it saw of an organisation that has applied, and lets it trade."""
    waiting = makers.applicant("New Harbour AB", "SE", job.now)
    operator = makers.member(makers.operators_organisation(job.now), "operator", job.now)
    reader = job.open(member=operator, second_factor=True)
    page = reader.page
    page.goto("/operate/participants")
    page.get_by_role("link", name="New Harbour AB").first.click()
    reader.page.locator(f"a[href$='{waiting.pk}/verify']").first.click()
    reader.press("Verify it and let it trade")
    reader.sees("Fill this in.")
    reader.field("Evidence").fill("Extract of the Swedish register, read today.")
    reader.press("Verify it and let it trade")
    reader.sees("Verified. It may sell and buy from now on.")
    waiting.refresh_from_db()
    assert waiting.state == Participant.State.VERIFIED
