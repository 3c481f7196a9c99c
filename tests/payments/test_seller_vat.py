"""The VAT of self-billed invoices and of fees reaches the ledger, once, and follows the money back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from payments.holds import holds
from payments.ledger import ledger
from payments.models import Account, Charge
from payments.refunds import refunds
from payments.taxes import seller_vat
from tests import makers
from tests.payments import billing
from tests.payments.refund_stories import WHY, standing
from tests.payments.stories import new_charge, owed, tell_paid

Code = Account.Code
React = Callable[..., int]


@pytest.fixture
def paid(operator: Actor, now: datetime, react: React) -> Callable[[str], tuple[Charge, Actor]]:
    """Makes a paid sale of a seller of that country to a French buyer, with its invoices."""

    def make(country: str) -> tuple[Charge, Actor]:
        billing.describe(operator)
        seller = billing.ready(makers.trader("Seller SA", country, now))
        charge = new_charge(makers.trader("Buyer SA", "FR", now), seller)
        tell_paid(charge, now)
        react()
        charge.refresh_from_db()
        return charge, seller

    return make


def release(charge: Charge, react: React, now: datetime) -> None:
    later = now + timedelta(days=15)
    holds.release_due(later)
    react(later)


def test_the_tax_of_a_self_billed_invoice_is_payable_once_the_hold_is_released(
    paid: Callable[[str], tuple[Charge, Actor]], react: React, now: datetime
) -> None:
    charge, _seller = paid("FR")
    assert owed(Code.SELLER_PAYABLE, charge.payee_id) == 0
    release(charge, react, now)
    assert owed(Code.SELLER_PAYABLE, charge.payee_id) == 9_000 + 1_800
    assert ledger.balance(Code.VAT_PAYABLE, None, "EUR").minor == -(2_000 - 1_800)
    assert not seller_vat.settle(charge, by=makers.system(now))
    assert ledger.trial_balance().is_sound


def test_a_seller_elsewhere_has_no_tax_to_get(
    paid: Callable[[str], tuple[Charge, Actor]], react: React, now: datetime
) -> None:
    charge, _seller = paid("DE")
    release(charge, react, now)
    assert owed(Code.SELLER_PAYABLE, charge.payee_id) == 9_000


def test_a_refund_takes_the_tax_back_too(
    paid: Callable[[str], tuple[Charge, Actor]], react: React, now: datetime
) -> None:
    charge, seller = paid("FR")
    release(charge, react, now)
    refunds.give(charge, reason=WHY, by=seller)
    react(now + timedelta(days=15))
    assert owed(Code.SELLER_PAYABLE, charge.payee_id) + owed(Code.SELLER_RECEIVABLE, charge.payee_id) == 0
    assert ledger.balance(Code.VAT_PAYABLE, None, "EUR").minor == 0
    assert sum(standing(charge).values()) == 0


def test_the_tax_on_the_fee_is_owed_by_the_seller(
    paid: Callable[[str], tuple[Charge, Actor]], react: React, now: datetime, settings: Any
) -> None:
    settings.EXCHANGE_VAT_ROLE = "intermediary"
    charge, seller = paid("FR")
    assert owed(Code.SELLER_RECEIVABLE, charge.payee_id) == -200
    refunds.give(charge, reason=WHY, by=seller)
    react()
    assert ledger.balance(Code.VAT_PAYABLE, None, "EUR").minor == 0
    assert ledger.trial_balance().is_sound
