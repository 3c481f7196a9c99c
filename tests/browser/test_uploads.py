"""Uploads in a browser that pause, go on, outlive a reload and a lost connection, and meet in two tabs."""

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contracts.gateway.tus import Tus
from datasets.models import Asset, Revision
from datasets.revisions import arrivals, revisions
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Unavailable
from exchange.participants.models import Member
from tests import dataset_makers, makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt

PIECE = 8 * 1024 * 1024
ROW = b"Paris,2103,Ile-de-France,a city in the north of France\n"
DATA = b"city,population,region,note\n" + ROW * (7 * PIECE // 2 // len(ROW))  # three pieces and a half


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    settings.EXCHANGE_UPLOAD_DIR = tmp_path / "uploads"


@pytest.fixture
def trader(own_database: None, seller: Actor, now: datetime) -> Member:
    return makers.member(makers.participant_of(seller), "trader", now)


@pytest.fixture
def revision(seller: Actor) -> Revision:
    return revisions.open_revision(dataset_makers.draft(seller), seller)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cities.csv"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> "Callable[..., Any]":
    """`with gate(2):` takes that many pieces, and keeps the sender waiting with the next."""
    plain = Tus._go_on

    @contextmanager
    def hold(pieces: int) -> Iterator[None]:
        opened, taken = threading.Event(), 0

        async def waiting(self: Tus, *args: Any) -> None:
            import asyncio

            nonlocal taken
            taken += 1
            while taken > pieces and not opened.is_set():
                await asyncio.sleep(0.05)
            await plain(self, *args)

        monkeypatch.setattr(Tus, "_go_on", waiting)
        try:
            yield
        finally:
            opened.set()
            monkeypatch.setattr(Tus, "_go_on", plain)

    return hold


def choose(page: Page, file: Path) -> None:
    page.locator("#choose").set_input_files(file)


def wait_for_share(page: Page, percent: int) -> None:
    """Until the bar has come so far."""
    until = time.monotonic() + 120
    while page.locator("#files-list progress").evaluate("bar => bar.value") < percent:
        assert time.monotonic() < until
        page.wait_for_timeout(50)


def require_stored(page: Page) -> None:
    expect(page.get_by_text("1 of 1 file stored")).to_be_visible()
    asset = Asset.objects.get()
    assert (asset.size_bytes, asset.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())


def pieces_sent(page: Page) -> list[int]:
    """Where the pieces began that the page has sent so far, as the list goes on to be filled."""
    found: list[int] = []
    page.on(
        "request",
        lambda request: (
            found.append(int(request.headers["upload-offset"])) if request.method == "PATCH" else None
        ),
    )
    return found


@readers
def test_an_upload_pauses_is_resumed_and_outlives_a_reload(
    page_at: PageAt,
    trader: Member,
    revision: Revision,
    file: Path,
    gate: Callable[..., Any],
    width: int,
    language: str,
    theme: str,
) -> None:
    words = {
        "en": (
            "Pause",
            "Resume",
            r"Paused at [2-6]\d%\. Kept for 7 days\.",
            "Choose the same file to go on",
            "1 of 1 file",
        ),
        "fr": (
            "Mettre en pause",
            "Reprendre",
            r"En pause à [2-6]\d\s%\. Conservé 7 jours\.",
            "Choisissez le même",
            "1 fichier sur 1",
        ),
    }[language]
    pause, resume, paused, choose_again, stored = words
    page = page_at(width, language, theme, member=trader)
    page.goto(f"/sell/revisions/{revision.pk}")
    starts = pieces_sent(page)
    with gate(1):
        choose(page, file)
        wait_for_share(page, 29)
        look_at(page, "upload-running")
        button = page.get_by_role("button", name=f"{pause} cities.csv")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".files .st")).to_have_text(re.compile(paused))
        expect(page.get_by_role("button", name=f"{resume} cities.csv")).to_be_focused()
        look_at(page, "upload-paused")
    with gate(1):
        page.keyboard.press("Enter")
        wait_for_share(page, 58)
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
    expect(page.locator(".files .st")).to_contain_text(choose_again)
    look_at(page, "upload-kept")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=f"{resume} cities.csv").click()
    chooser.value.set_files(file)
    expect(page.locator("[data-live=summary]")).to_contain_text(stored)
    assert starts[0] == 0 and min(starts[1:]) >= PIECE
    asset = Asset.objects.get()
    assert (asset.size_bytes, asset.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
    assert arrivals.kept(asset.pk) is None


def test_a_lost_connection_is_tried_again_then_paused_and_goes_on(
    page_at: PageAt, trader: Member, revision: Revision, file: Path, gate: Callable[..., Any]
) -> None:
    page = page_at(member=trader)
    page.goto(f"/sell/revisions/{revision.pk}")
    starts = pieces_sent(page)
    with gate(1):
        choose(page, file)
        wait_for_share(page, 29)
        page.context.set_offline(True)
        expect(page.get_by_text("The connection was lost. Trying again.")).to_be_visible()
        expect(page.get_by_text("The connection was lost. Paused at")).to_be_visible()
        look_at(page, "upload-lost")
    page.context.set_offline(False)
    require_stored(page)
    assert starts.count(0) == 1


def test_the_exchange_stumbles_and_nobody_has_to_act(
    page_at: PageAt, trader: Member, revision: Revision, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_at(member=trader)
    page.goto(f"/sell/revisions/{revision.pk}")
    plain, failures = Tus._go_on, [1, 2]

    async def stumble(self: Tus, *args: Any) -> None:
        if failures:
            failures.pop()
            raise Unavailable("the storage does not answer", code="storage_unavailable")
        await plain(self, *args)

    monkeypatch.setattr(Tus, "_go_on", stumble)
    choose(page, file)
    require_stored(page)


def test_of_two_tabs_one_sends_and_the_other_says_so(
    page_at: PageAt, trader: Member, revision: Revision, file: Path, gate: Callable[..., Any]
) -> None:
    first = page_at(member=trader)
    first.goto(f"/sell/revisions/{revision.pk}")
    with gate(1):
        choose(first, file)
        wait_for_share(first, 29)
        second = page_at(member=trader)
        second.goto(f"/sell/revisions/{revision.pk}")
        choose(second, file)
        expect(second.get_by_text("Another tab or program is sending this file.")).to_be_visible()
        look_at(second, "upload-two-tabs")
    require_stored(first)
    expect(second.get_by_text("1 of 1 file stored")).to_be_visible()
    expect(second.get_by_role("button", name="Try again")).to_have_count(0)


def test_another_file_of_the_same_name_begins_anew(
    page_at: PageAt, trader: Member, revision: Revision, file: Path, gate: Callable[..., Any]
) -> None:
    page = page_at(member=trader)
    page.goto(f"/sell/revisions/{revision.pk}")
    with gate(1):
        choose(page, file)
        wait_for_share(page, 29)
        page.get_by_role("button", name="Pause cities.csv").click()
    other = DATA.replace(b"Paris", b"Lyons")
    file.write_bytes(other)  # as long as the other, but changed since
    os.utime(file, (1_700_000_000, 1_700_000_000))
    choose(page, file)
    expect(page.get_by_text("1 of 1 file stored")).to_be_visible()
    assert Asset.objects.get().sha256 == hashlib.sha256(other).hexdigest()


def test_a_cancelled_upload_leaves_nothing(
    page_at: PageAt, trader: Member, revision: Revision, file: Path, gate: Callable[..., Any]
) -> None:
    page = page_at(member=trader)
    page.goto(f"/sell/revisions/{revision.pk}")
    with gate(1):
        choose(page, file)
        wait_for_share(page, 29)
        with page.expect_response(lambda answer: answer.request.method == "DELETE") as answer:
            page.get_by_role("button", name="Cancel cities.csv").click()
        assert answer.value.status == 204
    expect(page.get_by_text("Cancelled. Nothing was kept.")).to_be_visible()
    assert arrivals.kept(Asset.objects.get().pk) is None
    page.get_by_role("button", name="Remove cities.csv").click()
    expect(page.get_by_text("No file yet.")).to_be_visible()
    expect(page.get_by_text("cities.csv")).to_have_count(0)
    assert not Asset.objects.exists()
