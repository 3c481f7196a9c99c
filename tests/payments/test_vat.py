"""VAT by the dated table."""

import json
from datetime import date

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import legal
from exchange.kernel.money import LARGEST_MINOR, Money
from payments.taxes import vat
from payments.taxes.vat import Side, Vat

TODAY = date(2026, 11, 22)
MEMBERS = sorted(legal.load().eea - {"IS", "LI", "NO"})
COUNTRIES = sorted(country.alpha_2 for country in pycountry.countries)


def test_the_table_is_dated_and_names_the_twenty_seven_member_states() -> None:
    packaged = json.loads(vat.PACKAGED.read_text())
    assert date.fromisoformat(packaged["as_of"]) <= TODAY
    assert sorted({rate.country for rate in vat.rates()}) == MEMBERS
    assert len(MEMBERS) == 27
    rows = [(rate.country, rate.first_day) for rate in vat.rates()]
    assert len(rows) == len(set(rows))
    assert all(1_500 <= rate.basis_points <= 2_700 for rate in vat.rates())


@pytest.mark.parametrize(
    ("country", "basis_points"),
    [("FR", 2_000), ("DE", 1_900), ("HU", 2_700), ("LU", 1_700), ("FI", 2_550), ("GR", 2_400)],
)
def test_a_sale_within_a_member_state_bears_its_standard_rate(country: str, basis_points: int) -> None:
    found = vat.treatment(Side(country), Side(country), on=TODAY)
    assert found == Vat("domestic", basis_points)


@pytest.mark.parametrize(
    ("country", "on", "basis_points"),
    [
        ("SK", date(2024, 12, 31), 2_000),
        ("SK", date(2025, 1, 1), 2_300),
        ("EE", date(2025, 6, 30), 2_200),
        ("EE", date(2025, 7, 1), 2_400),
        ("RO", date(2025, 7, 31), 1_900),
        ("RO", date(2025, 8, 1), 2_100),
        ("FI", date(2024, 8, 31), 2_400),
        ("FI", date(2024, 9, 1), 2_550),
    ],
)
def test_a_rate_is_the_one_in_force_on_the_day(country: str, on: date, basis_points: int) -> None:
    assert vat.standard_rate(country, on) == basis_points


def test_a_day_before_the_table_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="says nothing about FR on 2023-12-31"):
        vat.standard_rate("FR", date(2023, 12, 31))


SIDES = st.builds(Side, st.sampled_from(COUNTRIES), st.booleans(), st.booleans())


@given(supplier=SIDES, buyer=SIDES)
def test_every_pair_of_sides_has_the_treatment_of_the_first_rule_that_holds(
    supplier: Side, buyer: Side
) -> None:
    found = vat.treatment(supplier, buyer, on=TODAY)
    if supplier.country not in MEMBERS or buyer.country not in MEMBERS:
        assert found == Vat("outside_scope", 0)
    elif supplier.country != buyer.country and buyer.has_vat_id:
        assert found == Vat("reverse_charge", 0)
    elif supplier.is_small_business:
        assert found == Vat("exempt", 0)
    else:
        same = supplier.country == buyer.country
        expected = Vat("domestic" if same else "one_stop_shop", vat.standard_rate(buyer.country, TODAY))
        assert found == expected


@pytest.mark.parametrize(
    ("supplier", "buyer", "treatment", "category", "basis_points"),
    [
        (Side("FR"), Side("FR", True), "domestic", "S", 2_000),
        (Side("FR"), Side("DE", True), "reverse_charge", "AE", 0),
        (Side("FR"), Side("DE"), "one_stop_shop", "S", 1_900),
        (Side("FR"), Side("CH", True), "outside_scope", "O", 0),
        (Side("US"), Side("FR", True), "outside_scope", "O", 0),
        (Side("FR", is_small_business=True), Side("FR", True), "exempt", "E", 0),
        (Side("FR", is_small_business=True), Side("DE"), "exempt", "E", 0),
        (Side("FR", is_small_business=True), Side("DE", True), "reverse_charge", "AE", 0),
    ],
)
def test_each_row_of_the_table(
    supplier: Side, buyer: Side, treatment: str, category: str, basis_points: int
) -> None:
    found = vat.treatment(supplier, buyer, on=TODAY)
    assert (found.treatment, found.category, found.basis_points) == (treatment, category, basis_points)


@given(net=st.integers(0, LARGEST_MINOR - 1), country=st.sampled_from(MEMBERS))
def test_tax_is_the_net_price_times_the_rate_rounded_half_up(net: int, country: str) -> None:
    rate = vat.standard_rate(country, TODAY)
    tax = Money(net, "EUR").portion(rate).minor
    assert abs(tax * 10_000 - net * rate) <= 5_000
    if net * rate % 10_000 == 5_000:
        assert tax * 10_000 > net * rate
