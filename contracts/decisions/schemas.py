"""In and out shapes of decisions over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal
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


class DecisionAnswerOut(Schema):
    answer: Literal["yes", "no", "undecided"]
    clause: str | None
    agreement_id: UUID | None
    until: datetime | None
    code: str | None
    standing: str | None
    decision_id: UUID


class SaidOut(Schema):
    answer: Literal["yes", "no", "undecided"]
    code: str | None
    clause: str | None


class DecisionOut(Schema):
    """`facts` are those of its Event: under `decided` stands what it followed from beside the rest, and `clauses` says
    what each clause said."""

    id: UUID
    kind: str
    at: datetime
    rules: int | None
    said: SaidOut
    agreement_id: UUID | None
    facts: dict[str, Any]


class ReplayOut(Schema):
    """`again` is null where it cannot be known; `why` says what lacks then, or in what the two differ. `as_recorded`
    are clauses that nobody can ask again."""

    decision_id: UUID
    outcome: Literal["same", "differs", "not_replayed"]
    rules: int | None
    said: SaidOut
    again: SaidOut | None
    why: str | None
    as_recorded: list[str]


class PartQuery(QueryIn):
    """Which part of a case file."""

    part: Annotated[int, Field(ge=1, le=1_000_000)] = 1
