"""The API of intermediation: the notification, the exchange's own fees, and the log of one data holder."""

from typing import Any

from django.http import StreamingHttpResponse
from ninja import Query, Router, Status

from compliance.exports import streams
from compliance.intermediation import holder_log, notification, price_lists, queries
from compliance.intermediation.schemas import HolderLogQuery, IntermediationOut, PriceListIn, PriceListOut
from compliance.models import PriceList
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.get("/compliance/intermediation", response=IntermediationOut)
def read_intermediation(request: ApiRequest) -> dict[str, Any]:
    """The operator's notification; 404 where it has none."""
    found = notification.required()
    return {
        "reference": found.reference,
        "authority": found.authority,
        "notified_on": found.notified_on,
        "entity": found.entity,
        "price_list": queries.in_force(request.auth.at),
    }


@router.get("/compliance/intermediation/price-lists", response=PageOut[PriceListOut])
def list_price_lists(request: ApiRequest, asked: Query[PageQuery]) -> Page[PriceList]:
    """Every version of the exchange's own fees, newest first."""
    return pagination.page(queries.price_lists(), cursor=asked.cursor, limit=asked.limit)


@router.post("/compliance/intermediation/price-lists", response={201: PriceListOut})
def publish_price_list(request: ApiRequest, given: PriceListIn) -> Status[PriceList]:
    """Publish another version, for good."""
    return Status(201, price_lists.publish(given.body, applies_from=given.applies_from, by=request.auth))


@router.get("/compliance/intermediation/log")
def take_holder_log(request: ApiRequest, asked: Query[HolderLogQuery]) -> StreamingHttpResponse:
    """Every proven Event that an organisation is a party to, as a file; in JSON Lines each with its proof."""
    export = holder_log.take(asked.participant, form=asked.format, by=request.auth)
    return streams.streamed(request, export, at=request.auth.at, about="intermediation")
