"""A person asks for erasure, to the end: the seller finds the person and issues a corrected revision; three recipients
(one complete, one partial, one whose licence ended) are told; two answer, one is chased and suspended; and an authority
checks all of it offline, in a minute, with the verifier alone."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from compliance.bundles import bundles
from compliance.log.sealing import seal_batch
from compliance.log.signer import Signer
from compliance.models import Bundle, NoticeRow
from compliance.notices import chasing, opening, sending
from compliance.requests import letters
from contracts.entitlements import entitlements
from contracts.models import Entitlement
from contracts.transfers import transfers
from datasets import datasets
from datasets.revisions import revisions
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at
from tests.browser.conftest import PageAt

ROOT = Path(__file__).resolve().parents[2]
READERS = b"email,since\n" + b"".join(b"reader%d@person.example,2021\n" % n for n in range(40))


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    settings.EXCHANGE_PERSONS_DIR, settings.EXCHANGE_EXPORTS_DIR = tmp_path / "persons", tmp_path / "exports"
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"


@pytest.fixture
def catch_up(react: Callable[..., int]) -> Callable[..., None]:
    """All that the exchange's processes do in a while: the log is sealed, signed and followed, reactions run,
    recipients and the person are told."""

    def run(at: Any = None) -> None:
        from compliance.follower import follow

        moment = at or timezone.now()
        for _ in range(2):
            react(moment)
            while seal_batch(moment):
                pass
            Signer.from_settings().run_once(moment)
            while follow():
                pass
            while opening.fill(now=moment):
                pass
            sending.send_due(now=moment)
        letters.send_due(now=moment)

    return run


def bought(seller: Any, name: str, dataset: Any, days: int, sent: float) -> Entitlement:
    """A right of an organisation in Germany, under which so much of the file was taken."""
    buyer = makers.trader(name, "DE", seller.at)
    terms = [*(one for one in sales.TERMS if one["kind"] != "duration"), {"kind": "duration", "days": days}]
    right = sales.sold(sales.offer(dataset, seller, terms=terms), buyer, seller)
    started = sales.start(sales.link(right, buyer), buyer.at).transfer_id
    assert started is not None
    size = sales.asset_of(right).size_bytes or 0
    transfers.progress(started, [(0, int(size * sent))], now=buyer.at)
    if sent < 1:
        transfers.stop(started, "client_gone", now=buyer.at)
    return right


def act(page: Page, name: str, **typed: str) -> None:
    """Open the page of an act from the request's, fill its form, and do it."""
    page.locator(f"aside a[href$='/do/{name}']").click()
    for field, value in typed.items():
        if page.locator(f"[name={field}]").first.get_attribute("type") == "radio":
            page.check(f"[name={field}][value={value}]")
        else:
            page.fill(f"[name={field}]", value)
    page.locator("main form .btn.main").click()
    expect(page.locator(".notice.ok")).to_be_visible()


def ask_for_erasure(page: Page) -> str:
    """The person's own part: the form, the mail, the link in it; answers where the request is followed."""
    page.goto("/privacy/request")
    page.check("[name=kind][value=erasure]")
    page.fill("[name=name]", "Jane Roe")
    page.fill("[name=email]", "reader7@person.example")
    page.fill("[name=words]", "Take me off the list of readers, and tell me who has it.")
    page.locator("main form .btn.main").click()
    expect(page).to_have_url(re.compile("/privacy/request/sent$"))
    letters.send_due(now=timezone.now())
    link = "/privacy/request/" + str(mail.outbox[-1].body).partition("/privacy/request/")[2].split()[0]
    page.goto(link)
    page.locator("main .btn.main").click()
    expect(page.locator(".notice.ok")).to_be_visible()
    return link


def answer_notice(page: Page, action: str) -> None:
    """A recipient opens what it has to answer, and says what it did."""
    page.goto("/my-data/notices")
    page.locator("tbody th a").click()
    look_at(page, "erasure-notice")
    page.check(f"[name=action][value={action}]")
    page.fill("[name=copies]", "2")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("Recorded. The seller and the officers of the exchange see it.")).to_be_visible()


