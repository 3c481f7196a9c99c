"""What the first of a buyer's two members agreed to besides the round, as the second reads it before it signs."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.models import Negotiation, Rider, Side, Signature
from contracts.negotiations import riders
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from exchange.look.refusals import sentence_of
from payments.plans.plans import Plan


@dataclass(frozen=True)
class Shown:
    """`left` is what the coupon leaves of the first charge, `hindrance` why it does not hold any more."""

    off: Money | None
    left: Money | None
    keeps_method: bool
    renews: bool
    hindrance: str


def of(actor: Actor, negotiation: Negotiation, plan: Plan, given: Sequence[Signature]) -> Shown | None:
    """What stands besides the round by the signatures `given`, also where that is nothing; None where no member of the
    buyer has signed, or the other side reads."""
    if negotiation.state not in Negotiation.OPEN or not (
        actor.acts_for(negotiation.buyer_id) or actor.can(Scope.AUDIT)
    ):
        return None
    rider = riders.among(given)
    if rider is None:
        is_half_signed = any(one.side == Side.BUYER for one in given)
        return Shown(None, None, False, False, "") if is_half_signed else None
    left = plan.due_first - rider.off if plan.due_first and rider.off else None
    return Shown(rider.off, left, rider.keeps_method, rider.renews, _hindrance(actor, negotiation, rider))


def _hindrance(actor: Actor, negotiation: Negotiation, rider: Rider) -> str:
    """Why the second signature would be refused now, in the reader's language."""
    if not (actor.can(Scope.BUY) and actor.acts_for(negotiation.buyer_id)):
        return ""
    try:
        riders.weighed(negotiation, rider, by=actor)
    except Conflict as refusal:
        return sentence_of(refusal)
    return ""
