"""post(), balances and the trial balance."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments.ledger import ledger
from payments.ledger.ledger import Line
from payments.models import Account, Entry, Posting
from tests.payments.stories import everything
from tests.rivals import race

Code = Account.Code


def sale(seller: Actor, gross: int = 12_000, fee: int = 1_000, currency: str = "EUR") -> list[Line]:
    return [
        Line(Code.CLEARING, None, Money(gross, currency), "demo"),
        Line(Code.PLATFORM_FEE, None, Money(-fee, currency)),
        Line(Code.SELLER_HELD, seller.participant_id, Money(fee - gross, currency)),
    ]


def test_a_posting_is_booked_sealed_and_moves_the_guarded_balance(seller: Actor, now: datetime) -> None:
    posting = ledger.post("sale", "one", sale(seller), reference="agreement:1", at=now)
    assert (posting.kind, posting.reference, posting.occurred_at) == ("sale", "agreement:1", now)
    assert posting.seal.pk == posting.pk
    assert ledger.balance(Code.CLEARING, None, "EUR", provider="demo") == Money(12_000, "EUR")
    assert ledger.balance(Code.SELLER_HELD, seller.participant_id, "EUR") == Money(-11_000, "EUR")
    assert Account.objects.get(code=Code.SELLER_HELD).balance_minor == -11_000
    assert Account.objects.get(code=Code.CLEARING).balance_minor == 0


def test_a_replay_answers_the_first_posting_and_books_nothing(seller: Actor, now: datetime) -> None:
    first = ledger.post("sale", "one", sale(seller), reference="agreement:1", at=now)
    before = everything()
    again = ledger.post("sale", "one", sale(seller)[::-1], reference="agreement:1", at=now)
    assert again.pk == first.pk
    assert everything() == before


@pytest.mark.parametrize(
    ("kind", "gross", "reference"),
    [("sale", 12_001, "agreement:1"), ("other", 12_000, "agreement:1"), ("sale", 12_000, "agreement:2")],
)
def test_a_key_used_for_something_else_is_refused(
    seller: Actor, now: datetime, kind: str, gross: int, reference: str
) -> None:
    ledger.post("sale", "one", sale(seller), reference="agreement:1", at=now)
    before = everything()
    with pytest.raises(Conflict, match="nothing was booked") as refusal:
        ledger.post(kind, "one", sale(seller, gross), reference=reference, at=now)
    assert refusal.value.code == "key_reused"
    assert everything() == before


def test_lines_on_one_account_become_one_entry_and_zero_is_left_out(seller: Actor, now: datetime) -> None:
    lines = [
        *sale(seller),
        *sale(seller),
        Line(Code.VAT_PAYABLE, None, Money(0, "EUR")),
        Line(Code.SELLER_PAYABLE, seller.participant_id, Money(-5, "EUR")),
        Line(Code.SELLER_PAYABLE, seller.participant_id, Money(5, "EUR")),
    ]
    posting = ledger.post("sale", "one", lines, reference="agreement:1", at=now)
    booked = {entry.account.code: entry.amount_minor for entry in posting.entries.select_related("account")}
    assert booked == {"clearing": 24_000, "platform_fee": -2_000, "seller_held": -22_000}
    assert not Account.objects.filter(code__in=[Code.VAT_PAYABLE, Code.SELLER_PAYABLE]).exists()


def test_what_does_not_balance_is_refused_by_the_database(seller: Actor, now: datetime) -> None:
    before = everything()
    with pytest.raises(IntegrityError, match="sum to zero"), transaction.atomic():
        ledger.post("sale", "one", sale(seller)[:2], reference="agreement:1", at=now)
    with pytest.raises(IntegrityError, match="two entries"), transaction.atomic():
        ledger.post("sale", "two", sale(seller, gross=0, fee=0), reference="agreement:1", at=now)
    assert everything() == before


def test_taking_more_than_stands_on_a_guarded_account_is_refused(seller: Actor, now: datetime) -> None:
    ledger.post("sale", "one", sale(seller), reference="agreement:1", at=now)
    before = everything()
    with pytest.raises(Conflict) as refusal:
        ledger.post("refund", "two", _reversed(seller, 11_001), reference="", at=now)
    assert refusal.value.code == "overdrawn"
    assert everything() == before
    ledger.post("refund", "two", _reversed(seller, 11_000), reference="", at=now)
    assert ledger.balance(Code.SELLER_HELD, seller.participant_id, "EUR") == Money(0, "EUR")


def _reversed(seller: Actor, minor: int) -> list[Line]:
    return [
        Line(Code.SELLER_HELD, seller.participant_id, Money(minor, "EUR")),
        Line(Code.CLEARING, None, Money(-minor, "EUR"), "demo"),
    ]


def test_one_posting_may_hold_several_currencies_that_each_balance(seller: Actor, now: datetime) -> None:
    ledger.post("sale", "one", sale(seller) + sale(seller, currency="JPY"), reference="agreement:1", at=now)
    trial = ledger.trial_balance()
    assert trial.sums == {"EUR": 0, "JPY": 0}
    assert trial.is_sound
    assert Account.objects.count() == 6


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sales=st.lists(
        st.tuples(st.integers(1, 10**12), st.integers(0, 10_000), st.sampled_from(["EUR", "JPY", "KWD"])),
        max_size=6,
    )
)
def test_the_trial_balance_is_zero_after_any_sales(
    seller: Actor, now: datetime, sales: list[tuple[int, int, str]]
) -> None:
    for gross, part, currency in sales:
        fee = Money(gross, currency).portion(part).minor
        key = f"sale {Posting.objects.count()}"
        ledger.post("sale", key, sale(seller, gross, fee, currency), reference="", at=now)
    trial = ledger.trial_balance()
    assert trial.is_sound
    assert not any(trial.sums.values())
    for account in trial.accounts:
        assert account.kept in (None, account.minor)


def test_one_key_posted_by_two_rivals_is_booked_once(own_database: None, seller: Actor, now: datetime) -> None:
    for number in range(5):
        key = f"sale {number}"
        outcomes = race([lambda key=key: ledger.post("sale", key, sale(seller), reference="", at=now).pk] * 2)
        assert outcomes[0] == outcomes[1] == Posting.objects.get(key=key).pk
    assert Entry.objects.count() == 5 * 3
    assert Account.objects.count() == 3
    assert ledger.trial_balance().is_sound


def test_eight_rivals_with_twenty_sales_each_sum_to_zero(
    own_database: None, seller: Actor, buyer: Actor, now: datetime
) -> None:
    """Two sellers' guarded accounts in each posting: taken in different orders they would lock each other."""

    def sell(rival: int) -> int:
        for number in range(20):
            first, second = (seller, buyer) if rival % 2 else (buyer, seller)
            lines = sale(first) + sale(second)
            ledger.post("sale", f"{rival}-{number}", lines, reference="", at=now)
        return 20

    assert race([lambda rival=rival: sell(rival) for rival in range(8)]) == [20] * 8
    trial = ledger.trial_balance()
    assert trial.is_sound
    assert ledger.balance(Code.CLEARING, None, "EUR", provider="demo") == Money(2 * 160 * 12_000, "EUR")
    assert (
        Account.objects.get(code=Code.SELLER_HELD, owner=seller.participant_id).balance_minor == -160 * 11_000
    )


def test_ten_rivals_for_one_balance_leave_exactly_one_winner(
    own_database: None, seller: Actor, now: datetime
) -> None:
    ledger.post("sale", "one", sale(seller), reference="", at=now)
    take = [
        lambda number=number: ledger.post(
            "payout", f"payout {number}", _reversed(seller, 11_000), reference="", at=now
        )
        for number in range(10)
    ]
    outcomes = race(take)
    assert sum(isinstance(outcome, Posting) for outcome in outcomes) == 1
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert [refusal.code for refusal in refusals] == ["overdrawn"] * 9
    assert ledger.balance(Code.SELLER_HELD, seller.participant_id, "EUR") == Money(0, "EUR")
    assert ledger.trial_balance().is_sound
