"""The API of contracts: catalogue, offers, negotiations, agreements, entitlements and transfers."""

from typing import Any
from uuid import UUID

from django.conf import settings
from ninja import Query, Router, Status

from compliance import queries as log_queries
from contracts import (
    bindings,
    catalogue,
    copies,
    dpop,
    entitlements,
    holdings,
    negotiations,
    offers,
    queries,
    transfers,
)
from contracts import schemas as shape
from contracts.agreements import reference
from datasets import queries as dataset_queries
from exchange.kernel.errors import Invalid
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.auth import ApiRequest
from exchange.participants.repeats import answers_secret
from payments import holds
from payments.schemas import HoldOut

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
    dataset = dataset_queries.dataset_visible_to(request.auth, body.dataset_id)
    named = None if body.audience == "public" else body.audience.participants
    offer = offers.draft(
        dataset,
        title=body.title,
        terms=body.terms,
        plan=body.plan,
        named=named,
        sale=body.sale,
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


@router.get("/negotiations", response=PageOut[shape.NegotiationOut])
def list_negotiations(request: ApiRequest, wanted: Query[PageQuery]) -> Any:
    return _page(queries.negotiations_visible_to(request.auth), wanted, shape.negotiation_out)


@router.post("/negotiations", response={201: shape.NegotiationOut})
def request_offer(request: ApiRequest, body: shape.RequestIn) -> Any:
    offer = queries.offer_visible_to(request.auth, body.offer_id)
    negotiation = negotiations.request(
        offer, purpose=body.purpose, country=body.country, use=body.use, by=request.auth
    )
    return Status(201, shape.negotiation_out(negotiation))


@router.get("/negotiations/{uuid:negotiation_id}", response=shape.NegotiationOut)
def show_negotiation(request: ApiRequest, negotiation_id: UUID) -> Any:
    return shape.negotiation_out(queries.negotiation_visible_to(request.auth, negotiation_id))


@router.post("/negotiations/{uuid:negotiation_id}/approve", response=shape.NegotiationOut)
def approve_negotiation(request: ApiRequest, negotiation_id: UUID) -> Any:
    negotiation = queries.negotiation_visible_to(request.auth, negotiation_id)
    return shape.negotiation_out(negotiations.approve(negotiation, by=request.auth))


@router.post("/negotiations/{uuid:negotiation_id}/counter", response=shape.NegotiationOut)
def counter_negotiation(request: ApiRequest, negotiation_id: UUID, body: shape.CounterIn) -> Any:
    negotiation = queries.negotiation_visible_to(request.auth, negotiation_id)
    changed = negotiations.counter(negotiation, terms=body.terms, plan=body.plan, by=request.auth)
    return shape.negotiation_out(changed)


@router.post("/negotiations/{uuid:negotiation_id}/refuse", response=shape.NegotiationOut)
def refuse_negotiation(request: ApiRequest, negotiation_id: UUID, body: shape.RefusalIn | None = None) -> Any:
    negotiation = queries.negotiation_visible_to(request.auth, negotiation_id)
    reason = body.reason if body else ""
    return shape.negotiation_out(negotiations.refuse(negotiation, reason=reason, by=request.auth))


@router.post("/negotiations/{uuid:negotiation_id}/terminate", response=shape.NegotiationOut)
def terminate_negotiation(
    request: ApiRequest, negotiation_id: UUID, body: shape.RefusalIn | None = None
) -> Any:
    negotiation = queries.negotiation_visible_to(request.auth, negotiation_id)
    reason = body.reason if body else ""
    return shape.negotiation_out(negotiations.terminate(negotiation, reason=reason, by=request.auth))


@router.post("/negotiations/{uuid:negotiation_id}/accept", response=shape.AcceptedOut)
def accept_negotiation(request: ApiRequest, negotiation_id: UUID) -> Any:
    accepted = negotiations.accept(
        queries.negotiation_visible_to(request.auth, negotiation_id), by=request.auth
    )
    return {
        "id": accepted.negotiation.pk,
        "state": accepted.negotiation.state,
        "agreement_id": accepted.agreement.pk,
        "entitlement_id": accepted.agreement.entitlement.pk,
        "charge_id": accepted.charge.pk if accepted.charge else None,
    }


@router.get("/agreements", response=PageOut[shape.AgreementOut])
def list_agreements(request: ApiRequest, wanted: Query[PageQuery]) -> Any:
    return _page(queries.agreements_visible_to(request.auth), wanted, shape.agreement_out)


@router.get("/agreements/{uuid:agreement_id}", response=shape.AgreementOut)
def show_agreement(request: ApiRequest, agreement_id: UUID) -> Any:
    return shape.agreement_out(queries.agreement_visible_to(request.auth, agreement_id))


@router.post("/agreements/{uuid:agreement_id}/confirm", response=HoldOut)
def confirm_agreement(request: ApiRequest, agreement_id: UUID) -> Any:
    """The buyer has what was agreed: the hold is released to the seller."""
    agreement = queries.agreement_visible_to(request.auth, agreement_id)
    return HoldOut.of(holds.confirm(reference(agreement), by=request.auth), request.auth)


@router.post("/agreements/{uuid:agreement_id}/contest", response=HoldOut)
def contest_agreement(request: ApiRequest, agreement_id: UUID, body: ReasonIn) -> Any:
    """The buyer did not get what was agreed: the hold stays until the operator has settled it."""
    agreement = queries.agreement_visible_to(request.auth, agreement_id)
    return HoldOut.of(holds.contest(reference(agreement), reason=body.reason, by=request.auth), request.auth)


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
        asset = dataset_queries.asset_of_revision(entitlement.revision_id, body.asset)
    if body.transfer is not None:
        transfer = queries.transfer_visible_to(request.auth, body.transfer)
    binding = bindings.wanted(body.network, _proof_of(request), request.auth.at)
    url, expires_at = transfers.issue_token(
        entitlement, asset=asset, transfer=transfer, binding=binding, by=request.auth
    )
    return Status(201, {"url": url, "expires_at": expires_at})


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
