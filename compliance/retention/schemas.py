"""What the API of legal holds and of retention takes and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.models import LegalHold
from compliance.retention.legal_holds import Asked
from exchange.kernel.schemas import Day, In, Line, Moment, OptionalLine, PageQuery, Prose


class HoldQuery(PageQuery):
    state: LegalHold.State | None = None


class HoldIn(In):
    """`target` is an id, a name in Events, or a year; a period has `from` and `to` instead."""

    scope: LegalHold.Scope
    target: OptionalLine = ""
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None
    authority: Line
    reference: OptionalLine = ""
    reason: Prose
    review_on: Day

    def asked(self) -> Asked:
        return Asked(**self.dict(by_alias=False))


class ReviewIn(In):
    review_on: Day
    reason: Prose


class LegalHoldOut(Schema):
    id: UUID
    state: str
    scope: str
    target: str
    since: datetime | None
    until: datetime | None
    authority: str
    reference: str
    reason: str
    placed_at: datetime
    review_on: Day
    released_at: datetime | None
    release_reason: str


class SweepOut(Schema):
    id: UUID
    kind: str
    cutoff: datetime
    dropped: int
    held: int
    swept_at: datetime
    profile_version: str


class WaitingOut(Schema):
    kind: str
    cutoff: datetime
    due: int
    held: int
    is_more: bool


class YearOut(Schema):
    """`goes` says that the next sweep takes it."""

    log: str
    ended_at: datetime
    is_due: bool
    is_signed: bool
    holds: list[UUID]
    goes: bool


class PlanOut(Schema):
    profile_version: str
    waiting: list[WaitingOut]
    logs: list[YearOut]
