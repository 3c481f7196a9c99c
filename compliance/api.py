"""The API of the officer's desk, of reviews and of the log's health."""

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Status

from compliance import gates, queries
from compliance.exports import kept as kept_exports
from compliance.exports.streams import kept, streamed
from compliance.health import alarms, completeness, counters
from compliance.models import Alarm, Export, Mismatch, RefusalCount, Review, TransferRecord
from compliance.queries import LogHealth
from compliance.schemas import (
    AlarmOut,
    ExportIn,
    ExportOut,
    ExportQuery,
    LogHealthOut,
    MismatchOut,
    OpenedOut,
    RefusalCountOut,
    ReviewOut,
    ReviewsQuery,
    ShreddedOut,
    TransferRecordOut,
    TransfersQuery,
)
from compliance.transfers import desk as transfers_desk
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/desk/transfers", response=PageOut[TransferRecordOut])
def list_transfers(request: ApiRequest, asked: Query[TransfersQuery]) -> Page[TransferRecord]:
    return transfers_desk.look_through(asked.filters(), cursor=asked.cursor, limit=asked.limit, by=request.auth)


@router.get("/desk/transfers/export")
def export_transfers(request: ApiRequest, asked: Query[ExportQuery]) -> StreamingHttpResponse:
    """All rows under the last checkpoint, as CSV or JSON Lines, streamed; the header Comptoir-Checkpoint gives
    origin, size and root of what proves them."""
    export = transfers_desk.export(asked.filters(), form=asked.format, by=request.auth)
    return streamed(request, export, at=request.auth.at)


@router.post("/desk/exports", response={201: ExportOut})
def ask_for_export(request: ApiRequest, asked: ExportIn) -> Status[Export]:
    """Ask for a file that is made by a worker and kept for seven days, as CSV, JSON Lines or Parquet."""
    return Status(201, kept_exports.ask(asked.filters(), form=asked.format, by=request.auth))


@router.get("/desk/exports", response=PageOut[ExportOut])
def list_exports(request: ApiRequest, asked: Query[PageQuery]) -> Page[Export]:
    return pagination.page(queries.exports_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)


@router.get("/desk/exports/{uuid:export_id}", response=ExportOut)
def read_export(request: ApiRequest, export_id: UUID) -> Export:
    return queries.export_visible_to(request.auth, export_id)


@router.get("/desk/exports/{uuid:export_id}/file")
def take_export(request: ApiRequest, export_id: UUID) -> HttpResponseBase:
    """The file, or one range of it: a cut download goes on with Range and If-Range, and gives the same bytes."""
    export = queries.export_visible_to(request.auth, export_id)
    return kept(request, export, kept_exports.take(export, by=request.auth))


@router.get("/desk/transfers/{uuid:record_id}", response=OpenedOut)
def open_transfer(request: ApiRequest, record_id: UUID) -> OpenedOut:
    return OpenedOut.of(transfers_desk.open_record(record_id, by=request.auth))


@router.get("/desk/transfers/{uuid:record_id}/receipt")
def take_receipt(request: ApiRequest, record_id: UUID) -> dict[str, Any]:
    """A receipt that `comptoir-verify` checks offline."""
    return transfers_desk.take_receipt(record_id, by=request.auth)


@router.post("/desk/transfers/{uuid:record_id}/shred", response=ShreddedOut)
def shred_person(request: ApiRequest, record_id: UUID, given: ReasonIn) -> dict[str, int]:
    """Destroy for ever all that the vault keeps of the person, or the API client, that took this transfer: of all
    their transfers and years. Every proof stays good."""
    return {"keys": transfers_desk.shred(record_id, given.reason, by=request.auth)}


@router.post("/desk/alarms/{uuid:alarm_id}/acknowledge", response=AlarmOut)
def acknowledge_alarm(request: ApiRequest, alarm_id: UUID, given: ReasonIn) -> Alarm:
    """Say why an alarm that stands needs nobody any more. `GET /log/health` lists it on, as acknowledged."""
    alarm = queries.alarm_visible_to(request.auth, alarm_id)
    return alarms.acknowledge(alarm, given.reason, by=request.auth)


@router.get("/desk/unmatched", response=PageOut[MismatchOut])
def list_unmatched(request: ApiRequest, asked: Query[PageQuery]) -> Page[Mismatch]:
    """What the nightly comparison of tokens, gateways and log, and storage's own log, found unmatched."""
    found = completeness.unmatched_visible_to(request.auth)
    return pagination.page(found, cursor=asked.cursor, limit=asked.limit)


@router.get("/desk/refusal-counts", response=PageOut[RefusalCountOut])
def list_refusal_counts(request: ApiRequest, asked: Query[PageQuery]) -> Page[RefusalCount]:
    """Requests with links that were never ours, by day and kind: they leave no Event."""
    found = counters.counts_visible_to(request.auth)
    return pagination.page(found, cursor=asked.cursor, limit=asked.limit)


@router.get("/reviews", response=PageOut[ReviewOut])
def list_reviews(request: ApiRequest, asked: Query[ReviewsQuery]) -> Page[Review]:
    rows = queries.reviews_visible_to(request.auth, state=asked.state)
    return pagination.page(rows, cursor=asked.cursor, limit=asked.limit)


@router.get("/reviews/{uuid:review_id}", response=ReviewOut)
def read_review(request: ApiRequest, review_id: UUID) -> Review:
    return queries.review_visible_to(request.auth, review_id)


@router.post("/reviews/{uuid:review_id}/approve", response=ReviewOut)
def approve_review(request: ApiRequest, review_id: UUID, given: ReasonIn) -> Review:
    review = queries.review_visible_to(request.auth, review_id)
    return gates.approve(review, given.reason, by=request.auth)


@router.post("/reviews/{uuid:review_id}/refuse", response=ReviewOut)
def refuse_review(request: ApiRequest, review_id: UUID, given: ReasonIn) -> Review:
    review = queries.review_visible_to(request.auth, review_id)
    return gates.refuse(review, given.reason, by=request.auth)


@router.get("/log/health", response=LogHealthOut)
def log_health(request: ApiRequest) -> LogHealth:
    return queries.log_health(now=request.auth.at, visible_to=request.auth)
