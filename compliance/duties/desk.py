"""Officers look at deletions that are owed; each look is recorded."""

from django.db import transaction

from compliance.desk import note
from compliance.duties import duties
from compliance.models import Duty
from exchange.kernel import pagination
from exchange.kernel.actors import Actor
from exchange.kernel.pagination import Page


@transaction.atomic
def look_at_duties(
    *, overdue: bool, cursor: str | None, limit: int = pagination.PAGE_SIZE, by: Actor
) -> Page[Duty]:
    """A page of deletions that are owed, the newest licence first."""
    found = pagination.page(duties.duties_visible_to(by, overdue=overdue), cursor=cursor, limit=limit)
    note("officer.viewed", by, {"what": "duties", "overdue": overdue})
    return found
