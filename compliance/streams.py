"""Exports as streaming answers, for the API and the pages of the desk."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from compliance.desk import Export
from compliance.verifier.spelling import base64_text
from exchange.kernel.text import timestamp

CHECKPOINT_HEADER = "Comptoir-Checkpoint"
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


def streamed(request: HttpRequest, export: Export, *, at: datetime) -> StreamingHttpResponse:
    """The export as a file to keep; the header Comptoir-Checkpoint says what proves it."""
    # Under ASGI Django would collect a plain iterator whole before it sends the first piece.
    pieces = _awaited(export.pieces) if isinstance(request, ASGIRequest) else export.pieces
    head, name = export.coverage, f"transfers-{timestamp(at)[:10]}.{export.form}"
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
