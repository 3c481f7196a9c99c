"""Sales: the moment at which data and money are both in place."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from contracts.entitlements import entitlements, successions
from contracts.models import Entitlement
from contracts.negotiations import negotiations, signings
from contracts.negotiations.signings import Accepted
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from payments import queries as payments
from payments.checkouts import at_once
from payments.holds import holds
from payments.models import Charge, Hold
from payments.plans import plans

_TOO_LATE = "the licence was revoked before this money came; it is to be given back"
_NOTHING_TO_AMEND = (
    "the licence was not in force any more when the money for its change came; it is to be given back"
)


@transaction.atomic
def complete(agreement_id: UUID, *, by: Actor) -> Entitlement:
    """The money has come: the talk is over and the right becomes active. Returns early when it already did.

    Money that comes after the right was revoked, or for a change of a right that has ended, stays held, as contested,
    until the operator has settled it.
    """
    entitlement = entitlements.of_agreement(agreement_id)
    if entitlement.state == Entitlement.State.PENDING and successions.comes_too_late(entitlement):
        _keep_back(f"agreement:{agreement_id}", _NOTHING_TO_AMEND, by)
    elif entitlement.state == Entitlement.State.PENDING:
        negotiations.finalize(agreement_id, by=by)
        return entitlements.activate(entitlement, by=by)
    elif entitlement.activated_at is None:
        _keep_back(f"agreement:{agreement_id}", _TOO_LATE, by)
    return entitlement


def pay_at_once(accepted: Sequence[Accepted], by: Sequence[Actor]) -> list[Accepted]:
    """Have purchases paid by their buyers in the transaction in which they were signed, where the provider answers at
    once; they are whole then. Else each waits for its money."""
    asked = [(one.charge, who) for one, who in zip(accepted, by, strict=True) if one.charge]
    if not asked:
        return list(accepted)
    found = at_once.pay(asked)
    paid = {charge.pk: charge for charge in map(_raised, found) if charge}
    whole = [
        (replace(one, charge=paid[one.charge.pk]), who.as_system("complete_sale"))
        for one, who in zip(accepted, by, strict=True)
        if one.charge and one.charge.pk in paid
    ]
    _complete_many([one for one, _ in whole], [clock for _, clock in whole])
    after = {one.negotiation.pk: one for one, _ in whole}
    return [after.get(one.negotiation.pk, one) for one in accepted]


def unfinished(charge_ids: Collection[UUID]) -> list[UUID]:
    """Of these charges those whose right is still to follow its money: all but those whose sale was whole in the moment
    of its payment."""
    about = {UUID(one.partition(":")[2]): pk for pk, one in payments.undisturbed(charge_ids).items()}
    active = Entitlement.objects.filter(agreement_id__in=about, state=Entitlement.State.ACTIVE)
    whole = {about[one] for one in active.values_list("agreement_id", flat=True)}
    return [pk for pk in charge_ids if pk not in whole]


def _complete_many(sold: Sequence[Accepted], by: Sequence[Actor]) -> None:
    """The money of purchases has come in the moment of their signature."""
    signings.finalize_many([one.negotiation for one in sold], by)
    rights = [one.entitlement for one in sold if one.entitlement]
    entitlements.activate_many(rights, [plans.parse(one.negotiation.plan) for one in sold], by)


def _raised(found: Charge | ExchangeError | None) -> Charge | None:
    if isinstance(found, ExchangeError):
        raise found
    return found


def _keep_back(reference: str, reason: str, by: Actor) -> None:
    charge = payments.charge_about(reference)
    if charge is not None and charge.is_direct:  # the seller has the money, and gives it back itself
        return
    if payments.hold_about(by, reference).state == Hold.State.OPEN:
        holds.contest(reference, reason=reason, by=by)
