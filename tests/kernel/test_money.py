"""Exact integers, one currency at a time, and shares that always add up."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel import money
from exchange.kernel.errors import Invalid
from exchange.kernel.money import LARGEST_MINOR, Money

amounts = st.integers(0, LARGEST_MINOR)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@given(amounts, weights)
def test_shares_add_up_to_the_sum(minor: int, parts: list[int]) -> None:
    shares = Money(minor, "EUR").shares(parts)
    assert sum(share.minor for share in shares) == minor


@given(amounts, weights)
def test_no_share_is_a_whole_unit_away_from_its_exact_part(minor: int, parts: list[int]) -> None:
    for share, weight in zip(Money(minor, "EUR").shares(parts), parts, strict=True):
        assert abs(share.minor * sum(parts) - minor * weight) < sum(parts)


def test_ties_go_to_the_earlier_weight() -> None:
    assert [share.minor for share in Money(100, "EUR").shares([1, 1, 1])] == [34, 33, 33]


@pytest.mark.parametrize(("minor", "parts"), [(100, [0, 0]), (100, [-1, 2]), (-1, [1]), (100, [])])
def test_shares_that_make_no_sense_are_refused(minor: int, parts: list[int]) -> None:
    with pytest.raises(ValueError):
        Money(minor, "EUR").shares(parts)


@given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.integers(0, 10_000))
def test_a_portion_is_rounded_half_away_from_zero(minor: int, basis_points: int) -> None:
    exact = (Decimal(minor) * basis_points / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    assert Money(minor, "EUR").portion(basis_points).minor == exact


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="cannot mix EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="cannot mix"):
        Money(1, "EUR") - Money(1, "USD")


def test_sums_and_signs() -> None:
    assert Money(3, "EUR") + Money(4, "EUR") - Money(10, "EUR") == -Money(3, "EUR")
    assert not Money(0, "EUR") and Money(-1, "EUR")


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1)])
def test_money_is_a_whole_number(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor", "currency", "code"),
    [
        (-1, "EUR", "absurd_amount"),
        (LARGEST_MINOR, "EUR", "absurd_amount"),
        (1, "EURO", "unknown_currency"),
        (1, "eur", "unknown_currency"),
        (1, "ZZZ", "unknown_currency"),
        (1, "", "unknown_currency"),
    ],
)
def test_a_price_nobody_may_ask_is_refused(minor: int, currency: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        money.price(minor, currency)
    assert refusal.value.code == code


def test_prices_may_be_zero_and_large() -> None:
    assert money.price(0, "EUR") == Money(0, "EUR")
    assert money.price(LARGEST_MINOR - 1, "JPY").minor == LARGEST_MINOR - 1


def test_the_point_stands_where_iso_4217_says() -> None:
    assert [money.exponent(currency) for currency in ("EUR", "JPY", "KWD")] == [2, 0, 3]
