"""A right follows all that the exchange keeps it back for, whatever happened last: what ends one reason gives nothing
back while another stands."""

from contracts.entitlements import entitlements, reasons
from contracts.models import Entitlement
from exchange.kernel.actors import Actor


def follow(right: Entitlement, *, by: Actor) -> None:
    """Suspend a right for what stands now, and give it back once that is over; a suspension by a person stays. The
    right is locked, in the open transaction."""
    standing = reasons.standing(right)
    is_lifted = right.reason in reasons.LIFTED and right.reason not in standing
    if right.state == Entitlement.State.SUSPENDED and is_lifted and not entitlements.is_over(right, by.at):
        entitlements.resume(right, reason=reasons.LIFTED[right.reason], by=by)
    if right.state == Entitlement.State.ACTIVE and standing:
        entitlements.suspend(right, reason=standing[0], by=by)
