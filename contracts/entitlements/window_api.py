"""The API of what a right reaches: its revisions, and their files with the ids by which a token is asked for."""

from typing import Any
from uuid import UUID

from ninja import Query, Router

from contracts import queries
from contracts.entitlements import window_schemas as shape
from contracts.entitlements import windows
from datasets import queries as datasets
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.get("/entitlements/{uuid:entitlement_id}/revisions", response=PageOut[shape.ReachedOut])
def list_reached_revisions(request: ApiRequest, entitlement_id: UUID, wanted: Query[PageQuery]) -> Any:
    """The revisions that a right reaches now, the newest first: the agreed one, and others that its clause `revisions`
    includes. `is_cleared`: a later one may be delivered."""
    right = queries.entitlement_visible_to(request.auth, entitlement_id)
    reached = windows.reached([right], now=request.auth.at)[right.pk]
    found = page(datasets.revisions_of(one.id for one in reached), cursor=wanted.cursor, limit=wanted.limit)
    items = shape.reached_out(right, found.items)
    return {"items": items, "next_cursor": found.next_cursor}
