"""The operator's doors to the ledger, tried by everybody."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.holds import holds
from payments.ledger import ledger
from payments.ledger.posting_rules import Line
from payments.ledger.schemas import TrialBalanceOut
from payments.models import Account, Charge, Posting
from tests import makers
from tests.makers import Door
from tests.payments.stories import everything, hold_of, paid_charge

TRIAL, POSTINGS = "/api/v1/ledger/trial-balance", "/api/v1/ledger/postings"
Code = Account.Code
Doors = Callable[[Actor], Door]


@pytest.fixture
def paid(operator: Actor, buyer: Actor, seller: Actor) -> Charge:
    """A paid charge of 100.00, of which 90.00 are held."""
    return paid_charge(buyer, seller)


def euros(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "EUR"}


def test_the_operator_sees_that_every_sum_is_zero(
    paid: Charge, operator: Actor, buyer: Actor, seller: Actor, door: Doors
) -> None:
    paid_charge(buyer, seller, 700, "JPY")
    body = door(operator).get(TRIAL).json()
    assert body["is_sound"] is True
    assert body["sums"] == [euros(0), {"amount_minor": 0, "currency": "JPY"}]
    in_euros = [row for row in body["balances"] if row["balance"]["currency"] == "EUR"]
    assert in_euros == [
        {"code": "clearing", "provider": "demo", "balance": euros(10_000)},
        {"code": "platform_fee", "provider": "", "balance": euros(-1_000)},
        {"code": "seller_held", "provider": "", "balance": euros(-9_000)},
    ]
    assert body["drifted"] == []


def test_an_empty_ledger_is_sound(operator: Actor, door: Doors) -> None:
    body = door(operator).get(TRIAL).json()
    assert body == {"is_sound": True, "sums": [], "balances": [], "drifted": []}


def test_an_account_whose_balance_has_drifted_is_named(paid: Charge, seller: Actor) -> None:
    """The database lets none drift: this one is made up."""
    trial = ledger.trial_balance()
    drifted = [
        ledger.AccountTotal(a.code, a.owner_id, a.provider, a.currency, a.minor, a.kept and a.kept - 5)
        for a in trial.accounts
    ]
    shown = TrialBalanceOut.of(ledger.TrialBalance(trial.sums, drifted))
    assert not shown.is_sound
    [row] = shown.drifted
    assert (row.code, row.kept_minor, row.entries_minor) == ("seller_held", -9_005, -9_000)
    assert row.owner_id == makers.participant_of(seller).pk


def test_the_operator_reads_what_was_booked_about_one_sale(
    paid: Charge, operator: Actor, buyer: Actor, seller: Actor, door: Doors
) -> None:
    paid_charge(buyer, seller)
    holds.release(hold_of(paid), by=buyer)
    body = door(operator).get(POSTINGS, reference=paid.reference).json()
    assert [row["kind"] for row in body["items"]] == ["hold.released", "charge.paid"]
    released, settled = body["items"]
    seller_id = str(makers.participant_of(seller).pk)
    assert released["entries"] == [
        {"code": "seller_held", "owner_id": seller_id, "provider": "", "amount": euros(9_000)},
        {"code": "seller_payable", "owner_id": seller_id, "provider": "", "amount": euros(-9_000)},
    ]
    assert (settled["key"], settled["reverses_id"]) == (f"charge.paid:{paid.pk}", None)
    assert {row["reference"] for row in body["items"]} == {paid.reference}


def test_postings_come_newest_first_page_by_page(
    operator: Actor, seller: Actor, door: Doors, now: datetime
) -> None:
    owner = makers.participant_of(seller).pk
    for number in range(5):
        lines = [
            Line(Code.CLEARING, None, Money(number + 1, "EUR"), "demo"),
            Line(Code.SELLER_HELD, owner, Money(-number - 1, "EUR")),
        ]
        ledger.post("charge.paid", f"sale {number}", lines, reference="", at=now)
    keys, cursor = [], {}
    while True:
        body = door(operator).get(POSTINGS, limit=2, **cursor).json()
        keys += [row["key"] for row in body["items"]]
        if body["next_cursor"] is None:
            break
        cursor = {"cursor": body["next_cursor"]}
    assert keys == [f"sale {number}" for number in reversed(range(5))]


@pytest.mark.parametrize("path", [TRIAL, POSTINGS])
def test_nobody_else_sees_the_ledger(
    paid: Charge,
    path: str,
    buyer: Actor,
    seller: Actor,
    officer: Actor,
    outsider: Actor,
    door: Doors,
) -> None:
    before = everything()
    for actor in (buyer, seller, officer, outsider):
        answer = door(actor).get(path)
        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:comptoir:problem:scope_missing"
        assert not {"items", "balances"} & answer.json().keys()
    assert everything() == before


def test_a_reference_that_nothing_has_shows_nothing(paid: Charge, operator: Actor, door: Doors) -> None:
    assert door(operator).get(POSTINGS, reference="agreement:none").json() == {"items": [], "next_cursor": None}
    assert door(operator).get(POSTINGS, reference="x" * 81).status_code == 422
    assert Posting.objects.count() == 1
