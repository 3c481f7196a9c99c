"""Renewals and amendments over HTTP: what would change, and the acts that change it."""

from typing import Any
from uuid import UUID

from ninja import Router, Status

from contracts import queries
from contracts.negotiations.schemas import NegotiationOut, negotiation_out
from contracts.renewals import amendments, renewals
from contracts.renewals import schemas as shape
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])


@router.get("/entitlements/{uuid:entitlement_id}/renewal", response=shape.RenewalsOut)
def show_renewal(request: ApiRequest, entitlement_id: UUID) -> Any:
    """By each offer for the same dataset that you may see: what would change, clause by clause, and the price."""
    right = queries.entitlement_visible_to(request.auth, entitlement_id)
    found = renewals.proposals_visible_to(request.auth, right)
    return {"items": [shape.renewal_out(one) for one in found]}


@router.post("/entitlements/{uuid:entitlement_id}/renew", response={201: NegotiationOut})
def renew_entitlement(request: ApiRequest, entitlement_id: UUID, body: shape.RenewIn) -> Any:
    """Ask for a further term; signed at once where the offer is sold at once."""
    right = queries.entitlement_visible_to(request.auth, entitlement_id)
    offer = queries.offer_visible_to(request.auth, body.offer_id)
    talk = renewals.renew(
        right,
        offer,
        consents=body.worse,
        shown=body.digest,
        choice=body.choice,
        coupon=body.coupon,
        keeps_method=body.keeps_method,
        renews=body.renews,
        by=request.auth,
    )
    return Status(201, negotiation_out(talk.negotiation))


@router.post("/negotiations/{uuid:negotiation_id}/consent", response=shape.ConsentOut)
def consent_to_round(request: ApiRequest, negotiation_id: UUID, body: shape.ConsentIn) -> Any:
    """The buyer takes what is worse in the round that stands, before it accepts."""
    negotiation = queries.negotiation_visible_to(request.auth, negotiation_id)
    return renewals.consent(negotiation, body.worse, shown=body.digest, by=request.auth)


@router.post("/agreements/{uuid:agreement_id}/amend", response={201: NegotiationOut})
def amend_agreement(request: ApiRequest, agreement_id: UUID, body: shape.AmendIn) -> Any:
    """Put other clauses on the table, by either side; signed and paid, they supersede the contract within its term."""
    agreement = queries.agreement_visible_to(request.auth, agreement_id)
    talk = amendments.propose(agreement, changes=body.changes, plan=body.plan, note=body.note, by=request.auth)
    return Status(201, negotiation_out(talk))
