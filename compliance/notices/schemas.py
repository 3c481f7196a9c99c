"""What the API of notices to recipients takes and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from compliance.models import NoticeAnswer, NoticeRow, RecipientNotice
from compliance.notices import queries, words
from compliance.notices.kinds import FITTING
from exchange.kernel.schemas import In, PageQuery


class NoticesQuery(PageQuery):
    """`occasion` is what opened a notice, such as `request:<id>`."""

    state: RecipientNotice.State | None = None
    occasion: Annotated[str | None, Field(max_length=60)] = None
    dataset: UUID | None = None


class RowsQuery(PageQuery):
    state: NoticeRow.State | None = None


class ToAnswerQuery(PageQuery):
    """Only what waits for an answer, unless all is asked for."""

    all: bool = False


class NoticeIn(In):
    """`revision_ids` may be left out for every revision of which something has left."""

    occasion: Annotated[str, Field(max_length=60)]
    kind: Literal["erasure", "correction", "restriction", "revocation", "breach"]
    dataset_id: UUID
    revision_ids: Annotated[list[UUID] | None, Field(max_length=1_000)] = None
    message: Annotated[str, Field(max_length=2_000)]


class HandedOverIn(In):
    evidence: Annotated[str, Field(max_length=1_000)]


class NoticeAnswerIn(In):
    action: NoticeAnswer.Action
    copies: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    passed_on: Annotated[str, Field(max_length=1_000)] = ""
    remark: Annotated[str, Field(max_length=1_000)] = ""


class NoticeOut(Schema):
    """`recipients` counts rows by state; it grows while `filled_at` is null. Of many rows it is what was counted at
    `counted_at`, which happens every minute."""

    id: UUID
    state: str
    occasion: str
    kind: str
    dataset_id: UUID
    seller_id: UUID | None
    revision_ids: list[str] | None
    message: str
    replaced_by_id: UUID | None
    profile_version: str
    opened_at: datetime
    filled_at: datetime | None
    settled_at: datetime | None
    recipients: dict[str, int]
    counted_at: datetime | None


class NoticeAnswerOut(Schema):
    action: str
    copies: int | None
    passed_on: str
    remark: str
    answered_at: datetime


class NoticeRowOut(Schema):
    """`received` is `whole` or `in part`; `contradiction` is a code where word and log differ."""

    id: UUID
    notice_id: UUID
    buyer_id: UUID
    state: str
    received: str
    received_at: datetime
    contradiction: str
    reason: str
    sent_at: datetime | None
    answer_by: datetime | None
    reminders: int
    escalated_at: datetime | None
    closed_at: datetime | None
    answers: list[NoticeAnswerOut]


class ToAnswerOut(NoticeRowOut):
    """A notice as its recipient reads it; `fitting` are the words that do what is asked."""

    kind: str
    task: str
    message: str
    dataset_id: UUID
    revision_ids: list[str] | None
    replaced_by_id: UUID | None
    fitting: list[str]


def notices_out(found: list[RecipientNotice]) -> list[dict[str, Any]]:
    """Notices with the counts of their rows."""
    tallies = queries.tallies(found)
    columns = [
        name for name in NoticeOut.model_fields if name not in ("revision_ids", "recipients", "counted_at")
    ]
    return [
        {
            **{name: getattr(one, name) for name in columns},
            "revision_ids": _revisions(one),
            "recipients": tallies[one.pk].states,
            "counted_at": tallies[one.pk].counted_at,
        }
        for one in found
    ]


def rows_out(found: list[NoticeRow]) -> list[dict[str, Any]]:
    """Rows with all that was answered."""
    answers = queries.answers_of(found)
    columns = [name for name in NoticeRowOut.model_fields if name not in ("received", "answers")]
    return [
        {
            **{name: getattr(one, name) for name in columns},
            "received": "whole" if one.is_whole else "in part",
            "answers": [NoticeAnswerOut.from_orm(said) for said in answers.get(one.pk, [])],
        }
        for one in found
    ]


def to_answer_out(found: list[NoticeRow]) -> list[dict[str, Any]]:
    """Rows as their recipient reads them."""
    return [
        {
            **row,
            "kind": one.notice.kind,
            "task": str(words.TASKS[one.notice.kind]),
            "message": one.notice.message,
            "dataset_id": one.notice.dataset_id,
            "revision_ids": _revisions(one.notice),
            "replaced_by_id": one.notice.replaced_by_id,
            "fitting": list(FITTING[one.notice.kind]),
        }
        for one, row in zip(found, rows_out(found), strict=True)
    ]


def _revisions(notice: RecipientNotice) -> list[str] | None:
    return None if notice.covers_all else notice.revisions
