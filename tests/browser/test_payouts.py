"""What is earned and paid out, in a browser: where a seller's money goes, who earns of a dataset, and the operator's
page of bank transfers, at both widths, in both languages, light and dark."""

from datetime import datetime
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from payments import bank_details
from payments.checkouts import remittances
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts
from payments.shares import shares
from tests import dataset_makers, makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.payments import earnings


@pytest.fixture
def house(
    own_database: None, now: datetime, seller: Actor, buyer: Actor, operator: Actor, settings: Any
) -> Any:
    """A dataset that is shared, and is to be shared otherwise; one payout that left and one at the bank; another's bank
    account to confirm; a bank transfer that one person has seen."""
    partner = makers.trader("Institut de recherche de la mer", "FR", now)
    dataset = dataset_makers.published(seller)
    subject = f"dataset:{dataset.pk}"
    earnings.split(subject, seller, {seller: 6_667, partner: 3_333})
    earnings.earned(seller, buyer, 148_000, subject=subject, at=now)
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", "reseller"
    settings.EXCHANGE_BANK_IBAN = "DE75512108001245126199"
    first, second = earnings.operators(now)
    mine = earnings.manual_account(seller, first)
    theirs = earnings.manual_account(partner, first, 1)
    for account in (mine, theirs):
        payouts.approve(payouts.create(account, "EUR", by=first), by=second)
    payouts.send(by=first)
    payouts.mark_settled(mine.payouts.get(), bank_reference="NTRF 17", by=first)
    details = bank_details.checked(holder="Buyer GmbH", iban=earnings.IBANS[2], bic="ABNANL2A")
    payout_accounts.give_bank_details(makers.participant_of(buyer), details, by=buyer)
    charge = earnings.sale(seller, buyer)
    remittances.note("charge", charge.pk, amount_minor=1, currency="EUR", bank_reference="NTRF 18", by=first)
    parts = {earnings.of(one): part for one, part in ((seller, 5_000), (partner, 3_000), (buyer, 2_000))}
    split = shares.propose(subject, owner=makers.participant_of(seller), basis_points=parts, by=seller)
    return {
        "dataset": dataset,
        "split": split,
        "seller": makers.member(makers.participant_of(seller), "manager", now),
        "buyer": makers.member(makers.participant_of(buyer), "trader", now),
        "operator": makers.member(makers.participant_of(operator), "operator", now),
    }


@readers
def test_every_page_about_payouts(
    page_at: PageAt, house: dict[str, Any], width: int, language: str, theme: str
) -> None:
    split = house["split"].pk
    looks: dict[str, dict[str, str]] = {
        "seller": {"payouts": "/sell/payouts", "shares": f"/sell/datasets/{house['dataset'].pk}/shares"},
        "buyer": {
            "payouts-waiting": "/sell/payouts",
            "split": f"/sell/payouts/shares/{split}",
            "split-decline": f"/sell/payouts/shares/{split}/decline",
        },
        "operator": {"bank": "/operate/money/bank"},
    }
    for reader, pages in looks.items():
        page = page_at(width, language, theme, member=house[reader], second_factor=reader == "operator")
        for name, path in pages.items():
            answer = page.goto(path)
            assert answer is not None and answer.status == 200, path
            look_at(page, name)
