"""In and out shapes of decisions over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from exchange.kernel.schemas import In, QueryIn


class QuestionIn(In):
    """`recipient` is another organisation than one's own; `at` a day or a moment with its zone."""

    dataset_id: UUID
    purpose: str
    country: str
    recipient: UUID | None = None
    at: str | None = None


class AnswerOut(Schema):
    answer: Literal["yes", "no", "undecided"]
    clause: str | None
    agreement_id: UUID | None
    until: datetime | None
    code: str | None
    standing: str | None
    decision_id: UUID


class PartQuery(QueryIn):
    """Which part of a case file."""

    part: Annotated[int, Field(ge=1, le=1_000_000)] = 1
