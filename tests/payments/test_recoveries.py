"""What a seller owes is taken back from what it was paid: never twice, never more than a payout, and not again where
its account was short."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from exchange.kernel.models import Event
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from payments import queries
from payments.ledger import ledger, posting_rules
from payments.models import Account, Charge, Operation, Payout, PayoutAccount, Refund
from payments.payouts import accounts as payout_accounts
from payments.payouts import payouts, recoveries
from payments.providers import news
from payments.refunds import refunds
from tests import makers
from tests.payments import earnings
from tests.payments.stories import REASON, event_names
from tests.rivals import codes, race

React = Callable[..., int]
CODE = Account.Code


def paid_out(seller: Actor, buyer: Actor, minor: int, react: React) -> tuple[Charge, Payout]:
    """A sale whose money is payable, and has left at once."""
    charge = earnings.earned(seller, buyer, minor, at=seller.at)
    earnings.begin_and_pay(seller, react)
    payout = Payout.objects.order_by("pk").last()
    assert payout is not None and payout.state == "settled"
    return charge, payout


def owe(party: UUID, minor: int, actor: Actor) -> None:
    owed = {party: Money(minor, "EUR")}
    lines = posting_rules.lines("dispute.cost.sellers", {"cost": Money(minor, "EUR")}, owed=owed)
    ledger.post("dispute.cost.sellers", f"test:{new_id()}", lines, reference="tests", at=actor.at)


def owes(party: UUID) -> int:
    return ledger.balance(CODE.SELLER_RECEIVABLE, party, "EUR").minor


def taken(payout: Payout) -> list[int]:
    """What was asked back of a payout, oldest first."""
    rows = Operation.objects.filter(kind="reverse", target=f"payout:{payout.pk}").order_by("pk")
    return [row.params["amount"]["minor"] for row in rows]


def test_a_refund_after_the_payout_takes_it_back_from_the_payout(
    seller: Actor, buyer: Actor, react: React
) -> None:
    party = earnings.of(seller)
    charge, payout = paid_out(seller, buyer, 10_000, react)
    before = ledger.balance(CODE.CLEARING, None, "EUR", provider="demo").minor
    refunds.give(charge, gross=Money(5_000, "EUR"), reason=REASON, by=seller)
    assert (owes(party), taken(payout)) == (4_500, [])
    react()
    assert (owes(party), taken(payout)) == (0, [4_500])
    assert ledger.balance(CODE.CLEARING, None, "EUR", provider="demo").minor == before - 5_000 + 4_500
    assert event_names(payout.pk)[-1] == "payout.taken_back"
    assert ledger.trial_balance().is_sound


def test_asked_again_nothing_is_taken_twice(seller: Actor, buyer: Actor, react: React) -> None:
    charge, payout = paid_out(seller, buyer, 10_000, react)
    refunds.give(charge, gross=Money(5_000, "EUR"), reason=REASON, by=seller)
    react()
    by = makers.system(seller.at)
    recoveries.follow(Refund, Refund.objects.get().pk, by=by)
    told = news.Reversed(
        payout.pk, Money(4_500, "EUR"), Operation.objects.get(kind="reverse").provider_reference
    )
    assert recoveries.hear(told, by=by) == "reversed"
    assert (owes(earnings.of(seller)), taken(payout)) == (0, [4_500])
    assert event_names(payout.pk).count("payout.taken_back") == 1


def test_the_newest_payout_gives_first_and_none_more_than_it_had(
    seller: Actor, buyer: Actor, react: React
) -> None:
    party, by = earnings.of(seller), makers.system(seller.at)
    older = paid_out(seller, buyer, 10_000, react)[1]
    newer = paid_out(seller, buyer, 2_000, react)[1]
    for minor in (1_000, 5_800, 20_000):
        owe(party, minor, seller)
        recoveries.take_back(party, "EUR", by=by)
        react()
    assert taken(newer) == [1_000, 800]
    assert taken(older) == [5_000, 4_000]
    assert owes(party) == 26_800 - 1_800 - 9_000


def test_what_is_being_taken_back_is_not_set_off_meanwhile(seller: Actor, buyer: Actor, react: React) -> None:
    party, by = earnings.of(seller), makers.system(seller.at)
    paid_out(seller, buyer, 10_000, react)
    owe(party, 4_000, seller)
    assert len(recoveries.take_back(party, "EUR", by=by)) == 1
    owe(party, 500, seller)
    earnings.earned(seller, buyer, at=seller.at)
    payout = payouts.create(PayoutAccount.objects.get(), "EUR", by=by)
    assert (payout.amount_minor, owes(party)) == (8_500, 4_000)
    react()
    assert owes(party) == 0


def test_what_was_taken_back_and_is_not_owed_in_the_end_is_paid_with_the_next_payout(
    seller: Actor, buyer: Actor, react: React
) -> None:
    party, by = earnings.of(seller), makers.system(seller.at)
    charge, _payout = paid_out(seller, buyer, 10_000, react)
    refund = refunds.give(charge, gross=Money(5_000, "EUR"), reason=REASON, by=seller)
    react()
    refund.refresh_from_db()
    refunds.hear(news.RefundFailed(refund.pk, refund.provider_reference, "account closed"), by=by)
    assert owes(party) == -4_500
    earnings.earned(seller, buyer, at=seller.at)
    payout = payouts.create(PayoutAccount.objects.get(), "EUR", by=by)
    assert (payout.amount_minor, owes(party), earnings.payable(party)) == (13_500, 0, 0)
    assert ledger.trial_balance().is_sound


def test_where_the_account_is_short_it_goes_on_owing_and_the_operator_is_told(
    seller: Actor, buyer: Actor, react: React
) -> None:
    party, by = earnings.of(seller), makers.system(seller.at)
    paid_out(seller, buyer, 10_000, react)
    payout = paid_out(seller, buyer, 2_000, react)[1]
    owe(party, 1_000, seller)
    asked = recoveries.take_back(party, "EUR", by=by)[0]
    asked = transition(asked, "send", by=by, sent_at=by.at)
    transition(asked, "fail", by=by, failure="balance insufficient", ended_at=by.at)
    react()
    assert owes(party) == 1_000
    told = Event.objects.get(name="payout.not_taken_back")
    assert b'"asked_minor":"1000"' in bytes(told.leaf)
    assert recoveries.take_back(party, "EUR", by=by) == []
    assert taken(payout) == [1_000]
    earnings.earned(seller, buyer, at=seller.at)
    assert payouts.create(PayoutAccount.objects.get(), "EUR", by=by).amount_minor == 8_000
    assert owes(party) == 0


def test_nothing_is_asked_back_of_what_went_by_bank_transfer(
    seller: Actor, buyer: Actor, operator: Actor, settings: Any
) -> None:
    people = earnings.operators(operator.at)
    earnings.earned(seller, buyer, at=seller.at)
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", "reseller"
    settings.EXCHANGE_BANK_IBAN = "DE75512108001245126199"
    account = earnings.manual_account(seller, people[0])
    payout = payouts.approve(payouts.create(account, "EUR", by=people[0]), by=people[1])
    payouts.send(by=people[0])
    payouts.mark_settled(payout, bank_reference=earnings.bank_reference(), by=people[0])
    owe(account.participant_id, 1_000, seller)
    assert recoveries.take_back(account.participant_id, "EUR", by=makers.system(seller.at)) == []
    assert owes(account.participant_id) == 1_000


@pytest.mark.usefixtures("own_database")
def test_rivals_take_back_and_set_off_a_debt_once(seller: Actor, buyer: Actor, react: React) -> None:
    party, by = earnings.of(seller), makers.system(seller.at)
    first = paid_out(seller, buyer, 10_000, react)[1]
    account = payout_accounts.accounts_visible_to(by).get()
    for _ in range(2):
        owe(party, 3_000, seller)
        charge = earnings.earned(seller, buyer, 5_000, at=seller.at)
        assert queries.charge(charge.pk).state == "paid"
        ways: list[Callable[[], Any]] = [lambda: recoveries.take_back(party, "EUR", by=by)] * 3
        outcomes = race([*ways, lambda: payouts.create(account, "EUR", by=by)])
        assert codes(outcomes) == ["won"] * 4
        react()
        assert owes(party) == 0
    left = Payout.objects.filter(party_id=party).order_by("pk")
    back = [sum(taken(one)) for one in left]
    assert all(0 <= gone <= one.amount_minor for gone, one in zip(back, left, strict=True))
    assert sum(one.amount_minor for one in left) - sum(back) == 9_000 + 2 * 4_500 - 2 * 3_000
    assert left[0].pk == first.pk
    assert ledger.trial_balance().is_sound
