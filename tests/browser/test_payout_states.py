"""Payouts by bank transfer in a browser, state by state, as the party that is paid and the operator see them: bank
details, four eyes, the file for the bank, what came of it, and why something is not paid out yet."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from payments.models import Charge, PayoutAccount
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts
from payments.refunds import refunds
from tests import makers
from tests.browser.axe import look_at, readers
from tests.browser.conftest import PageAt
from tests.payments import earnings

WHY = "The holder of this account is another company."
CAME_BACK = "The bank says that the account is closed."


@pytest.fixture
def by_hand(own_database: None, settings: Any) -> None:
    """An exchange that is paid, and pays, by bank transfer."""
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", "reseller"
    settings.EXCHANGE_BANK_IBAN = "DE75512108001245126199"


@pytest.fixture
def look(
    page_at: PageAt,
    by_hand: None,
    seller: Actor,
    operator: Actor,
    now: datetime,
    width: int,
    language: str,
    theme: str,
) -> Callable[..., None]:
    """Draw what the seller and the operator see now."""
    house = makers.member(makers.participant_of(operator), "operator", now)
    pages = {
        "seller": page_at(
            width, language, theme, member=makers.member(makers.participant_of(seller), "manager", now)
        ),
        "operator": page_at(width, language, theme, member=house, second_factor=True),
    }
    paths = {"seller": "/sell/payouts", "bank": "/operate/money/bank", "board": "/operate/money"}

    def draw(state: str, *places: str, **more: str) -> None:
        for place, path in [*((one, paths[one]) for one in places), *more.items()]:
            page = pages["seller" if place == "seller" else "operator"]
            answer = page.goto(path)
            assert answer is not None and answer.status == 200
            page.evaluate("() => document.querySelectorAll('main details').forEach(one => one.open = true)")
            look_at(page, f"payout-{state}-{place}")

    return draw


@pytest.fixture
def earn(settings: Any, buyer: Actor, now: datetime) -> Callable[[Actor, int], Charge]:
    """Money of a sale becomes payable; it came by the demo provider, as a bank takes days."""

    def sell(seller: Actor, minor: int) -> Charge:
        settings.EXCHANGE_PAYMENT_PROVIDER = "demo"
        charge = earnings.earned(seller, buyer, minor, at=now)
        settings.EXCHANGE_PAYMENT_PROVIDER = "manual"
        return charge

    return sell


def paid_out(account: PayoutAccount, first: Actor, second: Actor) -> None:
    """The whole way of a payout, to its end."""
    payout = payouts.approve(payouts.create(account, "EUR", by=first), by=second)
    payouts.send(by=first)
    payouts.mark_settled(payout, bank_reference=earnings.bank_reference(), by=first)


@readers
def test_a_payout_by_bank_transfer_state_by_state(
    look: Callable[..., None], earn: Callable[[Actor, int], Charge], seller: Actor, now: datetime
) -> None:
    first, second = earnings.operators(now)
    owner = makers.participant_of(seller)
    look("none", "seller", "bank")
    earn(seller, 148_000)
    account = payout_accounts.give_bank_details(owner, earnings.bank(1, "Another Company GmbH"), by=seller)
    look("asked", "seller", "bank")
    payout_accounts.refuse(account, reason=WHY, by=first)
    look("refused", "seller")
    account = payout_accounts.give_bank_details(owner, earnings.bank(), by=seller)
    payout_accounts.confirm(account, by=first)
    look("cooling", "seller", "bank")
    PayoutAccount.objects.update(pays_from=now)
    look("due", "seller", "bank")
    payout = payouts.create(PayoutAccount.objects.get(), "EUR", by=first)
    look("proposed", "seller", "board", approve=f"/operate/money/payouts/{payout.pk}/approve")
    payouts.approve(payout, by=second)
    look("approved", "bank")
    payouts.send(by=first)
    look("sent", "seller", "bank")
    payouts.mark_settled(payout, bank_reference="NTRF 17", by=first)
    look("settled", "seller", "bank")
    payouts.mark_failed(payout, reason=CAME_BACK, by=first)
    look("returned", "seller", "bank")


@readers
def test_what_is_payable_and_not_paid_out_yet(
    look: Callable[..., None], earn: Callable[[Actor, int], Charge], seller: Actor, now: datetime
) -> None:
    first, second = earnings.operators(now)
    sale = earn(seller, 92_500)
    paid_out(earnings.manual_account(seller, first), first, second)
    refunds.give(sale, reason="The files of a month were missing.", by=seller)
    earn(seller, 120_000)
    small = makers.trader("Institut de recherche de la mer", "FR", now)
    earn(small, 900)
    earnings.manual_account(small, first, 1)
    moved = makers.trader("Old Mill Data", "NL", now)
    earn(moved, 30_000)
    earnings.manual_account(moved, first, 1)
    earnings.manual_account(moved, first, 2)
    look("set-off", "seller", "bank")
