"""Price plans are read strictly, and come back as they were given."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.errors import Invalid
from exchange.kernel.money import LARGEST_MINOR, Money
from payments import plans
from payments.plans import Plan

ONE_OFF = {"kind": "one_off", "price": {"amount_minor": 1250, "currency": "EUR"}}


def test_a_free_plan_has_no_price() -> None:
    plan = plans.parse({"kind": "free"})
    assert plan == Plan("free", None)
    assert plan.is_free
    assert plan.to_dict() == {"kind": "free"}


def test_a_one_off_plan_has_its_price() -> None:
    plan = plans.parse(ONE_OFF)
    assert plan.price == Money(1250, "EUR")
    assert not plan.is_free
    assert plan.to_dict() == ONE_OFF


@given(minor=st.integers(1, LARGEST_MINOR - 1), currency=st.sampled_from(["EUR", "JPY", "KWD", "USD"]))
def test_every_plan_comes_back_as_it_was_given(minor: int, currency: str) -> None:
    plan = Plan("one_off", Money(minor, currency))
    assert plans.parse(plan.to_dict()) == plan


def one_off(**changes: Any) -> dict[str, Any]:
    return {"kind": "one_off", "price": {"amount_minor": 1250, "currency": "EUR"} | changes}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "the plan must be an object"),
        ("free", "the plan must be an object"),
        ([], "the plan must be an object"),
        ({}, "kind must be one of free, one_off"),
        ({"kind": "subscription"}, "given 'subscription'"),
        ({"kind": ["free"]}, "kind must be one of"),
        ({"kind": "free", "price": None}, "a free plan has kind and nothing else"),
        ({"kind": "one_off"}, "the price of a one_off plan must be an object"),
        ({"kind": "one_off", "price": 1250}, "must be an object"),
        (ONE_OFF | {"trial": True}, "nothing else; given 'trial' too"),
        (ONE_OFF | {1: True}, "given 1 too"),
        (one_off(vat=20), "amount_minor, currency and nothing else"),
        (one_off(amount_minor=True), "whole number"),
        (one_off(amount_minor=12.5), "whole number"),
        (one_off(amount_minor="1250"), "whole number"),
        (one_off(amount_minor=None), "whole number"),
        (one_off(amount_minor=-1), "it is -1"),
        (one_off(amount_minor=LARGEST_MINOR), "it is 10000000000000"),
        (one_off(amount_minor=0), 'use {"kind": "free"}'),
        (one_off(currency=978), "ISO 4217"),
        (one_off(currency="eur"), "'eur' is not"),
        (one_off(currency="ZZZ"), "'ZZZ' is not"),
        (one_off(currency="XXX"), "'XXX' is not"),
        (one_off(currency="XAU"), "'XAU' is not"),
        (one_off(currency="€"), "is not an ISO 4217 currency"),
    ],
)
def test_what_is_no_plan_is_refused_in_words(raw: object, says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        plans.parse(raw)
    assert says in refusal.value.detail
    assert len(refusal.value.detail) < 250
