"""The routes of charges and holds."""

from uuid import UUID

from ninja import Query, Router

from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery, ReasonIn
from exchange.participants.actors.auth import ApiRequest
from payments import queries
from payments.checkouts import pretended_payments
from payments.holds import holds
from payments.schemas import ChargeOut, HoldOut

router = Router(tags=["payments"])


@router.get("/charges", response=PageOut[ChargeOut])
def list_charges(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[ChargeOut]:
    """What you pay and what you are paid, newest first."""
    found = page(queries.charges_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return ChargeOut.page_of(found, request.auth)


@router.get("/charges/{uuid:charge_id}", response=ChargeOut)
def show_charge(request: ApiRequest, charge_id: UUID) -> ChargeOut:
    """One charge, with its hold once it is paid."""
    return ChargeOut.of(queries.charge_visible_to(request.auth, charge_id), request.auth)


@router.post("/charges/{uuid:charge_id}/pay", response=ChargeOut)
def pay_charge(request: ApiRequest, charge_id: UUID) -> ChargeOut:
    """Pretend to pay, with the demo provider only; the charge is `paid` a moment later."""
    charge = pretended_payments.make(queries.charge_visible_to(request.auth, charge_id), by=request.auth)
    return ChargeOut.of(charge, request.auth)


@router.get("/holds", response=PageOut[HoldOut])
def list_holds(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[HoldOut]:
    """Money held for you or by your purchases, newest first."""
    found = page(queries.holds_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return HoldOut.page_of(found, request.auth)


@router.get("/holds/{uuid:hold_id}", response=HoldOut)
def show_hold(request: ApiRequest, hold_id: UUID) -> HoldOut:
    """One hold."""
    return HoldOut.of(queries.hold_visible_to(request.auth, hold_id), request.auth)


@router.post("/holds/{uuid:hold_id}/settle", response=HoldOut)
def settle_hold(request: ApiRequest, hold_id: UUID, given: ReasonIn) -> HoldOut:
    """The operator ends a contest: the hold is open again and runs to its end."""
    hold = holds.settle(queries.hold_visible_to(request.auth, hold_id), reason=given.reason, by=request.auth)
    return HoldOut.of(hold, request.auth)
