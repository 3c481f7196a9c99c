"""A whole sale whose money is at Stripe, from the payment to the payout: in the end our books say what Stripe's do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from payments.holds import holds
from payments.ledger import ledger
from payments.models import Account, Dispute, Operation, Payout, PayoutAccount, Refund
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts
from payments.providers.stripe.adapter import StripeProvider
from payments.refunds import refunds
from tests import makers
from tests.fakes.stripe.serving import Served
from tests.payments.stories import REASON, hold_of
from tests.payments.stripe_stories import Sale, move_to_stripe

React = Callable[..., int]
AVAILABLE_AT_ONCE = "4000000000000077"


@pytest.fixture
def sale(
    settings: Any, stripe_fake: Served, react: React, operator: Actor, buyer: Actor, seller: Actor
) -> Sale:
    move_to_stripe(settings, stripe_fake)
    sale = Sale(stripe_fake, react, buyer, seller, minor=50_000)
    sale.pay(AVAILABLE_AT_ONCE)
    sale.hear()
    return sale


def the_books_agree() -> None:
    """What stands at Stripe by our books is what its own book-keeping comes to."""
    lines = StripeProvider().balance_lines(datetime.now(UTC) - timedelta(days=1))
    there = sum((line.amount - line.cost).minor for line in lines)
    ours = ledger.balance(Account.Code.CLEARING, None, "EUR", provider="stripe")
    assert ours.minor == there
    assert ledger.trial_balance().is_sound


def opened_account(sale: Sale, seller: Actor) -> PayoutAccount:
    """The seller's account at Stripe, which it has filled in."""
    payout_accounts.begin(makers.participant_of(seller), by=seller)
    sale.hear()
    account = PayoutAccount.objects.get()
    assert account.provider_reference.startswith("acct_")
    told = {"account": account.provider_reference, "status": "active"}
    assert httpx.post(f"{sale.fake.url}/_fake/accounts/move", json=told).status_code == 200
    assert set(sale.hear()) == {204}
    account.refresh_from_db()
    return account


def test_a_sale_is_paid_partly_given_back_released_and_paid_out(
    sale: Sale, seller: Actor, operator: Actor
) -> None:
    the_books_agree()
    refunds.give(sale.charge, gross=Money(5_000, "EUR"), reason=REASON, by=seller)
    sale.react()
    sale.hear()
    assert Refund.objects.get().state == "settled"
    the_books_agree()
    holds.confirm(sale.charge.reference, by=sale.buyer)
    account = opened_account(sale, seller)
    assert account.state == "ready"
    payouts.create(account, "EUR", by=operator)
    sale.react()
    sale.hear()
    assert Payout.objects.get().state == "settled"
    the_books_agree()


def test_a_refund_that_comes_back_days_later_is_booked_back(sale: Sale, seller: Actor) -> None:
    refunds.give(sale.charge, gross=Money(5_000, "EUR"), reason=REASON, by=seller)
    sale.react()
    sale.hear()
    told = {"refund": Refund.objects.get().provider_reference, "reason": "expired_or_canceled_card"}
    assert httpx.post(f"{sale.fake.url}/_fake/refunds/fail", json=told).status_code == 200
    sale.hear()
    assert Refund.objects.get().state == "failed"
    the_books_agree()


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_takes_the_money_and_a_win_brings_it_back(sale: Sale, status: str) -> None:
    assert httpx.post(
        f"{sale.fake.url}/_fake/disputes/open", json={"charge": sale.charge.provider_reference}
    ).is_success
    sale.hear()
    dispute = Dispute.objects.get()
    assert dispute.state == "open"
    the_books_agree()
    told = {"dispute": dispute.provider_reference, "status": status}
    assert httpx.post(f"{sale.fake.url}/_fake/disputes/end", json=told).is_success
    sale.hear()
    dispute.refresh_from_db()
    assert dispute.state == status
    the_books_agree()


def test_a_payout_that_stripe_refuses_is_payable_again(sale: Sale, seller: Actor, operator: Actor) -> None:
    holds.confirm(sale.charge.reference, by=sale.buyer)
    account = opened_account(sale, seller)
    before = ledger.balance(Account.Code.SELLER_PAYABLE, hold_of(sale.charge).seller_id, "EUR")
    sale.fake.world.objects[account.provider_reference]["configuration"]["recipient"]["capabilities"][
        "stripe_balance"
    ]["stripe_transfers"]["status"] = "restricted"
    payouts.create(account, "EUR", by=operator)
    sale.react()
    assert Payout.objects.get().state == "failed"
    assert ledger.balance(Account.Code.SELLER_PAYABLE, hold_of(sale.charge).seller_id, "EUR") == before
    the_books_agree()


def test_what_is_refunded_after_the_payout_is_taken_back_from_the_transfer(
    sale: Sale, seller: Actor, operator: Actor
) -> None:
    holds.confirm(sale.charge.reference, by=sale.buyer)
    payouts.create(opened_account(sale, seller), "EUR", by=operator)
    sale.react()
    sale.hear()
    refunds.give(sale.charge, gross=Money(5_000, "EUR"), reason=REASON, by=seller)
    sale.react()
    sale.hear()
    payout = Payout.objects.get()
    assert ledger.balance(Account.Code.SELLER_RECEIVABLE, payout.party_id, "EUR").minor == 0
    there = sale.fake.client().v1.transfers.retrieve(payout.provider_reference)
    assert there.amount_reversed == 4_500
    the_books_agree()


def test_a_transfer_that_stripe_does_not_take_back_leaves_the_debt(
    sale: Sale, seller: Actor, operator: Actor
) -> None:
    holds.confirm(sale.charge.reference, by=sale.buyer)
    account = opened_account(sale, seller)
    payouts.create(account, "EUR", by=operator)
    sale.react()
    sale.hear()
    there: Any = {"stripe_account": account.provider_reference}
    sale.fake.client().v1.payouts.create({"amount": 45_000, "currency": "eur"}, there)
    refunds.give(sale.charge, gross=Money(5_000, "EUR"), reason=REASON, by=seller)
    sale.react()
    sale.hear()
    assert Operation.objects.get(kind="reverse").failure == "balance insufficient"
    assert ledger.balance(Account.Code.SELLER_RECEIVABLE, account.participant_id, "EUR").minor == 4_500
    assert Event.objects.filter(name="payout.not_taken_back").count() == 1
    the_books_agree()
