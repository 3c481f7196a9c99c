"""The API of duties to inform: the buyer reads, acknowledges and answers its own, officers read all."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from compliance.informing import informing, queries
from compliance.models import InformingDuty
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import In, PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


class InformingQuery(PageQuery):
    open: bool = False


class InformingIn(In):
    """`said` is where the notice stands, or why none was given."""

    how: Literal["told", "exempt"]
    said: str
    exemption: str = Field("", description="14.5.a to 14.5.d, where the persons were not told")


class InformingOut(Schema):
    """`id` is that of the first transfer, `leaf` where the log proves it."""

    id: UUID
    buyer_id: UUID
    seller_id: UUID
    dataset_id: UUID
    leaf: int
    began_at: datetime
    due_at: datetime
    profile_version: str
    profile_sha256: str
    acknowledged_at: datetime | None
    answered_at: datetime | None
    how: str
    exemption: str
    said: str


@router.get("/compliance/informing", response=PageOut[InformingOut])
def list_informing(request: ApiRequest, asked: Query[InformingQuery]) -> Page[InformingDuty]:
    """Who has to inform the persons in data that it received (Art. 14), and until when."""
    found = queries.duties_visible_to(request.auth, is_open=asked.open)
    return pagination.page(found, cursor=asked.cursor, limit=asked.limit)


@router.get("/compliance/informing/{uuid:duty_id}", response=InformingOut)
def read_informing(request: ApiRequest, duty_id: UUID) -> InformingDuty:
    return queries.duty_visible_to(request.auth, duty_id)


@router.post("/compliance/informing/{uuid:duty_id}/acknowledge", response=InformingOut)
def acknowledge_informing(request: ApiRequest, duty_id: UUID) -> InformingDuty:
    """Say that your organisation knows that it has to inform the persons."""
    return informing.acknowledge(queries.duty_visible_to(request.auth, duty_id), by=request.auth)


@router.post("/compliance/informing/{uuid:duty_id}/answer", response=InformingOut)
def answer_informing(request: ApiRequest, duty_id: UUID, given: InformingIn) -> InformingDuty:
    """Say that the persons were told, or which exemption applies; once."""
    return informing.answer(
        queries.duty_visible_to(request.auth, duty_id), **given.model_dump(), by=request.auth
    )
