"""Which VAT stands on a supply between two organisations: one table of rules, a dated one of standard rates, and the
words for exempt small businesses. Where the tables cannot know, they say so and charge nothing by guess."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

Treatment: TypeAlias = Literal["domestic", "reverse_charge", "one_stop_shop", "exempt", "outside_scope"]

PACKAGED = Path(__file__).parents[1] / "data" / "vat_rates.json"
CATEGORIES = {
    "domestic": "S",
    "one_stop_shop": "S",
    "reverse_charge": "AE",
    "exempt": "E",
    "outside_scope": "O",
}
"""The category of each treatment, as EN 16931 writes it (UNTDID 5305)."""


@dataclass(frozen=True)
class Rate:
    """A country's standard rate from `first_day` on, until a later row of the same country."""

    country: str
    basis_points: int
    first_day: date


@dataclass(frozen=True)
class Vat:
    """What a supply bears: `basis_points` is above zero for the treatments `domestic` and `one_stop_shop` alone."""

    treatment: Treatment
    basis_points: int

    @property
    def category(self) -> str:
        """As EN 16931 writes it."""
        return CATEGORIES[self.treatment]


@dataclass(frozen=True)
class Side:
    """A supplier or a buyer: where it is established, whether its VAT id counts, whether it is an exempt small
    business."""

    country: str
    has_vat_id: bool = False
    is_small_business: bool = False

    @property
    def is_in_the_union(self) -> bool:
        return self.country in member_states()


@dataclass(frozen=True)
class Rule:
    """What holds between a supplier and a buyer, and whose country's rate is taken; none: nothing is charged."""

    treatment: Treatment
    holds: Callable[[Side, Side], bool]
    rate_of: Literal["", "supplier", "buyer"] = ""


RULES: tuple[Rule, ...] = (
    Rule("outside_scope", lambda supplier, buyer: not (supplier.is_in_the_union and buyer.is_in_the_union)),
    # Articles 44 and 196 of Directive 2006/112/EC: the buyer accounts for it, in its own country
    Rule("reverse_charge", lambda supplier, buyer: supplier.country != buyer.country and buyer.has_vat_id),
    Rule("exempt", lambda supplier, buyer: supplier.is_small_business),
    Rule("domestic", lambda supplier, buyer: supplier.country == buyer.country, "supplier"),
    # without a VAT id that counts, a buyer is taken for a consumer (article 18 of Regulation 282/2011)
    Rule("one_stop_shop", lambda supplier, buyer: True, "buyer"),
)
"""The first that holds is the one."""


def treatment(supplier: Side, buyer: Side, *, on: date) -> Vat:
    """The VAT on a supply of services from one side to the other, on that day."""
    rule = next(rule for rule in RULES if rule.holds(supplier, buyer))
    if not rule.rate_of:
        return Vat(rule.treatment, 0)
    return Vat(rule.treatment, standard_rate((supplier if rule.rate_of == "supplier" else buyer).country, on))


def standard_rate(country: str, on: date) -> int:
    """The standard rate of a member state on that day, in basis points; ValueError before the table starts."""
    in_force = [rate for rate in rates() if rate.country == country and rate.first_day <= on]
    if not in_force:
        raise ValueError(f"the table of VAT rates says nothing about {country} on {on}")
    return max(in_force, key=lambda rate: rate.first_day).basis_points


@lru_cache(maxsize=1)
def member_states() -> frozenset[str]:
    """Those whose rates the table has: the member states of the Union."""
    return frozenset(rate.country for rate in rates())


@lru_cache(maxsize=1)
def rates() -> tuple[Rate, ...]:
    """The table as packaged."""
    return tuple(
        Rate(row["country"], row["basis_points"], date.fromisoformat(row["from"]))
        for row in json.loads(PACKAGED.read_text())["rates"]
    )


@lru_cache(maxsize=1)
def small_business_words() -> dict[str, str]:
    """What the law of a country wants on the invoice of an exempt small business; "" is for every other country."""
    words: dict[str, str] = json.loads(PACKAGED.with_name("vat_exemptions.json").read_text())["small_business"]
    return words
