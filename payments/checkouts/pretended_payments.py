"""Payments of the demo provider, which the buyer pretends to make."""

from django.conf import settings
from django.db import transaction

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.participants.members import members
from payments.charges import charges
from payments.inbox import inbox
from payments.models import Charge
from payments.providers.demo import NAME, DemoProvider, payment_id


@transaction.atomic
def make(charge: Charge, *, by: Actor) -> Charge:
    """The buyer pretends to pay: the provider's event is kept, once, and acted on by a reaction."""
    by.require(Scope.BUY)
    if not by.acts_for(charge.payer_id):
        raise Forbidden("only the buyer may pay this charge", code="not_the_payer")
    members.require_cleared(charge.payer_id)
    if charge.provider != NAME or settings.EXCHANGE_PAYMENT_PROVIDER != NAME:
        raise Conflict(
            f"this charge is not paid here: follow the instructions of its provider ({charge.provider})",
            code="paid_elsewhere",
        )
    if charge.state == Charge.State.FAILED:
        raise Conflict(f"this charge was called off: {charge.failure}", code="charge_failed")
    if charge.state != Charge.State.PAID:
        told = DemoProvider().at_once(charges.checkout(charge))
        inbox.keep(NAME, told.external_id, told.kind, told.payload, at=by.at)
    return charge


def is_made(charge: Charge) -> bool:
    """Whether the buyer has pretended to pay, so that only the reaction is missing."""
    return charge.provider == NAME and inbox.is_kept(NAME, payment_id(charge.pk))
