"""Money: exact integers in minor units, one currency at a time, shares that always add up."""

from collections.abc import Sequence
from dataclasses import dataclass

import pycountry

from exchange.kernel.errors import Invalid

# ISO 4217 exponents other than 2 (list of 2026-01-01).
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}
# Codes of ISO 4217 that nobody can pay in: metals, bond units, tests, "no currency".
_NOT_MONEY = set("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split())
LARGEST_MINOR = 10**13


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` units of `currency` (cents for EUR, yen for JPY); may be negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("money is a whole number of minor units")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def portion(self, basis_points: int) -> "Money":
        """That part of the sum, rounded half up (away from zero)."""
        sign = -1 if self.minor < 0 else 1
        return Money(sign * ((abs(self.minor) * basis_points + 5_000) // 10_000), self.currency)

    def shares(self, weights: Sequence[int]) -> list["Money"]:
        """The sum split by largest remainder; ties go to the earlier weight, and nothing is lost."""
        whole = sum(weights)
        if whole <= 0 or min(weights) < 0 or self.minor < 0:
            raise ValueError("shares need a sum and weights of zero or more, not all zero")
        floors = [self.minor * weight // whole for weight in weights]
        remainders = [self.minor * weight % whole for weight in weights]
        order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
        for index in order[: self.minor - sum(floors)]:
            floors[index] += 1
        return [Money(minor, self.currency) for minor in floors]

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.minor


def exponent(currency: str) -> int:
    """How many digits of `currency` stand behind the point."""
    return _EXPONENTS.get(currency, 2)


def codes() -> list[str]:
    """Every currency that a price may be in, by its ISO 4217 code."""
    return sorted(known.alpha_3 for known in pycountry.currencies if known.alpha_3 not in _NOT_MONEY)


def price(minor: int, currency: str) -> Money:
    """A price that somebody may ask: zero or more, below ten trillion minor units, in an ISO 4217 currency."""
    known = pycountry.currencies.get(alpha_3=currency)  # finds "eur" too
    if known is None or known.alpha_3 != currency or currency in _NOT_MONEY:
        raise Invalid(f"{currency!r} is not an ISO 4217 currency", code="unknown_currency")
    if not 0 <= minor < LARGEST_MINOR:
        raise Invalid(f"an amount must be from 0 to {LARGEST_MINOR - 1}; it is {minor}", code="absurd_amount")
    return Money(minor, currency)
