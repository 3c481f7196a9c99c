"""Exports as answers, for the API and the pages of the desk: streamed as they are made, or a kept file, whole or the
part that a cut download still lacks."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from compliance.exports.exports import Export
from compliance.models import Bundle
from compliance.models import Export as KeptExport
from compliance.verifier.spelling import base64_text
from exchange.kernel.text import timestamp

CHECKPOINT_HEADER = "Comptoir-Checkpoint"
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_PIECE_BYTES = 1 << 18


def streamed(
    request: HttpRequest, export: Export, *, at: datetime, about: str = "transfers"
) -> StreamingHttpResponse:
    """The export as a file to keep; the header Comptoir-Checkpoint says what proves it."""
    head = export.coverage
    return _answer(
        request,
        export.pieces,
        form=export.form,
        name=_name(export.form, at, about),
        headers={CHECKPOINT_HEADER: f"{head.origin} {head.size} {base64_text(head.root)}"},
    )


def kept(request: HttpRequest, export: KeptExport, path: Path) -> HttpResponseBase:
    """A kept file, or the one range of it that is asked for (RFC 9110); its digest is its strong ETag."""
    return _kept(request, export, path, form=export.form, name=_name(export.form, export.asked_at))


def kept_evidence(request: HttpRequest, bundle: Bundle, path: Path) -> HttpResponseBase:
    """A file of evidence, whole or the range that a cut download lacks."""
    return _kept(request, bundle, path, form="zip", name=f"evidence-{bundle.pk}.zip")


def _kept(
    request: HttpRequest, found: KeptExport | Bundle, path: Path, *, form: str, name: str
) -> HttpResponseBase:
    size, tag = found.size_bytes, f'"{found.sha256}"'
    headers = {CHECKPOINT_HEADER: found.checkpoint, "ETag": tag, "Accept-Ranges": "bytes"}
    first, after_last, status = 0, size, 200
    asked = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if asked and any(asked.groups()) and request.headers.get("If-Range", tag) == tag:
        first, after_last = _part(*asked.groups(), size=size)
        if first >= after_last:
            return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        status, headers["Content-Range"] = 206, f"bytes {first}-{after_last - 1}/{size}"
    headers["Content-Length"] = str(after_last - first)
    pieces = _pieces_of(path, first, after_last)
    return _answer(request, pieces, form=form, name=name, headers=headers, status=status)


def _part(first: str, last: str, *, size: int) -> tuple[int, int]:
    """The range as first byte and the byte after the last; an empty one where it lies outside."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1 if last else size, size)


def _answer(
    request: HttpRequest,
    pieces: Iterator[bytes],
    *,
    form: str,
    name: str,
    headers: dict[str, str],
    status: int = 200,
) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        # Under ASGI Django would collect a plain iterator whole before it sends the first piece.
        _awaited(pieces) if isinstance(request, ASGIRequest) else pieces,
        status=status,
        content_type=_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            **headers,
        },
    )


def _name(form: str, at: datetime, about: str = "transfers") -> str:
    return f"{about}-{timestamp(at)[:10]}.{form}"


def _pieces_of(path: Path, first: int, after_last: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        left = after_last - first
        while left and (piece := file.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
            yield piece


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    def following() -> bytes | None:
        return next(pieces, None)

    while (piece := await sync_to_async(following)()) is not None:
        yield piece
