"""Random sums divided among random parties, and given back in random pieces until nothing is left."""

from itertools import pairwise
from random import Random
from uuid import UUID

from exchange.kernel.money import Money
from payments.shares import splits


def shared_exactly(chance: Random) -> None:
    """One sum over one to nine parties: nothing lost, nobody more than a unit from its exact part."""
    parts = _basis_points(chance)
    held = Money(_minor(chance), chance.choice(("EUR", "JPY", "KWD")))
    found = splits.share(held, parts)
    assert found.keys() == parts.keys()
    assert sum(money.minor for money in found.values()) == held.minor
    for party, money in found.items():
        assert abs(money.minor * splits.WHOLE - held.minor * parts[party]) < splits.WHOLE
    again = splits.share(held, dict(reversed(parts.items())))
    assert found == again


def given_back_exactly(chance: Random) -> None:
    """One charge given back in one to six pieces: each exact, none below zero, and nothing left at the end."""
    names = ["tax", "fee", *(f"party:{number}" for number in range(chance.randint(1, 6)))]
    remaining = {name: Money(chance.choice((0, 1, _minor(chance))), "EUR") for name in names}
    for piece in range(chance.randint(1, 6), 0, -1):
        rest = sum(money.minor for money in remaining.values())
        amount = Money(rest if piece == 1 else chance.randint(0, rest), "EUR")
        given = splits.refund_split(amount, remaining)
        assert given.keys() == remaining.keys()
        assert sum(money.minor for money in given.values()) == amount.minor
        for name, money in given.items():
            assert 0 <= money.minor <= remaining[name].minor
            assert not rest or abs(money.minor * rest - amount.minor * remaining[name].minor) < rest
        remaining = {name: remaining[name] - given[name] for name in remaining}
    assert not any(remaining.values())


def _basis_points(chance: Random) -> dict[UUID, int]:
    cuts = sorted(chance.randint(0, splits.WHOLE) for _ in range(chance.randint(0, 8)))
    edges = [0, *cuts, splits.WHOLE]
    first = chance.getrandbits(120)
    return {UUID(int=first + place): end - begin for place, (begin, end) in enumerate(pairwise(edges))}


def _minor(chance: Random) -> int:
    return chance.randint(0, 10 ** chance.randint(0, 13))
