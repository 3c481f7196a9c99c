"""The API of deletions that are owed, for officers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema

from compliance.duties import desk
from compliance.models import Duty
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


class DutyQuery(PageQuery):
    overdue: bool = True


class DutyOut(Schema):
    """`delete_by` is null where the statement came before the log said that the right had ended."""

    id: UUID
    agreement_id: UUID | None
    dataset_id: UUID | None
    revision_id: UUID | None
    seller_id: UUID | None
    buyer_id: UUID | None
    delete_by: datetime | None
    stated_at: datetime | None


@router.get("/desk/duties", response=PageOut[DutyOut])
def list_duties(request: ApiRequest, wanted: Query[DutyQuery]) -> Any:
    """Who owes the deletion of what has left, by the log; `id` is the entitlement's."""
    found = desk.look_at_duties(
        overdue=wanted.overdue, cursor=wanted.cursor, limit=wanted.limit, by=request.auth
    )
    items: list[Duty] = found.items
    return {"items": items, "next_cursor": found.next_cursor}
