"""In and out shapes of the documents that sellers make part of their contracts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Base64Bytes, Field

from contracts.models import LicenceText
from exchange.kernel.schemas import In, PageQuery


class LicenceTextIn(In):
    """`content` is the PDF in base64; a request has 1 MiB at most, larger ones are kept by the page."""

    title: Annotated[str, Field(max_length=200)]
    content: Base64Bytes


class LicenceTextQuery(PageQuery):
    pass


class LicenceTextOut(Schema):
    id: UUID
    seller_id: UUID
    title: str
    sha256: str
    size_bytes: int
    kept_at: datetime


def licence_text_out(row: LicenceText) -> dict[str, Any]:
    return {name: getattr(row, name) for name in LicenceTextOut.model_fields}
