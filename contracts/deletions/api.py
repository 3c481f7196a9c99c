"""The API of deletion statements: the buyer gives one, both sides and officers read it."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from contracts import queries
from contracts.deletions import deletions
from contracts.deletions import schemas as shape
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.post("/entitlements/{uuid:entitlement_id}/deletion-statements", response={201: shape.StatementOut})
def state_deletion(request: ApiRequest, entitlement_id: UUID, body: shape.StatementIn) -> Any:
    """The buyer's word, once and after the end, that every copy held under this right is deleted."""
    right = queries.entitlement_visible_to(request.auth, entitlement_id)
    said = deletions.state(right, remark=body.remark, by=request.auth)
    return Status(201, shape.statement_out(said))


@router.get("/deletion-statements", response=PageOut[shape.StatementOut])
def list_deletion_statements(request: ApiRequest, wanted: Query[shape.StatementQuery]) -> Any:
    rows = queries.deletion_statements_visible_to(request.auth, entitlement_id=wanted.entitlement)
    found = page(rows, cursor=wanted.cursor, limit=wanted.limit)
    items = [shape.statement_out(row) for row in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


@router.get("/deletion-statements/{uuid:statement_id}", response=shape.StatementOut)
def show_deletion_statement(request: ApiRequest, statement_id: UUID) -> Any:
    return shape.statement_out(queries.deletion_statement_visible_to(request.auth, statement_id))
