"""The API of evidence for an authority: ask, look, take."""

from uuid import UUID

from django.http.response import HttpResponseBase
from ninja import Query, Router, Status

from compliance.bundles import bundles, queries
from compliance.bundles.schemas import BundleIn, BundleOut
from compliance.exports import streams
from compliance.models import Bundle
from exchange.kernel import pagination
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["compliance"])


@router.post("/compliance/bundles", response={201: BundleOut})
def ask_for_bundle(request: ApiRequest, asked: BundleIn) -> Status[Bundle]:
    """Ask for all that the log proves of a matter, as one file that `comptoir-verify bundle` checks offline. A worker
    makes it; it is kept for seven days."""
    made = bundles.ask(asked.scope(), addressee=asked.addressee, reason=asked.reason, by=request.auth)
    return Status(201, made)


@router.get("/compliance/bundles", response=PageOut[BundleOut])
def list_bundles(request: ApiRequest, asked: Query[PageQuery]) -> Page[Bundle]:
    return pagination.page(queries.bundles_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)


@router.get("/compliance/bundles/{uuid:bundle_id}", response=BundleOut)
def read_bundle(request: ApiRequest, bundle_id: UUID) -> Bundle:
    return queries.bundle_visible_to(request.auth, bundle_id)


@router.get("/compliance/bundles/{uuid:bundle_id}/file")
def take_bundle(request: ApiRequest, bundle_id: UUID) -> HttpResponseBase:
    """The file, or one range of it: a cut download goes on with Range and If-Range, and gives the same bytes."""
    found = queries.bundle_visible_to(request.auth, bundle_id)
    return streams.kept_evidence(request, found, bundles.take(found, by=request.auth))
