"""reverse(): what was booked is undone by its exact opposite, once, and stays to be read."""

from datetime import datetime, timedelta

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments.ledger import ledger, posting_rules
from payments.models import Account, Posting
from tests import makers
from tests.payments.stories import everything, owed
from tests.rivals import codes, race

Code = Account.Code


@pytest.fixture
def payout(database: None, seller: Actor, now: datetime) -> Posting:
    """The seller earned 90.00, of which 50.00 are on their way."""
    parts = {makers.participant_of(seller).pk: Money(9_000, "EUR")}
    amounts = {"gross": Money(12_000, "EUR"), "tax": Money(2_000, "EUR"), "fee": Money(1_000, "EUR")}
    book("charge.paid", "paid", now, amounts=amounts, parts=parts)
    book("hold.released", "released", now, parts=parts)
    return on_its_way(seller, "sent", 5_000, now)


def book(kind: str, key: str, at: datetime, **given: object) -> Posting:
    amounts = given.pop("amounts", {})
    lines = posting_rules.lines(kind, amounts, provider="demo", **given)  # type: ignore[arg-type]
    return ledger.post(kind, key, lines, reference="agreement:1", at=at)


def on_its_way(seller: Actor, key: str, minor: int, at: datetime) -> Posting:
    parts = {makers.participant_of(seller).pk: Money(minor, "EUR")}
    return book("payout.submitted", key, at, amounts={"amount": Money(minor, "EUR")}, parts=parts)


def payable(seller: Actor) -> int:
    return owed(Code.SELLER_PAYABLE, makers.participant_of(seller).pk)


def test_a_reversal_books_the_exact_opposite_under_its_own_name(
    seller: Actor, payout: Posting, now: datetime
) -> None:
    later = now + timedelta(days=2)
    back = ledger.reverse(payout, "bounced", at=later)
    assert (back.kind, back.reference, back.occurred_at) == ("payout.failed", "agreement:1", later)
    assert back.reverses_id == payout.pk
    opposite = {entry.account_id: -entry.amount_minor for entry in payout.entries.all()}
    assert {entry.account_id: entry.amount_minor for entry in back.entries.all()} == opposite
    assert payable(seller) == 9_000
    assert ledger.trial_balance().is_sound


def test_a_replay_of_a_reversal_answers_it_and_books_nothing(payout: Posting, now: datetime) -> None:
    back = ledger.reverse(payout, "bounced", at=now)
    before = everything()
    assert ledger.reverse(payout, "bounced", at=now).pk == back.pk
    assert everything() == before


def test_a_posting_is_reversed_at_most_once(payout: Posting, now: datetime) -> None:
    ledger.reverse(payout, "bounced", at=now)
    before = everything()
    with pytest.raises(Conflict, match="nothing was booked") as refusal:
        ledger.reverse(payout, "bounced again", at=now)
    assert refusal.value.code == "already_reversed"
    assert everything() == before


def test_the_key_of_a_reversal_is_not_taken_for_another(seller: Actor, payout: Posting, now: datetime) -> None:
    other = on_its_way(seller, "sent too", 4_000, now)
    ledger.reverse(payout, "bounced", at=now)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        ledger.reverse(other, "bounced", at=now)
    assert refusal.value.code == "key_reused"
    assert everything() == before


def test_an_equal_posting_is_not_taken_for_the_reversal(seller: Actor, payout: Posting, now: datetime) -> None:
    """The same lines under the same key, but not said to reverse anything."""
    ledger.reverse(payout, "bounced", at=now)
    lines = posting_rules.lines(
        "payout.submitted",
        {"amount": Money(-5_000, "EUR")},
        parts={makers.participant_of(seller).pk: Money(-5_000, "EUR")},
        provider="demo",
    )
    with pytest.raises(Conflict) as refusal:
        ledger.post("payout.failed", "bounced", lines, reference="agreement:1", at=now)
    assert refusal.value.code == "key_reused"


def test_a_reversal_overdraws_nobody(seller: Actor, buyer: Actor, now: datetime) -> None:
    """What was paid ahead cannot be given back once it was spent."""
    buyer_id = makers.participant_of(buyer).pk
    ahead = {"amounts": {"amount": Money(500, "EUR")}, "prepaid": {buyer_id: Money(500, "EUR")}}
    prepaid = book("prepaid.paid", "ahead", now, **ahead)
    book(
        "prepaid.spent",
        "spent",
        now,
        amounts={"tax": Money(0, "EUR"), "fee": Money(0, "EUR")},
        prepaid={buyer_id: Money(1, "EUR")},
        parts={makers.participant_of(seller).pk: Money(1, "EUR")},
    )
    before = everything()
    with pytest.raises(Conflict) as refusal:
        ledger.reverse(prepaid, "given back", at=now)
    assert refusal.value.code == "overdrawn"
    assert everything() == before


def test_what_no_rule_undoes_is_not_reversed(payout: Posting, now: datetime) -> None:
    paid = Posting.objects.get(key="paid")
    before = everything()
    with pytest.raises(KeyError):
        ledger.reverse(paid, "undone", at=now)
    assert everything() == before


def test_rivals_reverse_a_posting_once(
    own_database: None, payout: Posting, seller: Actor, now: datetime
) -> None:
    outcomes = race(
        [lambda key=f"bounced {number}": ledger.reverse(payout, key, at=now) for number in range(4)]
    )
    assert sorted(codes(outcomes)) == ["already_reversed"] * 3 + ["won"]
    assert payable(seller) == 9_000
    assert ledger.trial_balance().is_sound


def test_one_reversal_told_by_two_rivals_is_booked_once(
    own_database: None, payout: Posting, seller: Actor, now: datetime
) -> None:
    outcomes = race([lambda: ledger.reverse(payout, "bounced", at=now).pk] * 2)
    assert outcomes[0] == outcomes[1]
    assert payable(seller) == 9_000
