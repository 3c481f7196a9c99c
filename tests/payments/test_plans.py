"""Price plans are read strictly, and come back as they were given."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel import canonical
from exchange.kernel.errors import Invalid
from exchange.kernel.money import LARGEST_MINOR, Money
from payments.plans import plans
from payments.plans.plans import METERS, Component, Metering, Part, Plan, Rhythm, Tier

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


AMOUNTS = st.integers(1, LARGEST_MINOR - 1)
CODES = st.sampled_from(["EUR", "JPY", "KWD", "USD"])


def tiers() -> st.SearchStrategy[tuple[Tier, ...]]:
    ends = st.lists(st.integers(1, 10**6), max_size=4, unique=True).map(sorted)
    return ends.flatmap(
        lambda found: st.tuples(
            *(
                st.builds(Tier, st.just(end), st.integers(1, 10**4), st.integers(1, 10**4))
                for end in [*found, None]
            )
        )
    )


def components() -> st.SearchStrategy[tuple[Component, ...]]:
    several = st.builds(
        Component,
        st.sampled_from(METERS),
        st.sampled_from(["graduated", "volume"]),
        tiers(),
        st.integers(0, 10**6),
    )
    single = st.builds(
        Component,
        st.sampled_from(METERS),
        st.sampled_from(["per_unit", "package"]),
        st.tuples(st.builds(Tier, st.none(), st.integers(1, 10**4), st.integers(1, 10**4))),
        st.integers(0, 10**6),
    )
    return st.lists(several | single, min_size=1, max_size=4, unique_by=lambda one: one.meter).map(tuple)


def any_plan() -> st.SearchStrategy[Plan]:
    """Every plan that can be written."""
    price = st.builds(Money, AMOUNTS, CODES)
    rhythm = st.builds(Rhythm, st.integers(1, 36), st.integers(1, 120), st.integers(0, 90), st.booleans())
    metering = st.builds(
        Metering, CODES, components(), st.integers(1, 36), st.integers(0, 99), st.integers(99, 10**6)
    )
    amounts = st.lists(st.integers(1, 10**6), min_size=2, max_size=36)
    return st.one_of(
        st.sampled_from([Plan("free"), Plan("quote")]),
        st.builds(Plan, st.just("one_off"), price),
        st.builds(Plan, st.just("subscription"), price, rhythm),
        st.builds(lambda found: Plan("metered", metering=found), metering),
        st.builds(
            lambda given, code: Plan(
                "instalments",
                Money(sum(given), code),
                parts=tuple(Part(minor, 30 * place) for place, minor in enumerate(given)),
            ),
            amounts,
            CODES,
        ),
    )


@given(plan=any_plan())
def test_every_kind_of_plan_comes_back_as_it_was_given(plan: Plan) -> None:
    assert plans.parse(plan.to_dict()) == plan
    assert plans.parse(json.loads(canonical.encode(plan.to_dict()))) == plan


def test_what_is_left_out_has_its_plain_meaning() -> None:
    plan = plans.parse({"kind": "subscription", "price": {"amount_minor": 900, "currency": "EUR"}, "months": 1})
    assert plan.rhythm == Rhythm(1, 1, 0, False)
    assert plan.due_first == Money(900, "EUR")


def test_a_trial_a_metered_plan_and_a_quote_charge_nothing_at_the_signature() -> None:
    for raw in (monthly(trial_days=14), metered(), {"kind": "quote"}):
        assert plans.parse(raw).due_first is None
        assert not plans.parse(raw).is_free


def test_instalments_charge_their_first_part_at_the_signature() -> None:
    plan = plans.parse(in_parts([(4_000, 0), (3_000, 30), (3_000, 60)]))
    assert (plan.due_first, plan.whole) == (Money(4_000, "EUR"), Money(10_000, "EUR"))


@given(minor=st.integers(1, LARGEST_MINOR - 1), currency=st.sampled_from(["EUR", "JPY", "KWD", "USD"]))
def test_every_plan_comes_back_as_it_was_given(minor: int, currency: str) -> None:
    plan = Plan("one_off", Money(minor, currency))
    assert plans.parse(plan.to_dict()) == plan


TIERS = [{"up_to": 10, "price_minor": 2, "per": 1}, {"up_to": None, "price_minor": 1, "per": 1}]
ROWS = {"meter": "rows", "model": "graduated", "included": 0, "tiers": TIERS}


def monthly(**changes: Any) -> dict[str, Any]:
    return {"kind": "subscription", "price": {"amount_minor": 900, "currency": "EUR"}, "months": 1} | changes


def metered(**changes: Any) -> dict[str, Any]:
    return {"kind": "metered", "currency": "EUR", "components": [ROWS]} | changes


def in_parts(given: list[tuple[int, int]]) -> dict[str, Any]:
    parts = [{"amount_minor": minor, "after_days": days} for minor, days in given]
    return {"kind": "instalments", "price": {"amount_minor": 10_000, "currency": "EUR"}, "parts": parts}


def one_off(**changes: Any) -> dict[str, Any]:
    return {"kind": "one_off", "price": {"amount_minor": 1250, "currency": "EUR"} | changes}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "the plan must be an object"),
        ("free", "the plan must be an object"),
        ([], "the plan must be an object"),
        ({}, "kind must be one of free, one_off"),
        ({"kind": "hire"}, "given 'hire'"),
        ({"kind": "quote", "price": None}, "a quote plan has kind and nothing else"),
        (monthly(months=None), "months must be a whole number from 1 to 36"),
        (monthly(months=37), "given 37"),
        (monthly(periods=0), "periods must be a whole number"),
        (monthly(trial_days=91), "trial_days must be"),
        (monthly(trial_days=True), "trial_days must be"),
        (monthly(is_renewable="yes"), "is_renewable must be true or false"),
        (monthly(term=1), "given 'term' too"),
        (metered(components=[]), "components must be a list of 1 to 4"),
        (metered(components=[ROWS, ROWS]), "each meter once"),
        (metered(components=[ROWS | {"meter": "hours"}]), "meter must be one of rows"),
        (metered(components=[ROWS | {"model": "dear"}]), "model must be one of per_unit"),
        (metered(components=[ROWS | {"included": -1}]), "included must be a whole number"),
        (metered(components=[ROWS | {"tiers": [{"up_to": 5, "price_minor": 1}]}]), "the last one has none"),
        (metered(components=[ROWS | {"model": "per_unit", "tiers": TIERS}]), "has one tier"),
        (metered(components=[ROWS | {"model": "volume", "tiers": TIERS[::-1]}]), "rise by up_to"),
        (metered(components=[ROWS | {"tiers": [{"price_minor": 1.5}]}]), "price_minor must be"),
        (metered(components=[ROWS | {"tiers": [{"price_minor": 1, "per": 0}]}]), "per must be"),
        (metered(components=[ROWS | {"tiers": [{"price_minor": 0}]}]), 'use {"kind": "free"}'),
        (metered(currency="eur"), "'eur' is not"),
        (metered(minimum_minor=500, cap_minor=499), "cap_minor must not be below"),
        (in_parts([(5_000, 0)]), "parts must be a list of 2 to 36"),
        (in_parts([(5_000, 0), (4_999, 30)]), "the parts add up to 9999"),
        (in_parts([(5_000, 1), (5_000, 30)]), "the first part is due after 0 days"),
        (in_parts([(5_000, 0), (5_000, 0)]), "each later one after more"),
        (in_parts([(10_000, 0), (0, 30)]), "amount_minor must be"),
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


@pytest.mark.parametrize("kind", ["unused", "any", "none"])
def test_a_plan_may_say_what_is_given_back(kind: str) -> None:
    refund = {"kind": kind, "window_days": 0 if kind == "none" else 30}
    raw = {"kind": "one_off", "price": {"amount_minor": 500, "currency": "EUR"}, "refund": refund}
    plan = plans.parse(raw)
    assert plan.refund is not None and plan.refund.kind == kind
    assert plan.to_dict() == raw


@pytest.mark.parametrize("refund", [{"kind": "any"}, {}, "any", {"kind": "none", "window_days": 1}])
def test_a_plan_with_a_torn_refund_policy_or_of_what_is_free_is_refused(refund: object) -> None:
    raw = {"kind": "one_off", "price": {"amount_minor": 500, "currency": "EUR"}, "refund": refund}
    with pytest.raises(Invalid):
        plans.parse(raw)
    with pytest.raises(Invalid, match="nothing to give back"):
        plans.parse({"kind": "free", "refund": {"kind": "any", "window_days": 30}})
