"""What an officer looks at in the register of breaches; every look is an Event."""

from uuid import UUID

from django.db import transaction

from compliance import notices
from compliance.breaches import queries
from compliance.breaches.register import require_open
from compliance.desk import note
from compliance.models import Breach, BreachRecipient, BreachScope, RecipientNotice
from exchange.kernel import events, pagination
from exchange.kernel.actors import Actor
from exchange.kernel.pagination import Page


@transaction.atomic
def look_at(breach_id: UUID, *, by: Actor) -> Breach:
    """One breach with all that is kept of it."""
    found = queries.breach_visible_to(by, breach_id)
    note("officer.viewed", by, {"what": "breach", "breach": str(breach_id)})
    return found


@transaction.atomic
def look_at_recipients(
    scope: BreachScope, *, cursor: str | None, limit: int, by: Actor
) -> Page[BreachRecipient]:
    """A page of those whom the log named for a breach."""
    found = pagination.page(queries.recipients_visible_to(by, scope), cursor=cursor, limit=limit)
    note("officer.viewed", by, {"what": "breach recipients", "scope": str(scope.pk)})
    return found


@transaction.atomic
def tell_recipients(
    breach: Breach, dataset_id: UUID, revision_ids: list[UUID] | None, message: str, *, by: Actor
) -> RecipientNotice:
    """Tell all who received a dataset, or these revisions, what to do; the breach has its notice once per dataset."""
    require_open(breach)
    occasion = events.subject_of(breach)
    return notices.open_notice(
        occasion=occasion,
        kind="breach",
        dataset_id=dataset_id,
        revision_ids=revision_ids,
        message=message,
        by=by,
    )
