"""The operator in a browser: every page at both widths, in both languages, light and dark, and an operator who
verifies, suspends and restores without a script."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.compliance.conftest import PublicLog

EVIDENCE = "Extract of the trade register of 21 November 2026, shown on screen."


@pytest.fixture
def house(exchange: str, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """An exchange with organisations in each state, a reaction that fails, and a signed log."""
    from datasets import datasets
    from exchange.kernel import pulses
    from exchange.kernel.models import Delivery
    from exchange.participants.members import members

    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    settings.EXCHANGE_STORAGE_DIR = tmp_path / "assets"
    now = timezone.now()
    operator = makers.operator(now)
    before = now - timedelta(days=12)
    seller = makers.participant("Cartouche Mobility Lab", "FR", before)
    waiting = members.apply(
        makers.user("direction@lanterne.example"),
        name="Lanterne Mutual",
        country="BE",
        registration_number="BE 0417 497 106",
        website="https://lanterne.example",
        by=makers.system(now - timedelta(days=3)),
    )
    makers.applicant("Polar Station Institute", "NO", now - timedelta(days=1))
    suspended = makers.participant("Ostrava Re", "CZ", before)
    members.suspend(suspended, reason="The entry in the register has lapsed.", by=operator)
    closed = makers.participant("Sertão Retail", "BR", before)
    members.close(closed, reason="It asked to leave the exchange.", by=operator)
    for number in range(20):
        makers.applicant(f"Institut des Retards {number}", "FR", now)
    trader = makers.client(seller, now)
    datasets.create(title="Arrivals", summary="Trains", theme="TRAN", language="en", by=trader)
    Delivery.objects.filter(done_at=None).update(attempts=4, due_at=now + timedelta(minutes=40))
    for name in (pulses.WORKER, pulses.SEQUENCER, pulses.MESSENGER):
        pulses.beat(name, now)
    pulses.beat(pulses.SIGNER, now - timedelta(minutes=7))
    PublicLog(tmp_path / "log", tmp_path / "signer").publish(now)
    house = makers.participant_of(operator)
    makers.member(house, "officer", now, email="officer@house.example")
    person = makers.member(house, "operator", now, email="operator@house.example")
    return {"member": person, "waiting": waiting, "seller": seller, "suspended": suspended}


@readers
def test_every_page_of_the_operator(
    page_at: PageAt, house: dict[str, Any], width: int, language: str, theme: str
) -> None:
    page = page_at(width, language, theme, member=house["member"], second_factor=True)
    one = {name: f"/operate/participants/{house[name].pk}" for name in ("waiting", "seller", "suspended")}
    for name, path in (
        ("operate-participants", "/operate/participants"),
        ("operate-participants-none", "/operate/participants?name=nobody"),
        ("operate-participant-waiting", one["waiting"]),
        ("operate-participant-suspended", one["suspended"]),
        ("operate-verify", f"{one['waiting']}/verify"),
        ("operate-amend", f"{one['seller']}/verify"),
        ("operate-suspend", f"{one['seller']}/suspend"),
        ("operate-restore", f"{one['suspended']}/restore"),
        ("operate-refuse", f"{one['waiting']}/close"),
        ("operate-close", f"{one['seller']}/close"),
        ("operate-members", "/operate/members"),
        ("operate-members-none", "/operate/members?words=nobody"),
        ("operate-system", "/operate/system"),
        ("operate-settings", "/operate/settings"),
    ):
        page.goto(path)
        look_at(page, name)
    page.goto(f"{one['waiting']}/verify")
    page.locator("main form button").click()
    look_at(page, "operate-verify-wrong")


def test_an_operator_works_without_a_script(page_at: PageAt, house: dict[str, Any]) -> None:
    page = page_at(390, javascript=False, member=house["member"], second_factor=True)
    stale = page_at(390, javascript=False, member=house["member"], second_factor=True)
    page.goto("/operate/participants")
    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible()
    page.get_by_role("link", name="Verify Lanterne Mutual").click()
    page.wait_for_url("**/verify")
    stale.goto(page.url)
    page.get_by_role("button", name="Verify it and let it trade").click()
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    page.get_by_label("Evidence").fill(EVIDENCE)
    page.get_by_role("button", name="Verify it and let it trade").click()
    expect(page.get_by_text("Verified. It may sell and buy from now on.")).to_be_visible()
    stale.get_by_label("Evidence").fill("I looked at it, too, on the same day.")
    stale.get_by_role("button", name="Verify it and let it trade").click()
    expect(stale.get_by_text("Nothing was done")).to_be_visible()
    expect(stale.get_by_text(EVIDENCE).first).to_be_visible()
    page.get_by_role("link", name="Suspend it").click()
    page.get_by_label("Reason").fill("The entry in the register has lapsed.")
    page.get_by_role("button", name="Suspend it").click()
    expect(page.get_by_text("Suspended. Its downloads stop, and those of its data.")).to_be_visible()
    page.goto("/operate/system")
    page.get_by_role("button", name="Try again now").first.click()
    expect(page.get_by_text("It is tried again now.")).to_be_visible()
    page.goto("/operate/members")
    page.get_by_label("Organisation or e-mail").fill("officer@house")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(1)
