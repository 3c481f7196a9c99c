"""Negotiations over HTTP: the request, its rounds and their difference, and the two signatures."""

from typing import Any
from uuid import UUID

from ninja import Query, Router, Status

from contracts import queries
from contracts.models import Negotiation, Side
from contracts.negotiations import negotiations
from contracts.negotiations import schemas as shape
from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest

router = Router(tags=["contracts"])
_ONE = "/negotiations/{uuid:negotiation_id}"


@router.get("/negotiations", response=PageOut[shape.NegotiationOut])
def list_negotiations(request: ApiRequest, wanted: Query[PageQuery]) -> Any:
    found = page(queries.negotiations_visible_to(request.auth), cursor=wanted.cursor, limit=wanted.limit)
    return {"items": [shape.negotiation_out(row) for row in found.items], "next_cursor": found.next_cursor}


@router.post("/negotiations", response={201: shape.NegotiationOut})
def request_offer(request: ApiRequest, body: shape.RequestIn) -> Any:
    offer = queries.offer_visible_to(request.auth, body.offer_id)
    negotiation = negotiations.request(
        offer,
        purpose=body.purpose,
        country=body.country,
        use=body.use,
        affiliates=body.affiliates,
        choice=body.choice,
        by=request.auth,
    )
    return Status(201, shape.negotiation_out(negotiation))


@router.get(_ONE, response=shape.NegotiationOut)
def show_negotiation(request: ApiRequest, negotiation_id: UUID) -> Any:
    return shape.negotiation_out(_found(request, negotiation_id))


@router.get(f"{_ONE}/rounds", response=shape.RoundsOut)
def list_rounds(request: ApiRequest, negotiation_id: UUID) -> Any:
    """All rounds, the first one first, with who signed which."""
    return shape.rounds_out(_found(request, negotiation_id))


@router.get(f"{_ONE}/difference", response=shape.DifferenceOut)
def show_difference(request: ApiRequest, negotiation_id: UUID, wanted: Query[shape.DifferenceQuery]) -> Any:
    """Two rounds clause by clause, in the words of the contract, those that silence adds included."""
    return shape.difference_out(_found(request, negotiation_id), wanted)


@router.post(f"{_ONE}/approve", response={200: shape.NegotiationOut, 202: shape.HalfSignedOut})
def approve_negotiation(request: ApiRequest, negotiation_id: UUID, body: shape.SignIn | None = None) -> Any:
    """The seller signs. 202: a second member of it signs next."""
    shown = body.digest if body else None
    signed = negotiations.approve(_found(request, negotiation_id), shown=shown, by=request.auth)
    if signed.state == Negotiation.State.REQUESTED:
        return Status(202, shape.half_signed_out(signed, Side.SELLER))
    return Status(200, shape.negotiation_out(signed))


@router.post(f"{_ONE}/counter", response=shape.NegotiationOut)
def counter_negotiation(request: ApiRequest, negotiation_id: UUID, body: shape.CounterIn) -> Any:
    """Either side answers with other clauses, another price, or both. The seller signs with it."""
    changed = negotiations.counter(
        _found(request, negotiation_id),
        on=body.digest,
        changes=body.changes,
        terms=body.terms,
        plan=body.plan,
        accept_by=body.accept_by,
        note=body.note,
        by=request.auth,
    )
    return shape.negotiation_out(changed)


@router.post(f"{_ONE}/refuse", response=shape.NegotiationOut)
def refuse_negotiation(request: ApiRequest, negotiation_id: UUID, body: shape.RefusalIn | None = None) -> Any:
    reason = body.reason if body else ""
    refused = negotiations.refuse(_found(request, negotiation_id), reason=reason, by=request.auth)
    return shape.negotiation_out(refused)


@router.post(f"{_ONE}/terminate", response=shape.NegotiationOut)
def terminate_negotiation(
    request: ApiRequest, negotiation_id: UUID, body: shape.RefusalIn | None = None
) -> Any:
    reason = body.reason if body else ""
    ended = negotiations.terminate(_found(request, negotiation_id), reason=reason, by=request.auth)
    return shape.negotiation_out(ended)


@router.post(f"{_ONE}/accept", response={200: shape.AcceptedOut, 202: shape.HalfSignedOut})
def accept_negotiation(
    request: ApiRequest, negotiation_id: UUID, body: shape.NegotiationAcceptIn | None = None
) -> Any:
    """The buyer signs. 202: a second member of it signs next."""
    given = body or shape.NegotiationAcceptIn()
    found = _found(request, negotiation_id)
    accepted = negotiations.accept(
        found,
        shown=given.digest,
        coupon=given.coupon,
        keeps_method=given.keeps_method,
        renews=given.renews,
        by=request.auth,
    )
    if accepted.agreement is None:
        return Status(202, shape.half_signed_out(accepted.negotiation, Side.BUYER))
    answer = {
        "id": accepted.negotiation.pk,
        "state": accepted.negotiation.state,
        "agreement_id": accepted.agreement.pk,
        "entitlement_id": accepted.agreement.entitlement.pk,
        "charge_id": accepted.charge.pk if accepted.charge else None,
    }
    return Status(200, answer)


def _found(request: ApiRequest, negotiation_id: UUID) -> Negotiation:
    return queries.negotiation_visible_to(request.auth, negotiation_id)
