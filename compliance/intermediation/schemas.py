"""What the API of intermediation takes and answers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from exchange.kernel.schemas import In, QueryIn


class PriceListIn(In):
    """The exchange's own fees, in words that everybody reads, and the day from which they count."""

    body: Annotated[str, Field(max_length=20_000)]
    applies_from: date


class PriceListOut(Schema):
    """`sha256` is of the body in UTF-8, and stands in the leaf of its Event."""

    id: UUID
    number: int
    body: str
    sha256: str
    applies_from: date
    published_at: datetime


class IntermediationOut(Schema):
    """The notification by Article 11 of the Data Governance Act, and the price list that counts today."""

    reference: str
    authority: str
    notified_on: date
    entity: str
    price_list: PriceListOut | None


class HolderLogQuery(QueryIn):
    """`participant` is for officers; without it, it is your own."""

    format: Literal["csv", "jsonl"] = "jsonl"
    participant: UUID | None = None
