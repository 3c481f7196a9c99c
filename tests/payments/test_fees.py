"""Fees and shares add up to the price, always."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.money import LARGEST_MINOR, Money
from payments.plans import fees

prices = st.integers(0, LARGEST_MINOR - 1).map(lambda minor: Money(minor, "EUR"))
parts = st.integers(0, 10_000)


@given(net=prices, part=parts)
def test_a_fee_is_never_negative_and_never_more_than_the_price(net: Money, part: int) -> None:
    fee = fees.fee(net, part)
    assert 0 <= fee.minor <= net.minor
    assert abs(fee.minor * 10_000 - net.minor * part) <= 5_000


@pytest.mark.parametrize(
    ("net", "part", "fee"), [(10_000, 1_000, 1_000), (1, 5_000, 1), (1, 4_999, 0), (5, 1_000, 1), (4, 1_000, 0)]
)
def test_a_fee_is_rounded_half_up(net: int, part: int, fee: int) -> None:
    assert fees.fee(Money(net, "EUR"), part) == Money(fee, "EUR")


@pytest.mark.parametrize(("net", "part"), [(-1, 1_000), (100, -1), (100, 10_001)])
def test_a_fee_that_cannot_be_is_refused(net: int, part: int) -> None:
    with pytest.raises(ValueError, match="a fee is taken"):
        fees.fee(Money(net, "EUR"), part)


@given(net=prices, part=parts, rate=st.integers(0, 2_700), seller_owes_tax=st.booleans())
def test_what_is_paid_is_tax_and_fee_and_what_is_held(
    net: Money, part: int, rate: int, seller_owes_tax: bool
) -> None:
    tax, fee = net.portion(rate), fees.fee(net, part)
    held = fees.held(net=net, tax=tax, fee=fee, seller_owes_tax=seller_owes_tax)
    owed_by_exchange = Money(0, "EUR") if seller_owes_tax else tax
    assert held + fee + owed_by_exchange == net + tax
    assert held.minor >= 0


@given(
    whole=prices,
    weights=st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(lambda found: sum(found) > 0),
)
def test_shares_are_exact_and_each_within_one_unit_of_its_part(whole: Money, weights: list[int]) -> None:
    shares = whole.shares(weights)
    assert sum(share.minor for share in shares) == whole.minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor * sum(weights) - whole.minor * weight) < sum(weights)
