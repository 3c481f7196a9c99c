"""The officer's desk in a browser: every page at both widths, in both languages, light and dark, and an officer who
works through it without a script."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from compliance.bundles import bundles
from compliance.bundles.scopes import Scope
from compliance.models import Alarm
from compliance.work import views
from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.compliance.conftest import PublicLog, Story


@pytest.fixture
def desk(exchange: str, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """An exchange with a day of transfers, a refused attempt and a dataset that is held."""
    from compliance import gates
    from compliance.classification.classification import classify
    from compliance.exports import kept as kept_exports
    from compliance.queries import Filters
    from exchange.participants import vault

    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    settings.EXCHANGE_EXPORTS_DIR = tmp_path / "exports"
    now = timezone.now()
    officer = makers.officer(now)
    seller = makers.participant("Cartouche Mobility Lab", "FR", now)
    buyer = makers.participant("Lanterne Mutual", "BE", now)
    record_id, digest = vault.seal("system:gateway", {"address": "192.0.2.7", "agent": "curl/8"}, now)
    sealed = {"sealed": {"record": str(record_id), "sha256": digest}, "country_to": "BE"}
    stories = [
        Story(seller.pk, buyer.pk, at=now - timedelta(hours=n % 40), changed=sealed).whole() for n in range(30)
    ]
    Story(seller.pk, buyer.pk, at=now).refused("country_not_allowed")
    findings = classify(
        {"email": ["ada@example.org", "grace@example.org"] * 6, "diagnosis": ["asthma", "flu"] * 6}
    )
    subject = f"dataset:{stories[0].row.dataset_id}"
    made = gates.examine(
        subject=subject,
        version="1",
        seller_id=seller.pk,
        declared={},
        default="none",
        findings=findings,
        by=makers.system(now),
    )
    PublicLog(tmp_path / "log", tmp_path / "signer").publish(now)
    kept = kept_exports.ask(Filters(), form="parquet", by=officer)
    kept_exports.make(kept.pk, now=now)
    kept_exports.ask(Filters(country="BE", buyer=buyer.pk), form="csv", by=officer)
    _signs(stories[-1], now)
    views.keep(title="To Belgium", query="country=BE", by=officer)
    views.keep(title="Refused this month", query="result=refused", by=officer)
    _evidence(seller, buyer, officer, now)
    member = makers.member(makers.participant_of(officer), "officer", now)
    return {"member": member, "story": stories[-1], "review": made}


def _evidence(seller: Any, buyer: Any, officer: Any, now: Any) -> None:
    """What was gathered for an authority, what could not be, and what still is."""
    for scope in (Scope(participant=buyer.pk), Scope(participant=seller.pk, until=now - timedelta(days=90))):
        asked = bundles.ask(scope, addressee="CNIL", reason="Their letter of 20 November asks.", by=officer)
        bundles.make(asked.pk, now=now)
    bundles.ask(
        Scope(person="pn_" + "0a" * 12), addressee="Tribunal de Paris", reason="Order of the court.", by=officer
    )


def _signs(story: Story, now: Any) -> None:
    """A few guesses at links, and what a night's comparison found."""
    from compliance.health import counters
    from compliance.models import Comparison, Mismatch

    for days, code, count in ((0, "token_forged", 3), (1, "token_forged", 4_123), (1, "token_malformed", 17)):
        counters.add(code, (now - timedelta(days=days)).date(), count)
    earlier = now - timedelta(hours=7)
    Comparison.objects.create(
        tokens=41, transfers=37, unmatched=3, since=earlier, until=earlier, compared_at=now - timedelta(hours=6)
    )
    for kind, subject, detail, sent in (
        ("unlogged", "transfer:01a20000-0000-7000-8000-000000000001", "", 4_711_000),
        ("fewer_bytes", story.subject, "", 12),
        ("storage_read", "bucketread:01a20000-0000-7000-8000-000000000002", "request:79104EXAMPLEB723", 88_000),
    ):
        Mismatch.objects.create(kind=kind, subject=subject, detail=detail, sent_bytes=sent, found_at=now)


@readers
def test_every_page_of_the_desk(
    page_at: PageAt, desk: dict[str, Any], width: int, language: str, theme: str
) -> None:
    page = page_at(width, language, theme, member=desk["member"], second_factor=True)
    transfer = f"/compliance/transfers/{desk['story'].row.pk}"
    for name, path in (
        ("desk", "/compliance"),
        ("desk-transfers", "/compliance/transfers"),
        ("desk-transfers-wrong", "/compliance/transfers?buyer=nobody&since=soon"),
        ("desk-transfers-none", "/compliance/transfers?country=AQ"),
        ("desk-refused", "/compliance/transfers?result=refused"),
        ("desk-transfer", transfer),
        ("desk-address", f"{transfer}/address"),
        ("desk-erase", f"{transfer}/erase"),
        ("desk-recipients", f"/compliance/recipients?dataset={desk['story'].row.dataset_id}"),
        ("desk-exports", "/compliance/exports?country=BE&result=completed"),
        ("desk-evidence", "/compliance/evidence"),
        ("desk-view-new", "/compliance/views/new?country=BE&result=completed"),
        ("desk-views", "/compliance/transfers?country=BE"),
        ("desk-digest", "/compliance/digest"),
        ("desk-acts", "/compliance/officers"),
        ("proof", f"/proofs/transfer/{desk['story'].row.pk}"),
        ("desk-log", "/compliance/log"),
        ("desk-unmatched", "/compliance/log/unmatched"),
        ("desk-reviews", "/compliance/reviews"),
        ("desk-review", f"/compliance/reviews/{desk['review'].pk}"),
        ("check-log", "/log"),
    ):
        page.goto(path)
        look_at(page, name)
    Alarm.objects.create(kind="no_agreement", sentence="entry 412 of a log: none", raised_at=timezone.now())
    for name, path in (("desk-alarm", "/compliance"), ("desk-log-alarm", "/compliance/log")):
        page.goto(path)
        look_at(page, name)
    page.goto(transfer)
    page.locator("details.more summary").click()
    look_at(page, "desk-transfer-table")
    page.locator("[data-run]").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-state", "good")
    look_at(page, "desk-transfer-checked")


def test_an_officer_works_without_a_script(page_at: PageAt, desk: dict[str, Any]) -> None:
    page = page_at(390, javascript=False, member=desk["member"], second_factor=True)
    page.goto("/compliance/transfers")
    page.get_by_label("Recipient").fill("Lanterne")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(25)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("tbody tr")).to_have_count(6)
    page.get_by_role("link", name="Newer").click()
    expect(page.locator("tbody tr")).to_have_count(25)
    page.goto(f"/compliance/transfers/{desk['story'].row.pk}/address")
    page.get_by_role("button", name="Open and record it").click()
    expect(page.get_by_text("192.0.2.7")).to_be_visible()
    page.get_by_role("link", name="Erase what is kept").click()
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_label("Type “erase for good” to confirm")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Type “erase for good” to confirm").fill("Erase for good")
    page.get_by_label("Reason").fill("The person asked for it.")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("Erased for good. Every proof stays good.")).to_be_visible()
    page.goto(f"/compliance/reviews/{desk['review'].pk}")
    page.get_by_role("button", name="Refuse this version").click()
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    page.get_by_label("Reason").fill("the diagnoses are of persons")
    page.get_by_role("button", name="Refuse this version").click()
    expect(page.get_by_text("Refused. This version stays unpublished.")).to_be_visible()
