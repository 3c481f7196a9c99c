"""Rights and notices to recipients: who does not answer a notice about a dataset has its rights to it suspended, and
gets them back with its answer. A suspension for another reason stays."""

from uuid import UUID

from django.db import transaction

from compliance.notices import queries as notices
from contracts.entitlements import entitlements
from contracts.models import Entitlement
from exchange.kernel.actors import Actor

UNANSWERED = "a notice about this dataset has not been answered"
"""Why a right is suspended until the notice is closed."""
CLOSED = "the notice has been closed"

_STATE = Entitlement.State


@transaction.atomic
def follow(row_id: UUID, *, by: Actor) -> None:
    """Bring the rights of a recipient to where its notices are. Returns early when they are there."""
    found = notices.escalation(row_id)
    rights = Entitlement.objects.filter(dataset_id=found.dataset_id, buyer_id=found.buyer_id)
    current = _STATE.ACTIVE if found.is_open else _STATE.SUSPENDED
    for right in rights.filter(state=current).select_for_update(of=("self",)).order_by("pk"):
        if found.is_open:
            entitlements.suspend(right, reason=UNANSWERED, by=by)
        elif right.reason == UNANSWERED and not entitlements.is_over(right, by.at):
            entitlements.resume(right, reason=CLOSED, by=by)
