"""The table of posting rules balances, whatever the amounts."""

from collections import Counter
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.money import Money
from payments import fees, posting_rules
from payments.models import Account, Posting


@given(
    net=st.integers(1, 10**12),
    rate=st.integers(0, 2_700),
    part=st.integers(0, 10_000),
    kind=st.sampled_from(sorted(posting_rules.POSTING_RULES)),
)
def test_every_rule_sums_to_zero(net: int, rate: int, part: int, kind: str) -> None:
    price = Money(net, "EUR")
    tax, fee = price.portion(rate), fees.fee(price, part)
    held = fees.held(net=price, tax=tax, fee=fee, seller_owes_tax=kind.endswith("intermediary"))
    amounts = {"gross": price + tax, "tax": tax, "fee": fee, "held": held}
    lines = posting_rules.lines(kind, amounts, seller_id=uuid4())
    assert sum(line.amount.minor for line in lines) == 0


@pytest.mark.parametrize("kind", sorted(posting_rules.POSTING_RULES))
def test_every_rule_can_be_booked(kind: str) -> None:
    legs = posting_rules.POSTING_RULES[kind]
    assert max(Counter(leg.account for leg in legs).values()) == 1
    assert {leg.sign for leg in legs} == {1, -1}
    longest = Posting._meta.get_field("kind").max_length
    assert longest is not None
    assert len(kind) <= longest


def test_only_a_sellers_accounts_have_an_owner() -> None:
    seller_id = uuid4()
    one = Money(1, "EUR")
    amounts = dict.fromkeys(["gross", "tax", "fee", "held"], one)
    for kind in posting_rules.POSTING_RULES:
        for line in posting_rules.lines(kind, amounts, seller_id=seller_id):
            assert (line.owner == seller_id) == (line.code.value in Account.OWNED)
