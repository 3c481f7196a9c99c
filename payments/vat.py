"""Which VAT stands on a sale between two organisations, from a dated table of the standard rates of the
European Union. Rates are data; where the table cannot know, it says so and charges nothing by guess."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

Treatment: TypeAlias = Literal["domestic", "reverse_charge", "outside_scope"]

PACKAGED = Path(__file__).parent / "data" / "vat_rates.json"


@dataclass(frozen=True)
class Rate:
    """A country's standard rate from `first_day` on, until a later row of the same country."""

    country: str
    basis_points: int
    first_day: date


@dataclass(frozen=True)
class Vat:
    """What a sale bears: `basis_points` is above zero for domestic sales alone."""

    treatment: Treatment
    basis_points: int


def treatment(*, supplier_country: str, buyer_country: str, on: date) -> Vat:
    """The VAT on a sale by a business in one country to a business in another, on that day."""
    members = {rate.country for rate in rates()}
    if supplier_country not in members or buyer_country not in members:
        return Vat("outside_scope", 0)
    if supplier_country != buyer_country:
        return Vat("reverse_charge", 0)
    return Vat("domestic", standard_rate(supplier_country, on))


def standard_rate(country: str, on: date) -> int:
    """The standard rate of a member state on that day, in basis points; ValueError before the table starts."""
    in_force = [rate for rate in rates() if rate.country == country and rate.first_day <= on]
    if not in_force:
        raise ValueError(f"the table of VAT rates says nothing about {country} on {on}")
    return max(in_force, key=lambda rate: rate.first_day).basis_points


@lru_cache(maxsize=1)
def rates() -> tuple[Rate, ...]:
    """The table as packaged."""
    return tuple(
        Rate(row["country"], row["basis_points"], date.fromisoformat(row["from"]))
        for row in json.loads(PACKAGED.read_text())["rates"]
    )
