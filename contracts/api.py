"""The API of contracts: catalogue, offers, negotiations, agreements, entitlements and transfers."""

from typing import Any
from uuid import UUID

from django.conf import settings
from ninja import Query, Router, Status

from compliance import queries as log_queries
from contracts import queries
from contracts import schemas as shape
from contracts.catalogue import catalogue
from contracts.entitlements import entitlements, informing, windows
from contracts.holdings import holdings
from contracts.offers import offers
from contracts.tokens import bindings, dpop
from contracts.transfers import copies, transfers
from datasets import queries as dataset_queries
from exchange.kernel.errors import Invalid
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest
from exchange.participants.repeats import answers_secret

router = Router(tags=["contracts"])


@router.get("/datasets", response=shape.CatalogueOut)
def list_datasets(request: ApiRequest, wanted: Query[shape.DatasetQuery]) -> Any:
    """Without words, offers' marks, `order` and `facets`, newest dataset first; with them ranked, with a total. A mark
    may be given several times: one of its values must hold. Marks of offers must hold of one and the same offer.
    `order`: `match`, best first; `newest`, by the newest sealed revision; `published`, put on the market last; `price`,
    the lowest that you see first, free before all, without a price last; currencies are not converted. Each of `facets`
    counts as if nothing were asked of itself."""
    found = catalogue.search(
        request.auth, wanted.search(), cursor=wanted.cursor, limit=wanted.limit, with_facets=wanted.facets
    )
    return shape.catalogue_out(found)


@router.get("/datasets/{uuid:dataset_id}", response=shape.DatasetPageOut)
def show_dataset(request: ApiRequest, dataset_id: UUID) -> Any:
    return shape.dataset_page_out(catalogue.dataset_visible_to(request.auth, dataset_id), request.auth)


@router.get("/offers", response=PageOut[shape.OfferOut])
def list_offers(request: ApiRequest, wanted: Query[PageQuery]) -> Any:
    return _page(queries.offers_visible_to(request.auth), wanted, shape.offer_out)


@router.post("/offers", response={201: shape.OfferOut})
def draft_offer(request: ApiRequest, body: shape.OfferIn) -> Any:
    """What is permitted is given as `terms`, or as `policy` in ODRL, which is read whole or refused by name; what it
    costs as a `plan`, or as `choices`, each some clauses and a plan."""
    dataset = dataset_queries.dataset_visible_to(request.auth, body.dataset_id)
    audience = None if isinstance(body.audience, str) else body.audience
    offer = offers.draft(
        dataset,
        title=body.title,
        terms=body.terms,
        policy=body.policy,
        plan=body.plan,
        choices=None if body.choices is None else [one.model_dump() for one in body.choices],
        named=audience.participants if audience else None,
        groups=audience.groups if audience else (),
        by_link=body.audience == "link",
        sale=body.sale,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        by=request.auth,
    )
    return Status(201, shape.offer_out(offer))


@router.get("/offers/{uuid:offer_id}", response=shape.OfferOut)
def show_offer(request: ApiRequest, offer_id: UUID) -> Any:
    return shape.offer_out(queries.offer_visible_to(request.auth, offer_id))


@router.post("/offers/{uuid:offer_id}/publish", response=shape.OfferOut)
def publish_offer(request: ApiRequest, offer_id: UUID) -> Any:
    offer = queries.offer_visible_to(request.auth, offer_id)
    return shape.offer_out(offers.publish(offer, by=request.auth))


@router.post("/offers/{uuid:offer_id}/withdraw", response=shape.OfferOut)
def withdraw_offer(request: ApiRequest, offer_id: UUID) -> Any:
    offer = queries.offer_visible_to(request.auth, offer_id)
    return shape.offer_out(offers.withdraw(offer, by=request.auth))


@router.get("/entitlements", response=PageOut[shape.EntitlementOut])
def list_entitlements(request: ApiRequest, wanted: Query[PageQuery]) -> Any:
    return _page(queries.entitlements_visible_to(request.auth), wanted, shape.entitlement_out)


@router.get("/entitlements/{uuid:entitlement_id}", response=shape.EntitlementOut)
def show_entitlement(request: ApiRequest, entitlement_id: UUID) -> Any:
    return shape.entitlement_out(queries.entitlement_visible_to(request.auth, entitlement_id))


@router.post("/entitlements/{uuid:entitlement_id}/suspend", response=shape.EntitlementOut)
def suspend_entitlement(request: ApiRequest, entitlement_id: UUID, body: ReasonIn) -> Any:
    entitlement = queries.entitlement_visible_to(request.auth, entitlement_id)
    return shape.entitlement_out(entitlements.suspend(entitlement, reason=body.reason, by=request.auth))


@router.post("/entitlements/{uuid:entitlement_id}/resume", response=shape.EntitlementOut)
def resume_entitlement(request: ApiRequest, entitlement_id: UUID, body: ReasonIn) -> Any:
    entitlement = queries.entitlement_visible_to(request.auth, entitlement_id)
    return shape.entitlement_out(entitlements.resume(entitlement, reason=body.reason, by=request.auth))


