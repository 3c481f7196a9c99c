"""Sales: the moment at which data and money are both in place."""

from uuid import UUID

from django.db import transaction

from contracts import entitlements, negotiations, successions
from contracts.models import Entitlement
from exchange.kernel.actors import Actor
from payments import holds
from payments import queries as payments
from payments.models import Hold

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


def _keep_back(reference: str, reason: str, by: Actor) -> None:
    if payments.hold_about(by, reference).state == Hold.State.OPEN:
        holds.contest(reference, reason=reason, by=by)
