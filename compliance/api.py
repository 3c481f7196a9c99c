"""The API of the officer's desk, of reviews and of the log's health."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router

from compliance import desk, gates, queries
from compliance.desk import Export
from compliance.models import Review, TransferRecord
from compliance.queries import LogHealth
from compliance.schemas import (
    ExportQuery,
    LogHealthOut,
    OpenedOut,
    ReviewOut,
    ReviewsQuery,
    TransferRecordOut,
    TransfersQuery,
)
from compliance.verifier.spelling import base64_text
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, ReasonIn
from exchange.kernel.text import timestamp
from exchange.participants.auth import ApiRequest

router = Router(tags=["compliance"])

CHECKPOINT_HEADER = "Comptoir-Checkpoint"
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


@router.get("/desk/transfers", response=PageOut[TransferRecordOut])
def list_transfers(request: ApiRequest, asked: Query[TransfersQuery]) -> Page[TransferRecord]:
    return desk.look_through(asked.filters(), cursor=asked.cursor, limit=asked.limit, by=request.auth)


@router.get("/desk/transfers/export")
def export_transfers(request: ApiRequest, asked: Query[ExportQuery]) -> StreamingHttpResponse:
    """All rows under the last checkpoint, as CSV or JSON Lines, streamed; the header Comptoir-Checkpoint gives
    origin, size and root of what proves them."""
    export = desk.export(asked.filters(), form=asked.format, by=request.auth)
    return _streamed(request, export, f"transfers-{timestamp(request.auth.at)[:10]}.{export.form}")


@router.get("/desk/transfers/{uuid:record_id}", response=OpenedOut)
def open_transfer(request: ApiRequest, record_id: UUID) -> OpenedOut:
    return OpenedOut.of(desk.open_record(record_id, by=request.auth))


@router.get("/desk/transfers/{uuid:record_id}/receipt")
def take_receipt(request: ApiRequest, record_id: UUID) -> dict[str, Any]:
    """A receipt that `comptoir-verify` checks offline."""
    return desk.take_receipt(record_id, by=request.auth)


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


def _streamed(request: HttpRequest, export: Export, name: str) -> StreamingHttpResponse:
    # Under ASGI Django would collect a plain iterator whole before it sends the first piece.
    pieces = _awaited(export.pieces) if isinstance(request, ASGIRequest) else export.pieces
    head = export.coverage
    return StreamingHttpResponse(
        pieces,
        content_type=_TYPES[export.form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            CHECKPOINT_HEADER: f"{head.origin} {head.size} {base64_text(head.root)}",
        },
    )


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    def following() -> bytes | None:
        return next(pieces, None)

    while (piece := await sync_to_async(following)()) is not None:
        yield piece
