"""The routes of refunds and disputes, and of holds that nobody waits for any more."""

from uuid import UUID

from ninja import Query, Router

from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest
from payments import queries
from payments.holds import holds
from payments.refunds import refunds
from payments.refunds.schemas import DisputeOut, RefundIn, RefundOut
from payments.schemas import HoldOut

router = Router(tags=["payments"])


@router.get("/refunds", response=PageOut[RefundOut])
def list_refunds(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[RefundOut]:
    """Money that went back to you or from you, was asked for, or is on its way, newest first."""
    found = page(queries.refunds_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return RefundOut.page_of(found, request.auth)


@router.get("/refunds/{uuid:refund_id}", response=RefundOut)
def show_refund(request: ApiRequest, refund_id: UUID) -> RefundOut:
    """One refund."""
    return RefundOut.of(queries.refund_visible_to(request.auth, refund_id), request.auth)


@router.post("/charges/{uuid:charge_id}/refunds", response={201: RefundOut})
def make_refund(request: ApiRequest, charge_id: UUID, given: RefundIn) -> tuple[int, RefundOut]:
    """The buyer asks for its money back; the seller or the operator gives it."""
    actor = request.auth
    charge = queries.charge_visible_to(actor, charge_id)
    gross = given.gross.money() if given.gross else None
    if actor.acts_for(charge.payer_id):
        refund = refunds.ask(charge, gross=gross, reason=given.reason, by=actor)
    else:
        refund = refunds.give(charge, gross=gross, shown_minor=given.shown_minor, reason=given.reason, by=actor)
    return 201, RefundOut.of(refund, actor)


@router.post("/refunds/{uuid:refund_id}/approve", response=RefundOut)
def approve_refund(request: ApiRequest, refund_id: UUID) -> RefundOut:
    """The seller or the operator gives what the buyer asked for."""
    refund = refunds.approve(queries.refund_visible_to(request.auth, refund_id), by=request.auth)
    return RefundOut.of(refund, request.auth)


@router.post("/refunds/{uuid:refund_id}/decline", response=RefundOut)
def decline_refund(request: ApiRequest, refund_id: UUID, given: ReasonIn) -> RefundOut:
    """The seller or the operator says no, and why."""
    refund = queries.refund_visible_to(request.auth, refund_id)
    return RefundOut.of(refunds.decline(refund, reason=given.reason, by=request.auth), request.auth)


@router.get("/disputes", response=PageOut[DisputeOut])
def list_disputes(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[DisputeOut]:
    """Payments that buyers’ banks took back, for now or for good, newest first."""
    found = page(queries.disputes_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return DisputeOut.page_of(found)


@router.get("/disputes/{uuid:dispute_id}", response=DisputeOut)
def show_dispute(request: ApiRequest, dispute_id: UUID) -> DisputeOut:
    """One dispute."""
    return DisputeOut.of(queries.dispute_visible_to(request.auth, dispute_id))


@router.post("/holds/{uuid:hold_id}/excuse", response=HoldOut)
def excuse_hold(request: ApiRequest, hold_id: UUID, given: ReasonIn) -> HoldOut:
    """The operator lets a hold go on that waits for a delivery which the buyer never took."""
    hold = holds.excuse(queries.hold_visible_to(request.auth, hold_id), reason=given.reason, by=request.auth)
    return HoldOut.of(hold, request.auth)
