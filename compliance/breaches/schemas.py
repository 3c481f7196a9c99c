"""What the API of breaches takes and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.breaches import lines, reports
from compliance.breaches.register import COUNTS, Found
from compliance.breaches.reports import Sent
from compliance.breaches.scopes import Asked
from compliance.models import Breach, BreachReport, BreachStop
from exchange.kernel.schemas import In, Line, Moment, OptionalLine, PageQuery, Prose, QueryIn

Count = Annotated[int, Field(ge=0, le=10**12)]


class BreachQuery(PageQuery):
    state: Breach.State | None = None


class RegisterQuery(QueryIn):
    format: Literal["csv", "json", "pdf"] = "json"


class BreachIn(In):
    kinds: list[Breach.Kind]
    what: Prose
    reported_by: Breach.Source
    detected_at: Moment
    became_aware_at: Moment
    occurred_from: Moment | None = None
    occurred_until: Moment | None = None

    def found(self) -> Found:
        return Found(**self.dict())


class DescribeIn(In):
    """What is left out stays as it is."""

    what: Prose | None = None
    systems: Prose | None = None
    persons_categories: Prose | None = None
    data_categories: Prose | None = None
    consequences: Prose | None = None
    measures_taken: Prose | None = None
    measures_proposed: Prose | None = None
    lessons: Prose | None = None
    persons_count: Count | None = None
    records_count: Count | None = None

    def texts(self) -> dict[str, str]:
        given = self.dict(exclude_unset=True)
        return {name: value for name, value in given.items() if name not in COUNTS and value is not None}

    def counts(self) -> dict[str, int | None]:
        given = self.dict(exclude_unset=True)
        return {name: given[name] for name in COUNTS if name in given}


class AssessIn(In):
    risk: Breach.Risk
    method: Prose
    reasons: Prose


class ExemptIn(In):
    ground: Line
    reasons: Prose


class ScopeIn(In):
    """All that is given must hold; `token` is the hash by which the access record names it."""

    dataset: UUID | None = None
    revision: UUID | None = None
    participant: UUID | None = None
    token: Line | None = None
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None

    def asked(self) -> Asked:
        return Asked(**self.dict(by_alias=False))


class ReportIn(In):
    """`words` are what persons read; the authority gets the register as it stands."""

    audience: BreachReport.Audience
    channel: BreachReport.Channel
    sent_at: Moment
    is_last: bool
    reference: OptionalLine = ""
    delay_reason: Prose = ""
    words: Prose = ""

    def sent(self) -> Sent:
        return Sent(**self.dict(exclude={"audience"}))


class StopIn(In):
    kind: BreachStop.Kind
    target: UUID
    reason: Prose


class TellIn(In):
    """Which recipients of a dataset are told, and what."""

    dataset: UUID
    revisions: list[UUID] | None = None
    message: Prose


class ToldOut(Schema):
    notice: UUID


class ScopeOut(Schema):
    id: UUID
    asked: dict[str, str]
    taken_at: datetime
    origin: str
    size: int
    root: str
    leaves: int
    transfers: int
    recipients: int
    sent_bytes: int
    first_leaf: int | None
    last_leaf: int | None
    categories: dict[str, list[str]]


class ReportOut(Schema):
    id: UUID
    audience: str
    phase: int
    is_last: bool
    channel: str
    reference: str
    sent_at: datetime
    delay_reason: str
    sha256: str
    document: dict[str, Any]

    @staticmethod
    def resolve_document(report: BreachReport) -> dict[str, Any]:
        return reports.read(report)


class StopOut(Schema):
    id: UUID
    kind: str
    target_id: UUID
    reason: str
    ordered_at: datetime


class BreachRecipientOut(Schema):
    id: UUID
    buyer_id: UUID
    dataset_id: UUID | None
    revision_id: UUID | None
    transfers: int
    sent_bytes: int
    first_at: datetime
    last_at: datetime
    first_leaf: int
    last_leaf: int


class BreachOut(Schema):
    id: UUID
    state: str
    kinds: list[str]
    what: str
    reported_by: str
    systems: str
    occurred_from: datetime | None
    occurred_until: datetime | None
    detected_at: datetime
    became_aware_at: datetime
    due_at: datetime
    profile_version: str
    profile_sha256: str
    persons_count: int | None
    records_count: int | None
    persons_categories: str
    data_categories: str
    consequences: str
    measures_taken: str
    measures_proposed: str
    lessons: str
    risk: str
    risk_method: str
    risk_reasons: str
    exemption: str
    exemption_reasons: str
    opened_at: datetime
    closed_at: datetime | None


class BreachWholeOut(BreachOut):
    """`missing` are the lines without which it cannot be closed."""

    missing: list[str]
    scopes: list[ScopeOut]
    reports: list[ReportOut]
    stops: list[StopOut]

    @staticmethod
    def resolve_missing(breach: Breach) -> list[str]:
        return lines.missing(breach)

    @staticmethod
    def resolve_scopes(breach: Breach) -> list[Any]:
        return list(breach.scopes.order_by("pk"))

    @staticmethod
    def resolve_reports(breach: Breach) -> list[Any]:
        return list(breach.reports.order_by("pk"))

    @staticmethod
    def resolve_stops(breach: Breach) -> list[Any]:
        return list(breach.stops.order_by("pk"))
