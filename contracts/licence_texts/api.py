"""The documents that sellers make part of their contracts, over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Status

from contracts.licence_texts import licence_texts
from contracts.licence_texts import schemas as shape
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut
from exchange.look.answers import as_file
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.post("/licence-texts", response={201: shape.LicenceTextOut})
def keep_licence_text(request: ApiRequest, body: shape.LicenceTextIn) -> Any:
    """Keep a PDF that clauses may name by its SHA-256; the same bytes again are the same document."""
    kept = licence_texts.keep(body.content, title=body.title, by=request.auth)
    return Status(201, shape.licence_text_out(kept))


@router.get("/licence-texts", response=PageOut[shape.LicenceTextOut])
def list_licence_texts(request: ApiRequest, wanted: Query[shape.LicenceTextQuery]) -> Any:
    """Your own, and those that offers and contracts name which you may read."""
    found = page(licence_texts.licence_texts_visible_to(request.auth), cursor=wanted.cursor, limit=wanted.limit)
    items = [shape.licence_text_out(row) for row in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


@router.get("/licence-texts/{uuid:licence_text_id}/file")
def licence_text_file(request: ApiRequest, licence_text_id: UUID) -> HttpResponse:
    """The document as it was kept."""
    found = licence_texts.licence_text_visible_to(request.auth, licence_text_id)
    return as_file(bytes(found.content), name=f"{found.sha256[:16]}.pdf", media_type="application/octet-stream")
