"""Sums divided by largest remainder, and given back over what remains. The long form is in tests/soak."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.money import Money
from payments.shares import splits
from tests.payments import random_splits

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


def euros(**amounts: int) -> dict[str, Money]:
    return {name: Money(minor, "EUR") for name, minor in amounts.items()}


@given(chance=st.randoms(use_true_random=False))
def test_random_splits_are_exact(chance: Random) -> None:
    random_splits.shared_exactly(chance)


@given(chance=st.randoms(use_true_random=False))
def test_random_refunds_are_exact(chance: Random) -> None:
    random_splits.given_back_exactly(chance)


def test_a_unit_left_over_goes_to_the_smaller_party_whatever_the_order() -> None:
    for parts in ({FIRST: 5_000, SECOND: 5_000}, {SECOND: 5_000, FIRST: 5_000}):
        assert splits.share(Money(101, "EUR"), parts) == {FIRST: Money(51, "EUR"), SECOND: Money(50, "EUR")}


def test_a_unit_left_over_goes_to_the_largest_remainder() -> None:
    found = splits.share(Money(10, "JPY"), {FIRST: 3_300, SECOND: 3_300, THIRD: 3_400})
    assert [found[party].minor for party in (FIRST, SECOND, THIRD)] == [3, 3, 4]


@pytest.mark.parametrize("parts", [{}, {FIRST: 9_999}, {FIRST: 5_000, SECOND: 5_001}])
def test_parts_that_are_not_the_whole_are_refused(parts: dict[UUID, int]) -> None:
    with pytest.raises(ValueError, match="10000"):
        splits.share(Money(100, "EUR"), parts)


def test_a_part_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        splits.share(Money(100, "EUR"), {FIRST: 10_001, SECOND: -1})


def test_a_refund_of_all_leaves_nothing() -> None:
    remaining = euros(tax=2_000, fee=1_000, seller=9_000)
    assert splits.refund_split(Money(12_000, "EUR"), remaining) == remaining


def test_a_refund_takes_from_each_in_proportion_to_what_remains() -> None:
    assert splits.refund_split(Money(6_000, "EUR"), euros(tax=2_000, fee=1_000, seller=9_000)) == euros(
        tax=1_000, fee=500, seller=4_500
    )


def test_many_small_refunds_never_take_below_zero() -> None:
    """Differences of cumulative shares would: this division looks at what remains instead."""
    remaining = euros(tax=3, fee=2, one=1, other=1)
    for _ in range(7):
        taken = splits.refund_split(Money(1, "EUR"), remaining)
        remaining = {name: money - taken[name] for name, money in remaining.items()}
        assert min(money.minor for money in remaining.values()) >= 0
    assert not any(remaining.values())


@pytest.mark.parametrize("minor", [-1, 12_001])
def test_more_than_what_remains_is_refused(minor: int) -> None:
    with pytest.raises(ValueError, match="remains"):
        splits.refund_split(Money(minor, "EUR"), euros(tax=2_000, fee=1_000, seller=9_000))


def test_a_refund_in_another_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="own currency"):
        splits.refund_split(Money(1, "USD"), euros(tax=2_000))


def test_a_refund_of_nothing_takes_nothing() -> None:
    assert splits.refund_split(Money(0, "EUR"), euros(tax=0, fee=0)) == euros(tax=0, fee=0)
