"""The publish gate as its seller reads it: each column of a revision declared against found, what is still to be
stated, and how an officer decided."""

from typing import Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema

from compliance.reviews import statements
from compliance.reviews.schemas import Cause, ColumnLineOut
from datasets import queries
from datasets.gate import gate
from exchange.kernel.schemas import QueryIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["datasets"])


class GateRevisionQuery(QueryIn):
    """The current revision, unless another one of the dataset is named."""

    revision: UUID | None = None


class LackOut(Schema):
    """What is to be stated first: `field` of the declaration's `statement`, or `article_9_ground`."""

    code: str
    field: str
    detail: str


class GateOut(Schema):
    """`state` says what publication waits for: the seller (`not_declared`, `not_measured`, `incomplete`), an officer
    (`held`, `refused`), or nothing (`open`)."""

    state: Literal["not_declared", "not_measured", "incomplete", "held", "refused", "open"]
    revision_id: UUID
    declaration: int | None
    causes: list[Cause]
    columns: list[ColumnLineOut]
    statement: dict[str, Any]
    criteria: list[str]
    lacking: list[LackOut]
    review_id: UUID | None
    reason: str


@router.get("/datasets/{uuid:dataset_id}/gate", response=GateOut)
def read_gate(request: ApiRequest, dataset_id: UUID, asked: Query[GateRevisionQuery]) -> Any:
    """How a revision stands at the publish gate under the current declaration, for its seller and for officers. Counts
    alone, never a value."""
    dataset = queries.dataset_visible_to(request.auth, dataset_id)
    found = gate.of(dataset, asked.revision, by=request.auth)
    return {
        "state": found.state,
        "revision_id": found.revision.pk,
        "declaration": found.declaration.number if found.declaration else None,
        "causes": found.causes,
        "columns": found.columns,
        "statement": found.declaration.statement if found.declaration else {},
        "criteria": found.criteria,
        "lacking": [
            {"code": one.code, "field": one.field, "detail": statements.SENTENCES[one.code]}
            for one in found.lacking
        ],
        "review_id": found.review.pk if found.review else None,
        "reason": found.review.reason if found.review else "",
    }
