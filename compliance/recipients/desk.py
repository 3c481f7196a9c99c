"""Officers look at who received a dataset; each look is recorded."""

from uuid import UUID

from django.db import transaction

from compliance.desk import note
from compliance.recipients import received
from compliance.recipients.received import Listed
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact


@transaction.atomic
def look_at_recipients(
    dataset_id: UUID, revision_id: UUID | None, *, cursor: str | None, limit: int, by: Actor
) -> Listed:
    """A page of who received a dataset, or one revision of it, even in part."""
    found = received.page(dataset_id, revision_id, cursor=cursor, limit=limit, visible_to=by)
    asked: dict[str, Fact] = {"what": "recipients", "dataset": str(dataset_id)}
    note("officer.viewed", by, asked | ({"revision": str(revision_id)} if revision_id else {}))
    return found
