"""A right follows all that the exchange keeps it back for, whatever happened last: what ends one reason gives nothing
back while another stands."""

from uuid import UUID

from django.db import transaction

from contracts.entitlements import entitlements, reasons
from contracts.models import Entitlement
from exchange.kernel.actors import Actor


@transaction.atomic
def follow(right_id: UUID, *, by: Actor) -> None:
    """Suspend a right for what stands now, and give it back once that is over; a suspension by a person stays."""
    right = entitlements.locked(right_id)  # before it is asked what stands, or a rival's change would be missed
    standing = reasons.standing(right)
    is_lifted = right.reason in reasons.LIFTED and right.reason not in standing
    if right.state == Entitlement.State.SUSPENDED and is_lifted and not entitlements.is_over(right, by.at):
        entitlements.resume(right, reason=reasons.LIFTED[right.reason], by=by)
    if right.state == Entitlement.State.ACTIVE and standing:
        entitlements.suspend(right, reason=standing[0], by=by)
