"""The publish gate in a browser: what a seller states, every column declared beside found for seller and officer, and
a buyer who says how it informed the persons; at both widths, in both languages, light and dark."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from compliance.models import InformingDuty, Review
from datasets import datasets
from tests import dataset_makers, makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.compliance.conftest import PublicLog, Story

VISITS = b"visit,diagnosis,email,age,sex,postcode,notes\n" + b"".join(
    f"{n},J{n % 90 + 10},person{n}@example.org,{20 + n % 60},f,{10_115 + n},"
    f"Came back on day {n} and asked for another appointment in spring\n".encode()
    for n in range(60)
)
STATED: dict[str, Any] = {
    **dataset_makers.STATED,
    "ground_evidence": "Consent forms, file 2026/7",
    "ground_sha256": "cd" * 32,
    "screening": ["matching", "vulnerable_persons"],
}
SPECIAL: dict[str, Any] = {
    "personal_data": "special",
    "columns": {"visit": "none", "email": "pseudonymised", "age": "personal"},
    "legal_basis": "6.1.a",
    "article_9_ground": "9.2.a",
    "purposes": ["Care"],
    "source": "A clinic that nobody runs.",
    "statement": STATED,
}


@pytest.fixture
def gate(exchange: str, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """A dataset that lacks a DPIA and is held, and a buyer that received personal data."""
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    now = timezone.now() - timedelta(hours=1)
    seller = makers.trader("Cartouche Mobility Lab", "FR", now)
    buyer = makers.participant("Lanterne Mutual", "BE", now)
    officer = makers.officer(now)
    dataset = dataset_makers.draft(seller, title="Visits of a clinic")
    datasets.declare(dataset, **SPECIAL, by=seller)
    dataset_makers.measured(dataset, seller, {"visits.csv": VISITS})
    assert seller.participant_id is not None
    Story(seller.participant_id, buyer.pk, at=now).whole()
    PublicLog(tmp_path / "log", tmp_path / "signer").publish(now)
    return {
        "seller": makers.member(makers.participant_of(seller), "trader", now),
        "buyer": makers.member(buyer, "trader", now),
        "officer": makers.member(makers.participant_of(officer), "officer", now),
        "dataset": dataset,
    }


@readers
def test_the_publish_gate_of_seller_officer_and_buyer(
    page_at: PageAt, gate: dict[str, Any], width: int, language: str, theme: str
) -> None:
    one = f"/sell/datasets/{gate['dataset'].pk}"
    review, duty = Review.objects.get(), InformingDuty.objects.get()
    shown = {
        "seller": {"gate-dataset": one, "gate": f"{one}/gate", "gate-declare": f"{one}/declare"},
        "officer": {
            "gate-reviews": "/compliance/reviews",
            "gate-review": f"/compliance/reviews/{review.pk}",
            "gate-informing-desk": "/compliance/duties/informing",
        },
        "buyer": {"gate-informing": "/buy/informing", "gate-informing-one": f"/buy/informing/{duty.pk}"},
    }
    for who, pages in shown.items():
        page = page_at(width, language, theme, member=gate[who], second_factor=who == "officer")
        for name, path in pages.items():
            page.goto(path)
            look_at(page, name)


def test_an_officer_and_a_buyer_decide_without_a_script(page_at: PageAt, gate: dict[str, Any]) -> None:
    review, duty = Review.objects.get(), InformingDuty.objects.get()
    page = page_at(390, javascript=False, member=gate["officer"], second_factor=True)
    page.goto(f"/compliance/reviews/{review.pk}")
    page.get_by_label("Reason").fill("Seen with the seller: the forms are there.")
    page.get_by_role("button", name="Approve this version").click()
    review.refresh_from_db()
    assert review.state == "approved"
    page = page_at(390, javascript=False, member=gate["buyer"])
    page.goto(f"/buy/informing/{duty.pk}")
    page.get_by_label("We informed the persons").check()
    page.get_by_label("Where the notice stands").fill("On our site, in version 2 of the notice.")
    page.get_by_role("button", name="Keep the answer").click()
    duty.refresh_from_db()
    assert duty.how == "told"
