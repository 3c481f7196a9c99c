"""What use costs, worked out as a pure function: monotone, exact, and the same again from the same input."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.kernel.money import Money, exponent
from payments.plans import rating
from payments.plans.plans import Component, Meter, Metering, Model, Plan, Tier

SINGLE: tuple[Model, ...] = ("per_unit", "package")
TIERED: tuple[Model, ...] = ("graduated", "volume")


def plan(*components: Component, currency: str = "EUR", minimum: int = 0) -> Plan:
    return Plan("metered", metering=Metering(currency, components, minimum_minor=minimum))


def rows(model: Model, *tiers: Tier, included: int = 0, meter: Meter = "rows") -> Component:
    return Component(meter, model, tiers, included)


def falling() -> st.SearchStrategy[tuple[Tier, ...]]:
    """Tiers in which more units cost less each."""
    ends = st.lists(st.integers(1, 5_000), max_size=4, unique=True).map(sorted)
    prices = st.lists(st.integers(0, 300), min_size=5, max_size=5).map(
        lambda found: sorted(found, reverse=True)
    )
    return st.builds(
        lambda found, given, per: tuple(
            Tier(end, price, per) for end, price in zip([*found, None], given, strict=False)
        ),
        ends,
        prices,
        st.integers(1, 1_000),
    )


def test_each_model_counts_as_it_says() -> None:
    used = {"rows": 2_500}
    cheap, tiers = Tier(None, 5, 1_000), (Tier(1_000, 10, 100), Tier(None, 5, 100))
    assert rating.rate(used, plan(rows("per_unit", cheap))).total == Money(13, "EUR")  # 12.5, half up
    assert rating.rate(used, plan(rows("package", cheap))).total == Money(15, "EUR")
    assert rating.rate(used, plan(rows("graduated", *tiers))).total == Money(100 + 75, "EUR")
    assert rating.rate(used, plan(rows("volume", *tiers))).total == Money(125, "EUR")
    assert rating.rate({"rows": 1_000}, plan(rows("volume", *tiers))).total == Money(100, "EUR")


def test_what_is_included_is_free_and_shown() -> None:
    found = rating.rate({"rows": 1_500}, plan(rows("per_unit", Tier(None, 2), included=1_000)))
    assert [(line.tier, line.quantity, line.amount_minor) for line in found.lines] == [
        (0, 1_000, 0),
        (1, 500, 1_000),
    ]
    assert rating.rate({"rows": 1_000}, plan(rows("per_unit", Tier(None, 2), included=1_000))).total == Money(
        0, "EUR"
    )


def test_the_minimum_is_paid_where_less_was_used() -> None:
    minimum = plan(rows("per_unit", Tier(None, 2)), minimum=700)
    assert [line.meter for line in rating.rate({"rows": 10}, minimum).lines] == ["rows", rating.MINIMUM]
    assert rating.rate({}, minimum).total == Money(700, "EUR")
    assert rating.rate({"rows": 350}, minimum).total == Money(700, "EUR")
    assert rating.rate({"rows": 351}, minimum).total == Money(702, "EUR")


def test_a_meter_that_the_plan_does_not_count_costs_nothing() -> None:
    found = rating.rate({"bytes": 10**12, "rows": -5}, plan(rows("per_unit", Tier(None, 2))))
    assert (found.lines, found.total) == ((), Money(0, "EUR"))


@given(
    model=st.sampled_from([*SINGLE, "graduated"]),
    tiers=falling(),
    included=st.integers(0, 2_000),
    quantities=st.lists(st.integers(0, 10_000), min_size=2, max_size=8).map(sorted),
)
def test_more_use_never_costs_less(
    model: Model, tiers: tuple[Tier, ...], included: int, quantities: list[int]
) -> None:
    priced = plan(rows(model, *(tiers if model == "graduated" else tiers[-1:]), included=included))
    found = [rating.rate({"rows": quantity}, priced).total.minor for quantity in quantities]
    assert all(less <= more for less, more in pairwise(found))
    assert rating.rate({"rows": included}, priced).total.minor == 0


@given(tiers=falling(), quantity=st.integers(0, 10_000))
def test_graduated_prices_are_never_below_those_by_volume_where_prices_fall(
    tiers: tuple[Tier, ...], quantity: int
) -> None:
    """But for the rounding of each tier, which is half a unit at most."""
    graduated = rating.rate({"rows": quantity}, plan(rows("graduated", *tiers))).total.minor
    volume = rating.rate({"rows": quantity}, plan(rows("volume", *tiers))).total.minor
    assert graduated + len(tiers) / 2 + 0.5 >= volume


@given(
    used=st.fixed_dictionaries({"rows": st.integers(0, 10**15), "bytes": st.integers(0, 10**15)}),
    tiers=falling(),
    currency=st.sampled_from(["JPY", "EUR", "KWD"]),
    minimum=st.integers(0, 10**6),
)
def test_the_lines_add_up_in_every_currency(
    used: dict[str, int], tiers: tuple[Tier, ...], currency: str, minimum: int
) -> None:
    priced = plan(
        rows("graduated", *tiers), rows("package", tiers[-1], meter="bytes"), currency=currency, minimum=minimum
    )
    found = rating.rate(used, priced)
    assert found.total == Money(sum(line.amount_minor for line in found.lines), currency)
    assert found.total.minor >= minimum and exponent(currency) in (0, 2, 3)
    assert sum(line.quantity for line in found.lines if line.meter == "rows") == used["rows"]
    again = rating.rate(dict(reversed(used.items())), priced)
    assert (again, rating.to_list(again.lines)) == (found, rating.to_list(found.lines))


def test_the_digest_names_the_usage_and_the_plan() -> None:
    priced = plan(rows("per_unit", Tier(None, 2)))
    assert priced.metering is not None
    dearer = replace(priced, metering=replace(priced.metering, months=2))
    digests = {
        rating.rate({"rows": 1}, priced).input_sha256,
        rating.rate({"rows": 2}, priced).input_sha256,
        rating.rate({"rows": 1}, dearer).input_sha256,
    }
    assert len(digests) == 3


def test_only_metered_plans_are_rated() -> None:
    with pytest.raises(ValueError, match="metered"):
        rating.rate({}, Plan("free"))
