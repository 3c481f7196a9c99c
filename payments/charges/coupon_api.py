"""The routes of coupons: codes that their owner gives out; a buyer enters one when it accepts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import StrictInt

from exchange.kernel.money import Money
from exchange.kernel.pagination import page
from exchange.kernel.schemas import In, Line, Moment, MoneyOut, PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest
from payments.charges import coupons
from payments.models import Coupon

router = Router(tags=["payments"])


class AmountIn(In):
    amount_minor: StrictInt
    currency: Line


class CouponIn(In):
    """Either `basis_points` (1 to 9999) or an `amount`; `offer_id` is the one offer that it is for."""

    code: Line
    label: Line
    basis_points: StrictInt | None = None
    amount: AmountIn | None = None
    offer_id: UUID | None = None
    most_uses: StrictInt | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class CouponOut(Schema):
    """Without its code, which nobody keeps."""

    id: UUID
    label: str
    offer: str
    borne_by: str
    basis_points: int | None
    amount: MoneyOut | None
    most_uses: int | None
    used: int
    starts_at: datetime | None
    ends_at: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: Coupon) -> "CouponOut":
        """A coupon as its owner sees it."""
        names = ["label", "offer", "borne_by", "basis_points", "most_uses", "used"]
        names += ["starts_at", "ends_at", "withdrawn_at"]
        amount = None if row.amount_minor is None else MoneyOut.of(Money(row.amount_minor, row.currency))
        return cls(id=row.pk, amount=amount, **{name: getattr(row, name) for name in names})


@router.get("/coupons", response=PageOut[CouponOut])
def list_coupons(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[CouponOut]:
    """The coupons that you gave out, newest first."""
    found = page(coupons.coupons_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    return PageOut(items=[CouponOut.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.post("/coupons", response={201: CouponOut})
def create_coupon(request: ApiRequest, given: CouponIn) -> Any:
    """Give out a code. Keep it: it cannot be read again."""
    amount = Money(given.amount.amount_minor, given.amount.currency) if given.amount else None
    said = given.dict(exclude={"amount"})
    return Status(201, CouponOut.of(coupons.create(amount=amount, **said, by=request.auth)))


@router.post("/coupons/{uuid:coupon_id}/withdraw", response=CouponOut)
def withdraw_coupon(request: ApiRequest, coupon_id: UUID) -> CouponOut:
    """Let nobody use it any more."""
    found = coupons.coupon_visible_to(request.auth, coupon_id)
    return CouponOut.of(coupons.withdraw(found, by=request.auth))
