"""The API of recipients, for officers: who received it, a page at a time, and as a file."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import StreamingHttpResponse
from ninja import Query, Router, Schema

from compliance.exports.streams import streamed
from compliance.recipients import desk, exports
from exchange.kernel.schemas import PageOut, PageQuery, QueryIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


class RecipientsQuery(PageQuery):
    dataset: UUID
    revision: UUID | None = None


class RecipientsExportQuery(QueryIn):
    dataset: UUID
    revision: UUID | None = None
    format: Literal["csv", "jsonl"]


class OfRevisionOut(Schema):
    """`whole` of `files` are whole; `sent_bytes` is the least that the recipient has."""

    revision_id: UUID | None
    files: int
    whole: int
    sent_bytes: int
    size_bytes: int
    running: int
    is_whole: bool


class UnderOut(Schema):
    """`standing` is what the log says of the right; `log` and `leaf` name the leaf that says it."""

    entitlement_id: UUID | None
    agreement_id: UUID | None
    personal_data: str
    legal_basis: str
    purpose: str
    country: str
    mechanism: str
    first_at: datetime
    last_at: datetime
    transfers: int
    last_transfer_id: UUID
    standing: str
    stands_since: datetime | None
    log: str | None
    leaf: int | None
    delete_by: datetime | None
    deletion_stated_at: datetime | None


class ToldNoticeOut(Schema):
    notice_id: UUID
    row_id: UUID
    kind: str
    state: str
    sent_at: datetime | None


class RecipientOut(Schema):
    """`id` is the recipient's."""

    id: UUID
    first_at: datetime
    last_at: datetime
    transfers: int
    is_whole: bool
    is_running: bool
    revisions: list[OfRevisionOut]
    rights: list[UnderOut]
    told: list[ToldNoticeOut]

    @staticmethod
    def resolve_id(one: Any) -> UUID:
        found: UUID = one.buyer_id
        return found


@router.get("/compliance/recipients", response=PageOut[RecipientOut])
def list_recipients(request: ApiRequest, asked: Query[RecipientsQuery]) -> Any:
    """Who received a dataset, or one revision of it, even in part; under which right and ground, how the right stands,
    and what the recipient was told since. From the log alone."""
    return desk.look_at_recipients(
        asked.dataset, asked.revision, cursor=asked.cursor, limit=asked.limit, by=request.auth
    )


@router.get("/compliance/recipients/export")
def export_recipients(request: ApiRequest, asked: Query[RecipientsExportQuery]) -> StreamingHttpResponse:
    """All recipients as CSV or JSON Lines, streamed: a line for each right under which one received something."""
    export = exports.export(asked.dataset, asked.revision, form=asked.format, by=request.auth)
    return streamed(request, export, at=request.auth.at, about="recipients")
