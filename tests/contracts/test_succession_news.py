"""What both sides are told of a contract that follows another, once, on the site and by mail."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from contracts.models import Entitlement
from contracts.negotiations import negotiations
from contracts.renewals import amendments, renewals
from contracts.talks import talks
from exchange.kernel.actors import Actor
from exchange.participants.models import Member, Notice
from exchange.participants.notices import rows as notice_rows
from tests import makers, sales

pytestmark = [pytest.mark.django_db, pytest.mark.by_the_clock]
MORE = [{"kind": "copies", "set": {"max": 5}}]
LESS = [{"kind": "copies", "set": {"max": 1}}]
FEWER: list[dict[str, Any]] = [{"kind": "copies", "max": 1}, {"kind": "duration", "days": 365}]


@pytest.fixture
def right(seller: Actor, buyer: Actor, settings: Any, tmp_path: Path) -> Entitlement:
    settings.EXCHANGE_STORAGE, settings.EXCHANGE_STORAGE_DIR = "files", tmp_path / "assets"
    return sales.entitled(seller, buyer)


@pytest.fixture
def told(
    right: Entitlement, seller: Actor, buyer: Actor, react: Callable[..., int], now: datetime
) -> Callable[[str], list[str]]:
    """`told("buyer")`: what a trader of that side was told since it was last asked, oldest first."""
    people: dict[str, Member] = {
        side: makers.member(makers.participant_of(actor), "trader", now)
        for side, actor in (("seller", seller), ("buyer", buyer))
    }
    react()
    Notice.objects.all().delete()

    def said(side: str) -> list[str]:
        react()
        rows = list(Notice.objects.filter(member=people[side]).order_by("pk"))
        assert all(row.mail_due_at is not None for row in rows), "the mail follows"
        words = [f"{one.title}. {one.sentence}" for one in notice_rows.rows_of(rows)]
        assert all(notice_rows.place_of(row) for row in rows), "each leads to its page"
        Notice.objects.filter(member=people[side]).delete()
        return words

    return said


def test_an_amendment_is_told_when_asked_for_and_when_signed(
    right: Entitlement, seller: Actor, buyer: Actor, told: Any
) -> None:
    title = right.dataset.title
    talk = amendments.propose(right.agreement, changes=MORE, by=buyer)
    [asked] = told("seller")
    assert asked.startswith(f"Buyer GmbH asks to change the contract for “{title}”")
    assert told("buyer") == []
    negotiations.approve(talk, shown=talk.proposal, by=seller)
    [waits] = told("buyer")
    assert waits.startswith("Seller SA has signed a change") and "stays as it is" in waits
    negotiations.accept(talk, shown=talk.proposal, by=buyer)
    assert told("seller")[0].startswith(f"The contract with Buyer GmbH for “{title}” is changed")
    assert told("buyer")[0].startswith(f"Your contract for “{title}” is changed")


def test_a_worse_amendment_asks_for_consent_and_its_end_is_told(
    right: Entitlement, seller: Actor, buyer: Actor, told: Any
) -> None:
    talk = amendments.propose(right.agreement, changes=LESS, by=seller)
    [waits] = told("buyer")
    assert "may be worse for you" in waits and told("seller") == []
    with translation.override("fr"):
        negotiations.terminate(talk, reason="", by=buyer)
        [ended] = told("seller")
    assert "reste tel quel" in ended


def test_a_renewal_is_told_when_asked_for_when_worse_and_when_signed(
    right: Entitlement, seller: Actor, buyer: Actor, told: Any
) -> None:
    offer = sales.offer(right.dataset, seller, terms=[{"kind": "purpose", "any_of": ["research"]}, *FEWER])
    shown = renewals.proposal(right, offer).digest
    talk = renewals.renew(right, offer, consents=["copies"], shown=shown, by=buyer).negotiation
    assert [one.partition(". ")[0] for one in told("seller")] == [
        f"Buyer GmbH asks to renew its licence of “{right.dataset.title}”"
    ]
    negotiations.counter(talk, on=talk.proposal, plan=dict(sales.PAID), by=seller)
    [worse] = told("buyer")
    assert "waits for your signature" in worse and "may be worse for you" in worse
    renewals.consent(talk, ["copies", "price"], shown=talk.proposal, by=buyer)
    negotiations.accept(talk, shown=talk.proposal, by=buyer)
    assert "has renewed its licence" in told("seller")[0]
    assert told("buyer")[0].startswith("Your licence of")


def test_a_message_is_told_to_the_other_side(
    right: Entitlement, seller: Actor, buyer: Actor, told: Any
) -> None:
    talks.post(right.agreement.negotiation, "Does revision 2 hold the time zone?", by=buyer)
    [words] = told("seller")
    assert words.startswith("Buyer GmbH has written to you") and "time zone" not in words
    assert told("buyer") == []
