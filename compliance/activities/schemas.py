"""What the API of the records of processing takes and answers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema

from compliance.activities import codes
from compliance.activities.imported import Preview
from compliance.activities.shape import Activity, Completed, Register
from exchange.kernel.schemas import In, QueryIn


class ActivitiesQuery(QueryIn):
    format: Literal["csv", "jsonld", "xlsx", "cnil", "pdf"]


class CompletionIn(In):
    """What is named replaces what was said before, empty text removes it. `number` is the version that was read: a
    later one is a conflict."""

    parts: dict[str, str] = {}
    contacts: dict[str, str] = {}
    number: int | None = None


class ActivityReviewIn(In):
    remark: str = ""


class RegisterFileIn(In):
    """A register that was exported as CSV or JSON-LD. `take_over` changes what was added by hand; without it nothing
    is changed."""

    content: str
    take_over: bool = False


class CompletedOut(Schema):
    number: int
    parts: dict[str, str]
    contacts: dict[str, str]
    at: datetime | None

    @classmethod
    def of(cls, found: Completed) -> "CompletedOut":
        return cls(number=found.number, parts=dict(found.parts), contacts=dict(found.contacts), at=found.at)


class WarningOut(Schema):
    code: str
    about: list[str]
    dataset_id: UUID | None


class OriginOut(Schema):
    subject: str
    leaf: int | None
    at: datetime | None


class ActivityOut(Schema):
    """`derived` is in codes, field by field; `kept` and `transfers` are written `what:period` and
    `country:mechanism:count`."""

    key: str
    kind: str
    role: str
    derived: dict[str, list[str]]
    added: CompletedOut
    since: datetime | None
    changed_at: datetime | None
    reviewed_at: datetime | None
    review_due_at: datetime | None
    is_stale: bool
    warnings: list[WarningOut]
    origins: list[OriginOut]

    @classmethod
    def of(cls, found: Activity) -> "ActivityOut":
        return cls(
            key=found.key,
            kind=found.kind,
            role=found.role,
            derived=codes.of_derived(found.derived),
            added=CompletedOut.of(found.completed),
            since=found.since,
            changed_at=found.changed_at,
            reviewed_at=found.reviewed.at,
            review_due_at=found.reviewed.due_at,
            is_stale=found.reviewed.is_stale,
            warnings=[
                WarningOut(code=one.code, about=list(one.about), dataset_id=one.dataset_id)
                for one in found.warnings
            ],
            origins=[OriginOut(subject=one.subject, leaf=one.leaf, at=one.at) for one in found.derived.origins],
        )


class RegisterOut(Schema):
    """Both registers of one organisation, what does not agree first."""

    participant_id: UUID
    added: CompletedOut
    activities: list[ActivityOut]

    @classmethod
    def of(cls, found: Register) -> "RegisterOut":
        return cls(
            participant_id=found.participant_id,
            added=CompletedOut.of(found.head),
            activities=[ActivityOut.of(one) for one in found.activities],
        )


class ActivityReviewOut(Schema):
    id: UUID
    activity: str
    remark: str
    reviewed_at: datetime
    next_at: datetime
    profile_version: str


class ActivityChangeOut(Schema):
    activity: str
    part: str
    before: str
    after: str


class DerivedMismatchOut(Schema):
    activity: str
    field: str
    in_log: list[str]
    in_file: list[str]


class PreviewOut(Schema):
    """`unknown`: activities of the file that this register does not have; `missing`: those that the file lacks."""

    changes: list[ActivityChangeOut]
    mismatches: list[DerivedMismatchOut]
    unknown: list[str]
    missing: list[str]

    @classmethod
    def of(cls, found: Preview) -> "PreviewOut":
        return cls(
            changes=[ActivityChangeOut.from_orm(one) for one in found.changes],
            mismatches=[DerivedMismatchOut.from_orm(one) for one in found.mismatches],
            unknown=list(found.unknown),
            missing=list(found.missing),
        )
