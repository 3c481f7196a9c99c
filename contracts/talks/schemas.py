"""In and out shapes of threads."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from contracts.models import Attachment, Message
from contracts.talks import talks
from exchange.kernel.errors import Invalid
from exchange.kernel.schemas import In, Line, Prose


class AttachmentIn(In):
    """`content`: the bytes in base64. A request has 1 MiB at most; larger files are sent on the page."""

    name: Line
    content: str

    def file(self) -> talks.File:
        try:
            return talks.File(self.name, base64.b64decode(self.content, validate=True))
        except (binascii.Error, ValueError):
            raise Invalid("content must be base64", code="attachment_malformed") from None


class MessageIn(In):
    body: Prose
    attachments: Annotated[list[AttachmentIn], Field(max_length=talks.MOST_ATTACHMENTS)] = []


class AttachmentOut(Schema):
    id: UUID
    name: str
    size_bytes: int
    sha256: str


class MessageOut(Schema):
    id: UUID
    side: str
    body: str
    posted_at: datetime
    attachments: list[AttachmentOut]


def message_out(row: Message, files: list[Attachment]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "side": row.side,
        "body": row.body,
        "posted_at": row.posted_at,
        "attachments": files,
    }