def check_offline(taken: Path, key: str, folder: Path) -> str:
    """What the verifier says in an environment that has it, its one library, and nothing of the exchange, within the
    minute that an authority is promised."""
    shutil.copytree(ROOT / "compliance" / "verifier", folder / "compliance" / "verifier")
    (folder / "compliance" / "__init__.py").touch()
    command = [sys.executable, "-m", "compliance.verifier", "bundle", str(taken), "--vkey", key]
    done = subprocess.run(command, cwd=folder, env={"PATH": ""}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Sold:
    """The dataset, its first revision, and the rights of those who took it: whole, in part, and one that is over."""

    dataset: Any
    first: Any
    whole: Entitlement
    part: Entitlement
    over: Entitlement


def sold_to_three(seller: Any, now: Any) -> Sold:
    dataset = dataset_makers.draft(seller, title="Readers of a letter")
    datasets.declare(dataset, **dataset_makers.PERSONAL, by=seller)
    first = dataset_makers.measured(dataset, seller, {"readers.csv": READERS})
    datasets.publish(dataset, seller)
    whole = bought(seller, "Lanterne Mutual", dataset, 365, 1.0)
    part = bought(seller, "Halyard Risk", dataset, 365, 0.5)
    over = bought(seller, "Quai Research", dataset, 1, 1.0)
    assert entitlements.expire_due(now=now + timedelta(days=2)) == 1
    over.refresh_from_db()
    assert over.state == "expired"
    return Sold(dataset, first, whole, part, over)


def find_and_correct(desk: Page, selling: Page, sold: Sold, seller: Any) -> None:
    """The officer has the seller search, and tells recipients; the seller seals a revision without the person."""
    desk.goto("/compliance/requests")
    desk.locator("tbody th a").click()
    act(desk, "identify", method="address")
    act(desk, "start")
    act(desk, "ask", told="reader7@person.example")
    selling.goto("/sell/persons")
    selling.locator("tbody th a").click()
    selling.check(f"[name='r-{sold.first.pk}'][value=yes]")
    selling.locator("section[aria-labelledby=hand] .btn").click()
    expect(selling.locator(".notice.ok")).to_be_visible()
    desk.reload()
    act(desk, "tell", message="Delete the row of reader 7 in every copy. Revision 2 is without it.")
    corrected = revisions.open_revision(sold.dataset, seller)
    without = READERS.replace(b"reader7@person.example,2021\n", b"")
    dataset_makers.upload(corrected, seller, "readers.csv", without)
    revisions.seal(corrected, seller)


def answer_too_early(desk: Page) -> None:
    """It cannot be closed while one has not answered."""
    desk.reload()
    expect(desk.get_by_text("not all have answered")).to_be_visible()
    desk.locator("aside a[href$='/do/reply']").click()
    desk.fill("[name=words]", "Your row is deleted everywhere.")
    desk.locator("main form .btn.main").click()
    look_at(desk, "erasure-not-yet")
    expect(desk).to_have_url(re.compile("/do/reply$"))
    expect(desk.locator("main .notice.stop, main .error").first).to_be_visible()


def gathered(desk: Page) -> Path:
    """The evidence of the dataset, as the officer takes it for the authority."""
    desk.goto("/compliance/evidence")
    desk.fill("[name=dataset]", "Readers of a letter")
    desk.fill("[name=addressee]", "CNIL")
    desk.fill("[name=reason]", "The authority asks how the erasure was carried out.")
    desk.get_by_role("button", name="Gather the evidence").click()
    bundles.make(Bundle.objects.get().pk, now=timezone.now())
    desk.reload()
    with desk.expect_download() as taken:
        desk.get_by_role("link", name="Take it").click()
    return taken.value.path()


def test_an_erasure_reaches_every_recipient_and_an_authority_can_check_it(
    page_at: PageAt, catch_up: Callable[..., None], tmp_path: Path
) -> None:
    now = timezone.now()
    seller = makers.trader("Cartouche Mobility Lab", "FR", now)
    officer = makers.member(makers.operators_organisation(now), "officer", now)
    sold = sold_to_three(seller, now)
    whole, part, over = (
        makers.member(row.buyer, "manager", now, email=f"{word}@buyer.example")
        for word, row in (("whole", sold.whole), ("part", sold.part), ("over", sold.over))
    )
    catch_up()

    person = page_at(390, javascript=False)
    link = ask_for_erasure(person)
    desk = page_at(1440, member=officer, second_factor=True)
    trader = makers.member(makers.participant_of(seller), "trader", now)
    find_and_correct(desk, page_at(1440, member=trader), sold, seller)
    catch_up()
    rows = {row.buyer_id: row for row in NoticeRow.objects.all()}
    assert {one: row.is_whole for one, row in rows.items()} == {
        sold.whole.buyer_id: True,
        sold.part.buyer_id: False,
        sold.over.buyer_id: True,
    }
    for member in (whole, over):
        answer_notice(page_at(390, member=member), "deleted")
    answer_too_early(desk)

    silent = rows[sold.part.buyer_id]
    for days in (9, 17, 25):
        chasing.chase(now=now + timedelta(days=days))
        catch_up()
    silent.refresh_from_db()
    sold.part.refresh_from_db()
    assert silent.escalated_at is not None and sold.part.state == "suspended"
    desk.goto(f"/compliance/notices/{silent.notice_id}")
    look_at(desk, "erasure-notices")
    late = page_at(1440, member=part)
    late.goto("/my-data/notices")
    expect(late.get_by_text("Your rights are suspended")).to_be_visible()
    answer_notice(late, "deleted")
    catch_up()
    sold.part.refresh_from_db()
    assert sold.part.state == "active"

    desk.goto("/compliance/requests")
    desk.locator("tbody th a").click()
    act(desk, "reply", words="Your row is deleted: the three recipients have said so, each in the log.")
    look_at(desk, "erasure-request")
    catch_up()
    person.goto(link)
    look_at(person, "erasure-answered")

    key = (tmp_path / "log" / str(now.year) / "vkey").read_text().strip()
    said = check_offline(gathered(desk), key, tmp_path / "elsewhere")
    assert f"evidence about dataset {sold.dataset.pk}" in said and "3 contracts are those" in said