@router.post("/entitlements/{uuid:entitlement_id}/revoke", response=shape.EntitlementOut)
def revoke_entitlement(request: ApiRequest, entitlement_id: UUID, body: ReasonIn) -> Any:
    entitlement = queries.entitlement_visible_to(request.auth, entitlement_id)
    return shape.entitlement_out(entitlements.revoke(entitlement, reason=body.reason, by=request.auth))


@router.post("/entitlements/{uuid:entitlement_id}/tokens", response={201: shape.TokenOut})
@answers_secret
def issue_token(request: ApiRequest, entitlement_id: UUID, body: shape.TokenIn) -> Any:
    entitlement = queries.entitlement_visible_to(request.auth, entitlement_id)
    if (body.asset is None) == (body.transfer is None):
        raise Invalid("name an asset to start with, or a transfer to go on with: one of the two")
    asset = transfer = None
    if body.asset is not None:
        asset = windows.asset_of(entitlement, body.asset)
    if body.transfer is not None:
        transfer = queries.transfer_visible_to(request.auth, body.transfer)
    binding = bindings.wanted(body.network, _proof_of(request), request.auth.at)
    url, expires_at = transfers.issue_token(
        entitlement, asset=asset, transfer=transfer, binding=binding, by=request.auth
    )
    return Status(201, {"url": url, "expires_at": expires_at})


@router.post("/entitlements/{uuid:entitlement_id}/informing", response={201: shape.InformingWordOut})
def acknowledge_informing_first(request: ApiRequest, entitlement_id: UUID, body: shape.InformingWordIn) -> Any:
    """Say, before the first download of personal data, that you inform the persons (Art. 14), or which exemption of
    Article 14(5) applies, and why. Once; a second time answers what was said."""
    entitlement = queries.entitlement_visible_to(request.auth, entitlement_id)
    return Status(201, informing.say(entitlement, exemption=body.exemption, said=body.said, by=request.auth))


@router.get("/transfers", response=PageOut[shape.TransferOut])
def list_transfers(request: ApiRequest, wanted: Query[shape.TransferQuery]) -> Any:
    return _page(queries.transfers_visible_to(request.auth, wanted.wanted()), wanted, shape.transfer_out)


@router.get("/transfers/{uuid:transfer_id}", response=shape.TransferOut)
def show_transfer(request: ApiRequest, transfer_id: UUID) -> Any:
    transfer = queries.transfer_visible_to(request.auth, transfer_id)
    return shape.transfer_out(transfer)


@router.post("/transfers/{uuid:transfer_id}/give-copy-back", response=shape.TransferOut)
def give_copy_back(request: ApiRequest, transfer_id: UUID, body: ReasonIn) -> Any:
    """The seller lets the buyer take this copy anew, once; the transfer itself is over."""
    transfer = queries.transfer_visible_to(request.auth, transfer_id)
    return shape.transfer_out(copies.give_back(transfer, reason=body.reason, by=request.auth))


@router.get("/revisions/{uuid:revision_id}/holdings", response=PageOut[shape.HoldingOut])
def list_holders(request: ApiRequest, revision_id: UUID, wanted: Query[PageQuery]) -> Any:
    """Who holds a revision, even in part: all for its seller and officers, its own part for a buyer."""
    found = holdings.of_revision(request.auth, revision_id, cursor=wanted.cursor, limit=wanted.limit)
    return _shown(found, shape.holding_out)


@router.get("/participants/{uuid:participant_id}/holdings", response=PageOut[shape.HoldingOut])
def list_holdings(request: ApiRequest, participant_id: UUID, wanted: Query[PageQuery]) -> Any:
    """What an organisation holds: all for itself and officers; for a seller, of its own data."""
    found = holdings.of_participant(request.auth, participant_id, cursor=wanted.cursor, limit=wanted.limit)
    return _shown(found, shape.holding_out)


@router.get("/bucket-reads", response=PageOut[shape.BucketReadOut])
def list_bucket_reads(request: ApiRequest, wanted: Query[shape.BucketReadQuery]) -> Any:
    """What the bucket's access log told of links to storage, for officers."""
    return _page(queries.bucket_reads_visible_to(request.auth, matched=wanted.matched), wanted, lambda row: row)


@router.get("/transfers/{uuid:transfer_id}/receipt")
def transfer_receipt(request: ApiRequest, transfer_id: UUID) -> Any:
    """The transfer's leaves with their proofs, which `comptoir-verify receipt` checks offline."""
    transfer = queries.transfer_visible_to(request.auth, transfer_id)
    return log_queries.receipt(f"transfer:{transfer.pk}", visible_to=request.auth)


def _proof_of(request: ApiRequest) -> dpop.Proof | None:
    """What the header DPoP proves, where there is one; None asks for no binding to a key."""
    if (proof := request.headers.get("DPoP")) is None:
        return None
    url = f"{settings.EXCHANGE_URL}{request.path}"
    return dpop.read(proof, method=request.method or "", url=url, now=request.auth.at)


def _page(rows: Any, wanted: PageQuery, out: Any) -> dict[str, Any]:
    return _shown(page(rows, cursor=wanted.cursor, limit=wanted.limit), out)


def _shown(found: Any, out: Any) -> dict[str, Any]:
    return {"items": [out(row) for row in found.items], "next_cursor": found.next_cursor}
