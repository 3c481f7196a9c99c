"""The table of posting rules balances, whatever the amounts."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.money import Money
from payments.ledger import posting_rules
from payments.ledger.posting_rules import POSTING_RULES, REVERSED_AS, Line
from payments.models import Account, Charge, Posting
from payments.plans import fees

KINDS = sorted(POSTING_RULES)
FIRST, SECOND, BUYER = (UUID(int=number) for number in (1, 2, 3))


def booked(kind: str, price: Money, *, rate: int = 1_900, part: int = 1_000, gone: int = 0) -> list[Line]:
    """The lines of a rule for a sale at this price; `gone` basis points of the parts are there no more."""
    names = {leg.amount for leg in POSTING_RULES[kind]}
    tax, fee = price.portion(rate), fees.fee(price, part)
    held = fees.held(net=price, tax=tax, fee=fee, seller_owes_tax=kind.endswith("intermediary"))
    whole = held
    if "parts" not in names:  # what is owed is all of something else
        whole = fee if kind.endswith("direct") else price
    owed = whole.portion(gone) if "parts" in names else whole
    rest = whole - owed if "owed" in names else whole
    amounts = {"gross": price + tax, "tax": tax, "fee": fee, "cost": price, "amount": whole}
    if "prepaid" in names and "amount" in names:
        amounts["amount"] = price + tax
    return posting_rules.lines(
        kind,
        amounts,
        parts=dict(zip((FIRST, SECOND), rest.shares([2, 1]), strict=True)),
        owed=dict(zip((FIRST, SECOND), owed.shares([2, 1]), strict=True)),
        prepaid={BUYER: price + tax},
        provider="demo",
    )


@given(
    net=st.integers(1, 10**12),
    rate=st.integers(0, 2_700),
    part=st.integers(0, 10_000),
    gone=st.integers(0, 10_000),
    kind=st.sampled_from(KINDS),
)
def test_every_rule_sums_to_zero(net: int, rate: int, part: int, gone: int, kind: str) -> None:
    lines = booked(kind, Money(net, "EUR"), rate=rate, part=part, gone=gone)
    assert sum(line.amount.minor for line in lines) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_can_be_booked(kind: str) -> None:
    legs = POSTING_RULES[kind]
    assert max(Counter(leg.account for leg in legs).values()) == 1
    assert {leg.sign for leg in legs} == {1, -1}


@pytest.mark.parametrize("kind", sorted({*POSTING_RULES, *REVERSED_AS.values()}))
def test_every_kind_has_a_column_to_stand_in(kind: str) -> None:
    longest = Posting._meta.get_field("kind").max_length
    assert longest is not None
    assert len(kind) <= longest


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_participants_accounts_have_an_owner_and_only_a_providers_name_one(kind: str) -> None:
    for line in booked(kind, Money(10_000, "EUR"), gone=5_000):
        assert (line.owner is not None) == (line.code.value in Account.OWNED)
        assert bool(line.provider) == (line.code.value in Account.AT_A_PROVIDER)
        assert (line.owner == BUYER) == (line.code == Account.Code.BUYER_PREPAID)


def test_every_account_is_booked_on_by_some_rule() -> None:
    assert {leg.account for legs in POSTING_RULES.values() for leg in legs} == set(Account.Code)


def test_what_reverses_is_no_rule_of_its_own() -> None:
    assert REVERSED_AS.keys() <= POSTING_RULES.keys()
    assert not POSTING_RULES.keys() & set(REVERSED_AS.values())


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.startswith(("refund.held", "dispute.lost.held"))]
)
def test_giving_all_back_undoes_the_charge(kind: str) -> None:
    """But for a dispute, whose money the bank took before."""
    role = Charge.VatRole.INTERMEDIARY if kind.endswith("intermediary") else Charge.VatRole.DEEMED_SUPPLIER
    paid = booked(posting_rules.in_role("charge.paid", role), Money(10_000, "EUR"))
    back = booked(kind, Money(10_000, "EUR"))
    place = Account.Code.DISPUTE_SUSPENSE if kind.startswith("dispute") else Account.Code.CLEARING
    totals: Counter[tuple[str, UUID | None]] = Counter()
    for line in [*paid, *back]:
        code = Account.Code.CLEARING if line.code == place else line.code
        totals[code, line.owner] += line.amount.minor
    assert not any(totals.values())


def test_the_rule_follows_who_supplies_the_buyer() -> None:
    assert posting_rules.in_role("charge.paid", Charge.VatRole.DEEMED_SUPPLIER) == "charge.paid"
    assert posting_rules.in_role("charge.paid", Charge.VatRole.INTERMEDIARY) == "charge.paid.intermediary"
