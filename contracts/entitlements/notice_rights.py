"""Rights and notices to recipients: who does not answer a notice about a dataset has its rights to it suspended, and
gets them back with its answer."""

from uuid import UUID

from django.db import transaction

from compliance.notices import queries as notices
from contracts.entitlements import entitlements
from contracts.models import Entitlement
from exchange.kernel.actors import Actor


@transaction.atomic
def follow(row_id: UUID, *, by: Actor) -> None:
    """Bring the rights of a recipient to where its notices are. Returns early when they are there."""
    dataset_id, buyer_id = notices.recipient_of(row_id)
    rights = Entitlement.objects.filter(
        dataset_id=dataset_id,
        buyer_id=buyer_id,
        state__in=[Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED],
    )
    for right_id in rights.order_by("pk").values_list("pk", flat=True):
        entitlements.follow(right_id, by=by)
