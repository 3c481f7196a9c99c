"""The check that runs in the reader's browser: good files are proven, and of files that somebody changed on the way the
step that fails is named. Nothing of it asks the exchange whether it is right."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from compliance.verifier.notes import VerifierKey
from tests import makers
from tests.browser.conftest import PageAt
from tests.compliance.conftest import PublicLog, Story

BUTTON = "Check in this browser"


@pytest.fixture
def held(exchange: str, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """A log of some hundred leaves, so that its tiles have two levels, and a transfer in the midst of it."""
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    now = timezone.now()
    officer = makers.officer(now)
    seller, buyer = makers.participant("Seller SA", "FR", now), makers.participant("Buyer GmbH", "DE", now)
    log = PublicLog(tmp_path / "log", tmp_path / "signer")
    stories = [Story(seller.pk, buyer.pk, at=now).whole() for _ in range(200)]
    log.publish(now)
    return {
        "log": log,
        "now": now,
        "story": stories[100],
        "officer": makers.member(makers.participant_of(officer), "officer", now),
        "buyer": makers.member(buyer, "viewer", now),
        "outsider": makers.member(makers.participant("Outsider Srl", "IT", now), "viewer", now),
    }


@pytest.fixture
def buyers(page_at: PageAt, held: dict[str, Any]) -> Page:
    """The buyer, before the proof of their transfer."""
    page = page_at(member=held["buyer"])
    page.goto(f"/proofs/transfer/{held['story'].row.pk}")
    return page


def check(page: Page, **states: str) -> None:
    """Press the button and wait until every step named stands as it should."""
    page.get_by_role("button", name=BUTTON).click()
    for step, state in states.items():
        part = page.locator("[data-verdict]" if step == "verdict" else f'[data-step="{step}"]')
        expect(part).to_have_attribute("data-state", state)
        expect(part.locator(f'[data-when~="{state}"]:visible').last).not_to_be_empty()


def changed(page: Page, pattern: str, change: Callable[[bytes], bytes]) -> None:
    """Let somebody on the way change what the exchange answers."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=change(response.body()))

    page.route(pattern, answer)


def flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def test_a_party_proves_their_transfer_and_sees_next_time_that_the_log_only_grew(
    buyers: Page, held: dict[str, Any]
) -> None:
    check(buyers, key="first", head="ok", tiles="ok", leaf="ok", growth="first", verdict="good")
    Story(held["story"].seller_id, held["story"].buyer_id, at=held["now"]).whole()
    held["log"].publish(held["now"])
    buyers.reload()
    check(buyers, key="known", head="ok", tiles="ok", leaf="ok", growth="ok", verdict="good")
    buyers.get_by_label("The log’s key").fill(held["log"].vkey(held["now"].year))
    check(buyers, key="pinned", verdict="good")


def test_an_officer_proves_every_leaf_of_a_transfer(page_at: PageAt, held: dict[str, Any]) -> None:
    page = page_at(390, "fr", "dark", member=held["officer"], second_factor=True)
    page.goto(f"/compliance/transfers/{held['story'].row.pk}")
    page.locator("a[href^='?leaf=']").first.click()
    page.locator("[data-run]").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-state", "good")


def test_of_changed_files_the_step_that_fails_is_named(buyers: Page, held: dict[str, Any]) -> None:
    check(buyers, verdict="good")
    place = int(buyers.locator("[data-verify]").get_attribute("data-place") or "")
    own, beside = f"**/tile/0/00{place // 256}*", f"**/tile/0/00{1 - place // 256}*"
    for pattern, change, states in (
        (f"{own}*", flipped, {"head": "ok", "tiles": "broken", "leaf": "skipped"}),
        (f"{beside}*", flipped, {"tiles": "broken"}),
        (f"{own}*", lambda data: data[:-1], {"tiles": "misshapen"}),
        ("**/checkpoint", lambda data: data.replace(b"\n4", b"\n3", 1), {"key": "known", "head": "forged"}),
        ("**/checkpoint", lambda data: b"", {"head": "unreadable", "tiles": "skipped"}),
        ("**/vkey", lambda data: b"nothing", {"key": "unreadable", "head": "skipped"}),
        ("**/vkey", lambda data: another_key(data), {"key": "other"}),
    ):
        changed(buyers, pattern, change)
        check(buyers, **states, verdict="failed")
        buyers.unroute(pattern)
    buyers.route("**/checkpoint", lambda route: route.fulfill(status=404))
    check(buyers, head="missing", verdict="cut")
    buyers.unroute("**/checkpoint")
    check(buyers, verdict="good")


def test_a_leaf_that_the_page_shows_otherwise_than_the_log_holds_it_is_found(buyers: Page) -> None:
    changed(
        buyers, "**/proofs/transfer/*", lambda page: page.replace(b"transfer.completed", b"transfer.aborted")
    )
    buyers.reload()
    check(buyers, head="ok", tiles="ok", leaf="changed", growth="skipped", verdict="failed")


def test_a_log_that_lost_or_changed_what_this_browser_saw_is_found(buyers: Page, held: dict[str, Any]) -> None:
    check(buyers, verdict="good")
    origin = buyers.locator("[data-verify]").get_attribute("data-origin")
    for size, state in ((5, "rewritten"), (10**6, "shrunk")):
        kept = json.dumps({"size": size, "root": "00" * 32, "at": 0})
        buyers.evaluate("([name, kept]) => localStorage.setItem(name, kept)", [f"comptoir-log {origin}", kept])
        check(buyers, leaf="ok", growth=state, verdict="failed")


def test_a_reader_who_brings_the_key_is_not_taken_in_by_another(buyers: Page, held: dict[str, Any]) -> None:
    own = another_key(held["log"].vkey(held["now"].year).encode()).decode()
    buyers.get_by_label("The log’s key").fill(own)
    check(buyers, key="other", head="skipped", verdict="failed")
    buyers.get_by_label("The log’s key").fill("not a key")
    check(buyers, key="mistyped", verdict="failed")


def test_a_browser_without_ed25519_says_what_it_could_not_check(page_at: PageAt, held: dict[str, Any]) -> None:
    page = page_at(member=held["buyer"])
    page.add_init_script("crypto.subtle.importKey = () => Promise.reject(new Error('unknown'));")
    page.goto(f"/proofs/transfer/{held['story'].row.pk}")
    check(page, head="unsure", tiles="ok", leaf="ok", verdict="unsure")


def test_without_a_script_the_page_says_how_to_check(page_at: PageAt, held: dict[str, Any]) -> None:
    page = page_at(390, javascript=False, member=held["buyer"])
    page.goto(f"/proofs/transfer/{held['story'].row.pk}")
    expect(page.get_by_text("comptoir-verify receipt receipt.json")).to_be_visible()
    expect(page.get_by_role("button", name=BUTTON)).to_be_hidden()


def another_key(shown: bytes) -> bytes:
    """A sound key of the same name, of somebody else."""
    public = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    name = shown.decode().split("+")[0]
    assert base64.b64encode(public) not in shown
    return str(VerifierKey(name, public)).encode()
