"""The API of private links to offers."""

from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from ninja import Router, Schema, Status
from pydantic import Field

from contracts import queries
from contracts import schemas as shape
from contracts.offers import audiences
from exchange.kernel.schemas import In
from exchange.participants.actors.auth import ApiRequest
from exchange.participants.repeats import answers_secret

router = Router(tags=["contracts"])


class LinkIn(In):
    token: Annotated[str, Field(min_length=1, max_length=200)]


class LinkOut(Schema):
    """Answered this once; `token` is the last part of `url`."""

    url: str
    token: str


@router.post("/offers/{uuid:offer_id}/link", response={201: LinkOut})
@answers_secret
def make_link(request: ApiRequest, offer_id: UUID) -> Any:
    """A fresh private link; the one before opens nothing any more."""
    token = audiences.link(queries.offer_visible_to(request.auth, offer_id), by=request.auth)
    return Status(201, {"url": f"{settings.EXCHANGE_URL}/links/{token}", "token": token})


@router.post("/offers/by-link", response=shape.OfferOut)
def open_link(request: ApiRequest, body: LinkIn) -> Any:
    """The offer that a private link is for; from now on it exists for the caller's organisation."""
    return shape.offer_out(audiences.open_link(body.token, by=request.auth))
