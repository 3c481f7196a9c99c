"""Statements: what a party earned in a month, in integers that anyone can add up again."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.verifier import __main__ as verify
from compliance.verifier import earnings as checker
from exchange.kernel import signing
from exchange.kernel.actors import Actor
from exchange.kernel.errors import NotFound
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from payments.ledger import ledger
from payments.models import Account, Charge
from payments.refunds import refunds
from payments.shares import splits
from payments.statements import statements
from tests import makers
from tests.payments import earnings, stories

PERIOD = "2026-11"
REASON = "the third column is empty in half of the rows"


@pytest.fixture
def partner(db: None, now: datetime) -> Actor:
    """A client of a second organisation that helped to make the data."""
    return makers.trader("Partner OÜ", "EE", now)


@pytest.fixture
def shared(seller: Actor, buyer: Actor, partner: Actor, operator: Actor, react: Any) -> Charge:
    """A month: two sales of a shared dataset, one of them half refunded, and the other paid out."""
    subject = f"dataset:{new_id()}"
    earnings.split(subject, seller, {seller: 6_667, partner: 3_333})
    first = earnings.paid(earnings.sale(seller, buyer, 9_999, subject=subject), buyer.at)
    earnings.released(earnings.paid(earnings.sale(seller, buyer, 7_001, subject=subject), buyer.at), buyer)
    for minor in (1_234, 3_001):
        refunds.give(first, gross=Money(minor, "EUR"), reason=REASON, by=seller)
        react()
    earnings.begin_and_pay(seller, react)
    return first


def key() -> str:
    """As /.well-known/jwks.json has it."""
    (found,) = [one for one in signing.public_keys()["keys"] if one["comptoir_purpose"] == "earnings"]
    return f"{found['kid']}:{found['x']}"


def made(party: Actor) -> bytes:
    return statements.signed(statements.document(earnings.of(party), PERIOD, by=party))


def test_every_line_can_be_done_again_and_leads_to_the_ledger(
    shared: Charge, seller: Actor, partner: Actor
) -> None:
    for party in (seller, partner):
        file = made(party)
        found = checker.check_statement(file, key())
        assert found.is_sealed
        assert not found.taken_as_told
        assert found.done_again["charge.paid"] == 2
        assert sum(count for kind, count in found.done_again.items() if kind.startswith("refund.")) == 2
        closing = json.loads(file)["statement"]["currencies"][0]["closing"]
        of = earnings.of(party)
        assert closing["held_minor"] == stories.owed(Account.Code.SELLER_HELD, of)
        assert closing["payable_minor"] == stories.owed(Account.Code.SELLER_PAYABLE, of)
        assert closing["owed_minor"] == -stories.owed(Account.Code.SELLER_RECEIVABLE, of)
    assert ledger.trial_balance().is_sound


def test_the_same_ledger_gives_the_same_bytes(shared: Charge, seller: Actor) -> None:
    assert made(seller) == made(seller)


def test_a_month_that_is_over_stays_as_it_is(shared: Charge, seller: Actor, buyer: Actor, react: Any) -> None:
    december = seller.at + timedelta(days=31)
    later = seller.moved_to(december)
    before = statements.signed(statements.document(earnings.of(seller), PERIOD, by=later))
    earnings.earned(later, buyer.moved_to(december), at=december)
    assert statements.signed(statements.document(earnings.of(seller), PERIOD, by=later)) == before
    assert json.loads(before)["statement"]["is_complete"] is True
    following = statements.document(earnings.of(seller), "2026-12", by=later)
    assert following["currencies"][0]["opening"] == json.loads(before)["statement"]["currencies"][0]["closing"]
    assert statements.periods(earnings.of(seller), by=later) == ["2026-12", "2026-11"]


def test_co_owners_see_the_same_totals_and_each_others_basis_points(
    shared: Charge, seller: Actor, partner: Actor
) -> None:
    sales = [
        [
            line["sale"]
            for line in json.loads(made(party))["statement"]["currencies"][0]["lines"]
            if "sale" in line
        ]
        for party in (seller, partner)
    ]
    for mine, theirs in zip(*sales, strict=True):
        assert {**mine, "your_minor": 0} == {**theirs, "your_minor": 0}
        assert mine["your_minor"] + theirs["your_minor"] == mine["held_minor"]


def test_one_changed_digit_is_refused(shared: Charge, seller: Actor, tmp_path: Path) -> None:
    file, path = made(seller), tmp_path / "statement.json"
    path.write_bytes(file)
    assert verify.main(["statement", str(path), "--seal-key", key()]) == 0
    digits = [index for index, byte in enumerate(file) if chr(byte).isdigit()]
    for index in digits[:: max(1, len(digits) // 40)]:
        other = b"%d" % ((file[index] - 47) % 10)
        path.write_bytes(file[:index] + other + file[index + 1 :])
        assert verify.main(["statement", str(path), "--seal-key", key()]) != 0, file[index - 30 : index + 30]


def test_the_sums_alone_refuse_a_changed_amount(shared: Charge, seller: Actor) -> None:
    whole = json.loads(made(seller))
    one = whole["statement"]["currencies"][0]
    refused = 0
    for line in one["lines"]:
        rows = [line, line.get("sale"), line.get("back"), line.get("back", {}).get("left"), line.get("payout")]
        for row in rows:
            for name, value in list((row or {}).items()):
                if name.endswith("_minor") and name != "cost_minor":
                    row[name] = value + 1  # type: ignore[index]
                    with pytest.raises(checker.Tampered):
                        checker.check_statement(json.dumps(whole).encode(), None)
                    row[name] = value  # type: ignore[index]
                    refused += 1
    assert refused > 30
    checker.check_statement(json.dumps(whole).encode(), None)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"[]",
        b"{}",
        b'{"statement": 1}',
        b"\xff",
        b'{"statement": {"v": "comptoir.earnings/1"}, "seal": ""}',
    ],
)
def test_what_is_no_statement_is_refused(file: bytes, tmp_path: Path) -> None:
    path = tmp_path / "statement.json"
    path.write_bytes(file)
    assert verify.main(["statement", str(path)]) != 0


def test_others_have_no_statement(shared: Charge, outsider: Actor, seller: Actor, officer: Actor) -> None:
    with pytest.raises(NotFound):
        statements.document(earnings.of(seller), PERIOD, by=outsider)
    with pytest.raises(NotFound):
        statements.document(earnings.of(outsider), PERIOD, by=outsider)
    assert statements.document(earnings.of(seller), PERIOD, by=officer)["party"] == str(seller.participant_id)


@pytest.mark.parametrize("period", ["2026-13", "2026-1", "26-11", "", "2026-11-01", "1999-12", "２０２６-11"])
def test_a_period_is_a_month(seller: Actor, period: str) -> None:
    with pytest.raises(NotFound):
        statements.document(earnings.of(seller), period, by=seller)


@given(st.integers(0, 10**13), st.lists(st.integers(1, 9_999), min_size=1, max_size=12))
def test_the_checker_divides_as_the_exchange_does(minor: int, weights: list[int]) -> None:
    remaining = {str(UUID(int=index)): Money(weight, "EUR") for index, weight in enumerate(weights)}
    amount = Money(minor % (sum(weights) + 1), "EUR")
    ours = splits.refund_split(amount, remaining)
    parts = checker.largest_remainder(amount.minor, weights)
    assert [ours[name].minor for name in sorted(remaining)] == parts
