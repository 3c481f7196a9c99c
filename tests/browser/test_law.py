"""Destinations and law in a browser: every page at both widths, in both languages, light and dark."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from compliance.destinations import bases
from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.compliance.legal import laws


@pytest.fixture
def law(exchange: str, settings: Any) -> dict[str, Any]:
    """A register with a basis in each state, and a law that was installed."""
    settings.EXCHANGE_LEGAL_PROFILE_KEY = laws.trusted()
    now = timezone.now()
    officer = makers.officer(now)
    india, brazil = makers.trader("Banyan Analytics", "IN", now), makers.trader("Ipê Dados", "BR", now)
    seller = makers.participant("Cartouche Mobility Lab", "FR", now)
    standing = laws.confirmed(
        laws.entry(india, "IN", exporter_id=seller.pk, measures="Encrypted under keys that stay in France."),
        officer,
    )
    waiting = bases.record(laws.entry(india, "US", assessment="", assessed_on=None), by=officer)
    single = laws.derogation(brazil, "IN", seller.pk, valid_to=now.date() + timedelta(days=30))
    laws.confirmed(single, officer)
    bases.revoke(
        bases.record(laws.entry(brazil, "IN", mechanism="bcr", module=""), by=officer),
        "The group has withdrawn its rules.",
        by=officer,
    )
    laws.install(officer, laws.ended("BR"))
    member = makers.member(makers.participant_of(officer), "officer", now)
    return {"member": member, "standing": standing, "waiting": waiting}


@readers
def test_every_page_of_destinations_and_law(
    page_at: PageAt, law: dict[str, Any], width: int, language: str, theme: str
) -> None:
    page = page_at(width, language, theme, member=law["member"], second_factor=True)
    one = f"/compliance/destinations/bases/{law['standing'].pk}"
    for name, path in (
        ("law", "/compliance/destinations"),
        ("law-yes", "/compliance/destinations?country=IN&importer=Banyan"),
        ("law-no", "/compliance/destinations?country=US&personal_data=special"),
        ("law-new", "/compliance/destinations/new/scc"),
        ("law-once", "/compliance/destinations/new/derogation"),
        ("law-basis", one),
        ("law-waiting", f"/compliance/destinations/bases/{law['waiting'].pk}"),
        ("law-revoke", f"{one}/revoke"),
        ("law-profile", "/compliance/destinations/law"),
    ):
        page.goto(path)
        look_at(page, f"{name}-{width}-{language}-{theme}")


def test_an_officer_confirms_what_another_recorded_without_a_script(
    page_at: PageAt, law: dict[str, Any]
) -> None:
    page = page_at(1440, "en", "light", member=law["member"], second_factor=True)
    page.goto(f"/compliance/destinations/bases/{law['waiting'].pk}")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Transfers may rest on it from now on.")).to_be_visible()
