"""Ten who pay out the same money, two who accept at once, a change of parts during a sale: exactly one effect."""

from typing import Any

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from payments.ledger import ledger
from payments.models import Payout, Posting, Split
from payments.payouts import payouts
from payments.shares import shares
from tests import makers
from tests.payments import earnings
from tests.rivals import codes, race


@pytest.fixture
def people(own_database: None, operator: Actor) -> tuple[Actor, Actor]:
    return earnings.operators(operator.at)


def test_of_ten_payouts_of_the_same_money_exactly_one_is_made(
    people: tuple[Actor, Actor], seller: Actor, buyer: Actor, settings: Any
) -> None:
    earnings.earned(seller, buyer, at=seller.at)
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", "reseller"
    account = earnings.manual_account(seller, people[0])
    outcomes = race([lambda by=by: payouts.create(account, "EUR", by=by) for by in people * 5])
    assert sorted(codes(outcomes)) == ["below_minimum"] * 9 + ["won"]
    assert Payout.objects.count() == 1
    assert Posting.objects.filter(kind="payout.submitted").count() == 1
    assert earnings.payable(earnings.of(seller)) == 0
    assert ledger.trial_balance().is_sound


def test_two_files_for_the_bank_never_hold_the_same_payout(
    people: tuple[Actor, Actor], seller: Actor, buyer: Actor, settings: Any
) -> None:
    earnings.earned(seller, buyer, at=seller.at)
    settings.EXCHANGE_PAYMENT_PROVIDER, settings.EXCHANGE_MANUAL_ROLE = "manual", "reseller"
    settings.EXCHANGE_BANK_IBAN = "DE75512108001245126199"
    account = earnings.manual_account(seller, people[0])
    payouts.approve(payouts.create(account, "EUR", by=people[0]), by=people[1])
    outcomes = race([lambda by=by: payouts.send(by=by) for by in people * 2])
    assert sorted(codes(outcomes)) == ["nothing_to_send"] * 3 + ["won"]
    assert Payout.objects.get().batch in outcomes


def test_the_last_two_parties_accept_at_once(
    people: tuple[Actor, Actor], seller: Actor, buyer: Actor, outsider: Actor
) -> None:
    for _ in range(3):
        split = shares.propose(
            f"dataset:{new_id()}",
            owner=makers.participant_of(seller),
            basis_points={
                earnings.of(one): part for one, part in ((seller, 5_000), (buyer, 3_000), (outsider, 2_000))
            },
            by=seller,
        )
        rivals = (buyer, outsider, buyer, outsider)
        outcomes = race([lambda by=by, split=split: shares.accept(split, by=by) for by in rivals])
        assert codes(outcomes) == ["won"] * 4
        assert Split.objects.get(pk=split.pk).state == "in_force"


def test_two_proposals_at_once_make_one(people: tuple[Actor, Actor], seller: Actor, buyer: Actor) -> None:
    subject, owner = f"dataset:{new_id()}", makers.participant_of(seller)
    parts = {earnings.of(seller): 9_000, earnings.of(buyer): 1_000}
    outcomes = race([lambda: shares.propose(subject, owner=owner, basis_points=parts, by=seller)] * 4)
    assert sorted(codes(outcomes)) == ["split_already_proposed"] * 3 + ["won"]
    assert Split.objects.count() == 1
