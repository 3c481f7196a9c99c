"""Sums divided by largest remainder: what is held over the parties who earn it, and a refund over what each still has
of it. Pure, and exact: nothing is lost, nobody gives more than it has."""

from collections.abc import Mapping
from uuid import UUID

from exchange.kernel.money import Money

WHOLE = 10_000
"""The basis points of all parties together."""


def share(held: Money, basis_points: Mapping[UUID, int]) -> dict[UUID, Money]:
    """Who gets what of `held`; where remainders tie, the smaller party id gets the unit."""
    if sum(basis_points.values()) != WHOLE:
        raise ValueError("the parts of all parties make 10000 basis points")
    parties = sorted(basis_points)
    return dict(zip(parties, held.shares([basis_points[party] for party in parties]), strict=True))


def refund_split(amount: Money, remaining: Mapping[str, Money]) -> dict[str, Money]:
    """What each name gives back of `amount`, in proportion to what remains of it there; giving back all that remains
    leaves nothing anywhere. Where remainders tie, the smaller name gives the unit."""
    rest = sum(money.minor for money in remaining.values())
    if not 0 <= amount.minor <= rest:
        raise ValueError("no more can be given back than what remains")
    if any(money.currency != amount.currency for money in remaining.values()):
        raise ValueError("a refund is split in its own currency")
    if not amount:
        return dict.fromkeys(remaining, amount)
    names = sorted(remaining)
    return dict(zip(names, amount.shares([remaining[name].minor for name in names]), strict=True))
