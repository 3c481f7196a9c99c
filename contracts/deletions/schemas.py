"""In and out shapes of deletion statements."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema

from contracts.deletions import deletions
from contracts.models import DeletionStatement
from exchange.kernel.schemas import In, PageQuery, Prose


class StatementIn(In):
    remark: Prose = ""


class StatementQuery(PageQuery):
    entitlement: UUID | None = None


class StatementOut(Schema):
    """`document` is what was stated, `digest` the SHA-256 over its canonical JSON, `seal` the exchange's signature."""

    id: UUID
    entitlement_id: UUID
    dataset_id: UUID
    revision_id: UUID
    seller_id: UUID
    buyer_id: UUID
    remark: str
    stated_by: str
    stated_at: datetime
    digest: str
    seal: str
    is_intact: bool
    document: dict[str, Any]


def statement_out(statement: DeletionStatement) -> dict[str, Any]:
    own = (name for name in StatementOut.model_fields if name not in ("is_intact", "document"))
    return {name: getattr(statement, name) for name in own} | {
        "is_intact": deletions.is_intact(statement),
        "document": deletions.document(statement),
    }
