"""What a right does when its money goes back: it follows. One look at all money of the contract says what is to be, so
it does not matter in which order Events are told, nor how often."""

from uuid import UUID

from django.db import transaction

from contracts.entitlements import entitlements, reasons
from contracts.models import Entitlement, Transfer
from exchange.kernel.actors import Actor
from payments import queries as payments
from payments.holds import givebacks
from payments.models import Charge, Refund
from payments.plans import refund_policies
from payments.refunds import refunds

_USED = "data was downloaded, and this contract gives money back only while nothing was"
_State = Entitlement.State


def follow(charge_id: UUID, *, by: Actor) -> None:
    """Bring a right to where the money of its contract is: suspended while a dispute is open or all of it is on its
    way back, given back when a dispute was won, revoked when all of it has gone back, or a dispute was lost.

    A refund that failed changes nothing: what was suspended or revoked stays so until a person acts.
    """
    right = _right_of(payments.charge(charge_id))
    if right is None:
        return
    money = payments.money_of(f"agreement:{right.agreement_id}")
    if money.is_lost or money.is_returned:
        if right.state in (_State.PENDING, _State.ACTIVE, _State.SUSPENDED):
            entitlements.revoke(right, reason=reasons.LOST if money.is_lost else reasons.RETURNED, by=by)
    else:
        entitlements.follow(right.pk, by=by)


@transaction.atomic
def decide(refund_id: UUID, *, by: Actor) -> Refund:
    """What a buyer asks back is given at once while nothing was taken, and then no byte leaves any more. Otherwise it
    waits for the seller, or is declined where the contract says so. Returns early when it is decided."""
    refund = payments.refund(refund_id)
    charge, _hold = givebacks.locked(refund.charge_id)
    refund.refresh_from_db()
    right = _right_of(charge)
    if refund.state != Refund.State.REQUESTED or right is None:
        return refund
    right = entitlements.locked(right.pk)  # no download starts meanwhile
    if not _is_used(right, charge):
        refund = refunds.approve(refund, by=by)
        follow(charge.pk, by=by)
    elif refund_policies.thaw(charge.refund_policy).kind == "unused":
        refund = refunds.decline(refund, reason=_USED, by=by)
    return refund


def _is_used(right: Entitlement, charge: Charge) -> bool:
    """Whether something was taken since this was charged; what is paid for use was used."""
    taken = Transfer.objects.filter(entitlement=right, started_at__gte=charge.created_at)
    unsent = Transfer.objects.filter(state=Transfer.State.ABORTED, spent_bytes=0)
    return charge.occasion.startswith("usage:") or taken.exclude(pk__in=unsent.values("pk")).exists()


def _right_of(charge: Charge) -> Entitlement | None:
    noun, _colon, agreement_id = charge.reference.partition(":")
    return Entitlement.objects.filter(agreement_id=agreement_id).first() if noun == "agreement" else None
