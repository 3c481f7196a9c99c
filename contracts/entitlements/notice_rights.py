"""Rights and notices to recipients: who does not answer a notice about a dataset has its rights to it suspended, and
gets them back with its answer."""

from uuid import UUID

from django.db import transaction

from compliance.notices import queries as notices
from contracts.entitlements import following
from contracts.models import Entitlement
from exchange.kernel.actors import Actor


@transaction.atomic
def follow(row_id: UUID, *, by: Actor) -> None:
    """Bring the rights of a recipient to where its notices are. Returns early when they are there."""
    found = notices.escalation(row_id)
    rights = Entitlement.objects.filter(dataset_id=found.dataset_id, buyer_id=found.buyer_id)
    current = rights.filter(state=Entitlement.State.ACTIVE if found.is_open else Entitlement.State.SUSPENDED)
    for right in current.select_for_update(of=("self",)).order_by("pk"):
        following.follow(right, by=by)
