"""What use costs: a pure function of counted quantities and a metered plan. The same input gives the same bytes, so
that a bill can be worked out again by anyone who has both."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exchange.kernel import canonical
from exchange.kernel.canonical import Fact
from exchange.kernel.money import Money
from payments.plans.plans import Component, Metering, Plan, Tier

MINIMUM = "minimum"


@dataclass(frozen=True)
class Line:
    """`quantity` units of `meter` at `price_minor` for `per` of them, in the tier of that number from 1; what is
    included has tier 0. The line `minimum` lifts a bill to what is paid at least."""

    meter: str
    tier: int
    quantity: int
    price_minor: int
    per: int
    amount_minor: int


@dataclass(frozen=True)
class Rating:
    """What was used in one period, line by line; `total` is the sum of the lines. `input_sha256` names the usage and
    the plan that it followed from."""

    lines: Sequence[Line]
    total: Money
    input_sha256: str


def rate(usage: Mapping[str, int], plan: Plan) -> Rating:
    """What one period's usage costs by a metered plan; a meter that the plan does not count costs nothing."""
    if plan.metering is None:
        raise ValueError("only a metered plan is rated")
    counted: dict[str, int] = {one.meter: max(usage.get(one.meter, 0), 0) for one in plan.metering.components}
    lines = [line for one in plan.metering.components for line in _component(one, counted[one.meter])]
    lines += _minimum(plan.metering, lines)
    total = Money(sum(line.amount_minor for line in lines), plan.metering.currency)
    return Rating(tuple(lines), total, input_sha256(counted, plan))


def input_sha256(usage: Mapping[str, int], plan: Plan) -> str:
    """The digest of what a rating follows from, as canonical JSON."""
    counted: dict[str, Fact] = {name: str(quantity) for name, quantity in usage.items()}
    return hashlib.sha256(canonical.encode({"usage": counted, "plan": plan.to_dict()})).hexdigest()


def to_list(lines: Sequence[Line]) -> list[dict[str, Fact]]:
    """The lines as JSON keeps them."""
    return [
        {
            "meter": line.meter,
            "tier": line.tier,
            "quantity": line.quantity,
            "price_minor": line.price_minor,
            "per": line.per,
            "amount_minor": line.amount_minor,
        }
        for line in lines
    ]


def _component(component: Component, quantity: int) -> list[Line]:
    included = min(quantity, component.included)
    found = [Line(component.meter, 0, included, 0, 1, 0)] if included else []
    left = quantity - included
    if component.model == "volume":
        return found + _at(component, _tier_of(component.tiers, left), left)
    before = 0
    for number, tier in enumerate(component.tiers, start=1):
        end = left if tier.up_to is None else min(left, tier.up_to)
        found += _at(component, number, end - before)
        before = end
    return found


def _at(component: Component, number: int, quantity: int) -> list[Line]:
    """The line of one tier, rounded half up; a package that was begun is paid whole."""
    if quantity <= 0:
        return []
    tier = component.tiers[number - 1]
    if component.model == "package":
        amount = -(-quantity // tier.per) * tier.price_minor
    else:
        amount = (2 * quantity * tier.price_minor + tier.per) // (2 * tier.per)
    return [Line(component.meter, number, quantity, tier.price_minor, tier.per, amount)]


def _tier_of(tiers: Sequence[Tier], quantity: int) -> int:
    """The number of the tier in which a whole quantity lies."""
    return next(
        number for number, tier in enumerate(tiers, start=1) if tier.up_to is None or quantity <= tier.up_to
    )


def _minimum(metering: Metering, lines: Sequence[Line]) -> list[Line]:
    lacking = metering.minimum_minor - sum(line.amount_minor for line in lines)
    return [Line(MINIMUM, 0, 1, metering.minimum_minor, 1, lacking)] if lacking > 0 else []
