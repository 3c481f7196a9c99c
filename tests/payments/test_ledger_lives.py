"""Whole lives of sales on the ledger alone, by the table of rules and the splits, in currencies of zero, two and three
decimals: what was given back in pieces leaves nothing behind, and what a seller no longer has, it owes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.ledger import ledger, posting_rules
from payments.models import Account, Charge, Posting
from payments.plans import fees
from payments.shares import splits

Code = Account.Code
Parts = Mapping[UUID, Money]
INTERMEDIARY = Charge.VatRole.INTERMEDIARY
PARTS = st.integers(0, splits.WHOLE)


@dataclass
class Life:
    """One sale, booked step by step; `left` is what was not given back yet, by who has it."""

    parts: Parts
    tax: Money
    fee: Money
    role: str
    at: datetime
    left: dict[str, Money] = field(default_factory=dict)

    def pay(self) -> None:
        """The buyer pays, and the sellers' parts are held."""
        self.left = {"fee": self.fee} | {str(party): money for party, money in self.parts.items()}
        if self.role != INTERMEDIARY:
            self.left["tax"] = self.tax
        amounts = {"gross": self.rest, "tax": self.tax, "fee": self.fee}
        self.book(posting_rules.in_role("charge.paid", self.role), amounts, parts=self.parts)

    def release(self) -> None:
        """What is left of the parts becomes payable."""
        self.book("hold.released", {}, parts=self.left_of_parts)

    def pay_out(self, party: UUID, amount: Money, *, bounces: bool) -> None:
        """So much leaves for one seller, and comes back where it bounces."""
        submitted = self.book("payout.submitted", {"amount": amount}, parts={party: amount})
        if not bounces:
            self.book("payout.settled", {"amount": amount})
        elif submitted is not None:
            ledger.reverse(submitted, f"failed {submitted.pk}", at=self.at)

    def give_back(self, amount: Money, *, is_held: bool) -> Posting | None:
        """So much of what is left goes back to the buyer, from everyone in proportion."""
        taken = splits.refund_split(amount, self.left)
        self.left = {name: money - taken[name] for name, money in self.left.items()}
        asked = {party: taken[str(party)] for party in self.parts}
        there = (
            asked
            if is_held
            else {party: at_most(payable(party, self.fee.currency), money) for party, money in asked.items()}
        )
        owed = {party: money - there[party] for party, money in asked.items()}
        amounts = {"gross": amount, "tax": taken.get("tax", amount), "fee": taken["fee"]}
        kind = posting_rules.in_role("refund.held" if is_held else "refund.payable", self.role)
        return self.book(kind, amounts, parts=there, owed=owed)

    @property
    def rest(self) -> Money:
        return sum(self.left.values(), Money(0, self.fee.currency))

    @property
    def left_of_parts(self) -> Parts:
        return {party: self.left[str(party)] for party in self.parts}

    def book(self, kind: str, amounts: Mapping[str, Money], **shared: Any) -> Posting | None:
        """By the table; what moves nothing is no posting."""
        lines = posting_rules.lines(kind, amounts, provider="demo", **shared)
        if not any(line.amount for line in lines):
            return None
        key = f"{kind} {Posting.objects.count()}"
        return ledger.post(kind, key, lines, reference="agreement:1", at=self.at)


def at_most(most: Money, money: Money) -> Money:
    return money if money.minor <= most.minor else most


def stands(code: Account.Code, owner: UUID | None, currency: str) -> int:
    provider = "demo" if code.value in Account.AT_A_PROVIDER else ""
    return ledger.balance(code, owner, currency, provider=provider).minor


def payable(party: UUID, currency: str) -> Money:
    return -ledger.balance(Code.SELLER_PAYABLE, party, currency)


@pytest.fixture
def parties(seller: Actor, buyer: Actor, outsider: Actor) -> list[UUID]:
    """Three who earn of one dataset."""
    return [UUID(str(actor.participant_id)) for actor in (seller, buyer, outsider)]


@st.composite
def lives(draw: st.DrawFn, parties: list[UUID], at: datetime) -> Life:
    """Any sale between one smallest unit and ten trillion of them."""
    role = draw(st.sampled_from(Charge.VatRole.values))
    price = Money(draw(st.integers(1, 10**12)), draw(st.sampled_from(["EUR", "JPY", "KWD"])))
    tax, fee = price.portion(draw(st.integers(0, 2_700))), fees.fee(price, draw(PARTS))
    held = fees.held(net=price, tax=tax, fee=fee, seller_owes_tax=role == INTERMEDIARY)
    first = draw(PARTS)
    second = draw(st.integers(0, splits.WHOLE - first))
    cut = (first, second, splits.WHOLE - first - second)
    return Life(splits.share(held, dict(zip(parties, cut, strict=True))), tax, fee, role, at)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_was_given_back_leaves_nothing_but_what_sellers_owe(
    parties: list[UUID], now: datetime, data: st.DataObject
) -> None:
    with transaction.atomic():
        life = data.draw(lives(parties, now))
        currency = life.fee.currency
        life.pay()
        life.give_back(Money(data.draw(st.integers(0, life.rest.minor)), currency), is_held=True)
        life.release()
        sent = {party: money.portion(data.draw(PARTS)) for party, money in life.left_of_parts.items()}
        for party, money in sent.items():
            if bounces := data.draw(st.booleans()):
                sent[party] = Money(0, currency)
            life.pay_out(party, money, bounces=bounces)
        life.give_back(life.rest, is_held=False)
        assert not any(life.left.values())
        assert stands(Code.CLEARING, None, currency) == -sum(money.minor for money in sent.values())
        for code in (Code.VAT_PAYABLE, Code.PLATFORM_FEE, Code.IN_TRANSIT):
            assert stands(code, None, currency) == 0
        for party, money in sent.items():
            assert (
                stands(Code.SELLER_HELD, party, currency) == stands(Code.SELLER_PAYABLE, party, currency) == 0
            )
            assert stands(Code.SELLER_RECEIVABLE, party, currency) == money.minor
        assert ledger.trial_balance().is_sound
        transaction.set_rollback(True)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_refund_that_fails_later_leaves_the_ledger_as_it_was(
    parties: list[UUID], now: datetime, data: st.DataObject
) -> None:
    with transaction.atomic():
        life = data.draw(lives(parties, now))
        life.pay()
        if not (is_held := data.draw(st.booleans())):
            life.release()
            first = parties[0]
            life.pay_out(first, life.left_of_parts[first].portion(data.draw(PARTS)), bounces=False)
        before = totals()
        given_back = life.give_back(
            Money(data.draw(st.integers(1, life.rest.minor)), life.fee.currency), is_held=is_held
        )
        assert given_back is not None and totals() != before
        assert ledger.reverse(given_back, "failed", at=now).kind == "refund.failed"
        assert totals() == before
        transaction.set_rollback(True)


def totals() -> dict[tuple[str, UUID | None, str], int]:
    """What stands on every account that something stands on."""
    trial = ledger.trial_balance()
    assert trial.is_sound
    return {(a.code, a.owner_id, a.currency): a.minor for a in trial.accounts if a.minor}
