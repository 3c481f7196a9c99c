"""The threads of negotiations over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Status

from contracts import queries
from contracts.talks import schemas as shape
from contracts.talks import talks
from contracts.talks.handing_over import as_file
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.get("/negotiations/{uuid:negotiation_id}/messages", response=PageOut[shape.MessageOut])
def list_messages(request: ApiRequest, negotiation_id: UUID, wanted: Query[PageQuery]) -> Any:
    """The thread, newest first."""
    rows = talks.messages_visible_to(request.auth, negotiation_id)
    found = page(rows, cursor=wanted.cursor, limit=wanted.limit)
    files = talks.files_of(found.items)
    items = [shape.message_out(row, files.get(row.pk, [])) for row in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


@router.post("/negotiations/{uuid:negotiation_id}/messages", response={201: shape.MessageOut})
def post_message(request: ApiRequest, negotiation_id: UUID, body: shape.MessageIn) -> Any:
    """Write to the other side; the same words again, right after, are the same message."""
    negotiation = queries.negotiation_visible_to(request.auth, negotiation_id)
    files = [one.file() for one in body.attachments]
    posted = talks.post(negotiation, body.body, files=files, by=request.auth)
    return Status(201, shape.message_out(posted, talks.files_of([posted]).get(posted.pk, [])))


@router.get("/attachments/{uuid:attachment_id}")
def show_attachment(request: ApiRequest, attachment_id: UUID) -> HttpResponse:
    """The bytes, always as a file to keep."""
    return as_file(talks.attachment_visible_to(request.auth, attachment_id))
