"""What the API of the publish gate takes and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.models import Review
from compliance.reviews import queries
from exchange.kernel.schemas import PageQuery

Class = Literal["none", "pseudonymised", "personal", "special"]
Cause = Literal["mismatch", "special", "criminal"]


class GateQuery(PageQuery):
    """`days`: opened so many days ago, or more."""

    state: Review.State | None = None
    cause: Cause | None = None
    days: Annotated[int | None, Field(ge=0, le=10_000)] = None


class ColumnLineOut(Schema):
    """One column, declared against found: how many of the sampled values matched, never a value. `found` is empty where
    nothing was found; a `hint` contradicts nobody."""

    column: str
    declared: str
    found: str
    kind: str
    confidence: str
    method: str
    matched: int
    sampled: int
    standing: Literal["more_found", "agrees", "less_found", "hint", "clear", "not_there"]


class VerdictOut(Schema):
    """What one officer said, by which legal profile."""

    id: UUID
    officer: str
    is_approval: bool
    reason: str
    profile_version: str
    profile_sha256: str
    given_at: datetime


class GateLineOut(Schema):
    id: UUID
    state: str
    subject: str
    version: str
    seller_id: UUID
    causes: list[Cause]
    reason: str
    opened_at: datetime
    decided_at: datetime | None


class GateReviewOut(GateLineOut):
    """`stated` is what the seller declared for the whole and states beside it; `taken_from_id` the review whose
    approval this one took over."""

    columns: list[ColumnLineOut]
    stated: dict[str, Any]
    taken_from_id: UUID | None
    verdicts: list[VerdictOut]

    @staticmethod
    def resolve_verdicts(row: Review) -> list[Any]:
        return list(queries.verdicts_of(row))
