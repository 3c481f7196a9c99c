"""Notices to recipients in a browser: the officers' board, who received it, the recipient's answer, also without a
script, and the seller's view; at both widths, in both languages, light and dark."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from compliance import notices
from compliance.models import NoticeRow
from compliance.notices import answers, by_hand, chasing, opening, sending
from contracts.models import Entitlement
from exchange.kernel.ids import new_id
from tests import dataset_makers, makers, sales
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.compliance.conftest import PublicLog


@pytest.fixture
def told(exchange: str, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """A dataset of which five organisations took something, and a notice to them, each elsewhere with it."""
    settings.EXCHANGE_LOG_DIR, settings.EXCHANGE_SIGNER_DIR = tmp_path / "log", tmp_path / "signer"
    now = timezone.now()
    officer, seller = makers.officer(now), makers.trader("Cartouche Mobility Lab", "FR", now)
    names = ("Lanterne Mutual", "Halden Analytics", "Quai Nord Research", "Old Mill Data", "Vela Insurance")
    buyers = [makers.trader(name, "BE", now) for name in names]
    offer = sales.offer(dataset_makers.published(seller), seller)
    rights = [sales.sold(offer, buyer, seller) for buyer in buyers]
    for right, buyer in zip(rights, buyers, strict=True):
        sales.start(sales.link(right, buyer), now)
    log = PublicLog(tmp_path / "log", tmp_path / "signer")
    log.seal(now)
    notice = _notice(rights[0], officer)
    log.seal(now)
    while opening.fill(now=now):
        pass
    sending.send_due(now=now)
    rows = [NoticeRow.objects.get(notice=notice, buyer_id=right.buyer_id) for right in rights]
    answers.answer(rows[1], action="deleted", copies=2, passed_on="Old Mill Data, told on Monday", by=buyers[1])
    answers.answer(rows[2], action="never_received", remark="We know of no such data.", by=buyers[2])
    by_hand.note_return(rows[3], "The mail came back: no such mailbox.", by=officer)
    chasing.escalate(rows[4], by=makers.system(now))
    member = makers.member(makers.participant_of(officer), "officer", now)
    people = {
        name: makers.member(makers.participant_of(one), "manager", now)
        for name, one in (("seller", seller), ("buyer", buyers[0]), ("late", buyers[4]))
    }
    return {"officer": member, "notice": notice, "rows": rows, "offer": offer, **people}


def _notice(right: Entitlement, officer: Any) -> Any:
    return notices.open_notice(
        occasion=f"request:{new_id()}",
        kind="erasure",
        dataset_id=right.dataset_id,
        revision_ids=[right.revision_id],
        message="A person has asked for erasure. Delete the rows whose key begins with 7f3a in revision 1, in "
        "every copy that you hold. The seller will publish a corrected revision.",
        by=officer,
    )


@readers
def test_every_page_of_a_notice(
    page_at: PageAt, told: dict[str, Any], width: int, language: str, theme: str
) -> None:
    rows, notice = told["rows"], told["notice"]
    page = page_at(width, language, theme, member=told["officer"], second_factor=True)
    for name, path in (
        ("notices", "/compliance/notices"),
        ("notices-none", "/compliance/notices?state=settled"),
        ("notice", f"/compliance/notices/{notice.pk}"),
        ("notice-returned", f"/compliance/notices/recipients/{rows[3].pk}"),
        ("notice-contradicted", f"/compliance/notices/recipients/{rows[2].pk}"),
        ("recipients", f"/compliance/recipients?dataset={notice.dataset_id}"),
    ):
        page.goto(path)
        look_at(page, name)
    for who, places in (
        (
            "buyer",
            (("notices-to-answer", "/my-data/notices"), ("notice-answer", f"/my-data/notices/{rows[0].pk}")),
        ),
        (
            "late",
            (
                ("notice-suspended", f"/my-data/notices/{rows[4].pk}"),
                ("notice-first", f"/offers/{told['offer'].pk}/request"),
            ),
        ),
        (
            "seller",
            (("notices-of-seller", "/sell/notices"), ("notice-of-seller", f"/sell/notices/{notice.pk}")),
        ),
    ):
        page = page_at(width, language, theme, member=told[who])
        for name, path in places:
            page.goto(path)
            look_at(page, name)


def test_a_recipient_answers_without_a_script(page_at: PageAt, told: dict[str, Any]) -> None:
    page = page_at(390, javascript=False, member=told["buyer"])
    page.goto("/my-data/notices")
    page.locator("table a").first.click()
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".errors, .bad").first).to_be_visible()
    page.get_by_label("We have deleted it, with every copy").check()
    page.get_by_label("How many copies it was about").fill("3")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("Recorded.")).to_be_visible()
    told["rows"][0].refresh_from_db()
    assert told["rows"][0].state == "done"
