"""What the API shows of charges and holds. What the exchange keeps of a sale, and so what is left for the
seller, is shown to the seller and to officers alone."""

from datetime import datetime
from uuid import UUID

from ninja import Schema

from exchange.kernel.actors import Actor
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import MoneyOut, PageOut
from payments import providers, queries
from payments.models import Charge, Hold


class HoldInCharge(Schema):
    id: UUID
    state: str
    releases_at: datetime
    amount: MoneyOut | None


class ChargeOut(Schema):
    id: UUID
    state: str
    reference: str
    payer_id: UUID
    payee_id: UUID
    net: MoneyOut
    tax: MoneyOut
    gross: MoneyOut
    fee: MoneyOut | None
    vat_role: str
    vat_treatment: str
    vat_rate_basis_points: int
    refunded: MoneyOut
    refund_policy: dict[str, str | int]
    provider: str
    provider_notice: str
    failure: str
    created_at: datetime
    paid_at: datetime | None
    hold: HoldInCharge | None

    @classmethod
    def of(cls, charge: Charge, actor: Actor) -> "ChargeOut":
        """The charge as this actor may see it."""
        shows_fee = queries.knows_fee(actor, charge.payee_id)
        hold = getattr(charge, "hold", None)
        return cls(
            id=charge.pk,
            state=charge.state,
            reference=charge.reference,
            payer_id=charge.payer_id,
            payee_id=charge.payee_id,
            net=MoneyOut.of(charge.net),
            tax=MoneyOut.of(charge.tax),
            gross=MoneyOut.of(charge.gross),
            fee=MoneyOut.of(charge.fee) if shows_fee else None,
            vat_role=charge.vat_role,
            vat_treatment=charge.vat_treatment,
            vat_rate_basis_points=charge.vat_rate_basis_points,
            refunded=MoneyOut(amount_minor=charge.refunded_minor, currency=charge.currency),
            refund_policy=charge.refund_policy,
            provider=charge.provider,
            provider_notice=providers.named(charge.provider).statement,
            failure=charge.failure,
            created_at=charge.created_at,
            paid_at=charge.paid_at,
            hold=hold
            and HoldInCharge(
                id=hold.pk,
                state=hold.state,
                releases_at=hold.releases_at,
                amount=MoneyOut.of(hold.amount) if shows_fee else None,
            ),
        )

    @classmethod
    def page_of(cls, page: Page[Charge], actor: Actor) -> "PageOut[ChargeOut]":
        """A page of charges as this actor may see them."""
        return PageOut(items=[cls.of(row, actor) for row in page.items], next_cursor=page.next_cursor)


class HoldOut(Schema):
    id: UUID
    state: str
    reference: str
    charge_id: UUID
    seller_id: UUID
    buyer_id: UUID
    amount: MoneyOut | None
    kept: MoneyOut | None
    waits_for: list[str]
    age_days: int
    is_overdue: bool
    reason: str
    opened_at: datetime
    releases_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, hold: Hold, actor: Actor) -> "HoldOut":
        """The hold as this actor may see it: `waits_for` names what stands between it and its release."""
        shows_fee = queries.knows_fee(actor, hold.seller_id)
        return cls(
            id=hold.pk,
            state=hold.state,
            reference=hold.reference,
            charge_id=hold.charge_id,
            seller_id=hold.seller_id,
            buyer_id=hold.buyer_id,
            amount=MoneyOut.of(hold.amount) if shows_fee else None,
            kept=MoneyOut(amount_minor=hold.kept_minor, currency=hold.currency) if shows_fee else None,
            waits_for=queries.waits_for(hold, actor.at),
            age_days=((hold.closed_at or actor.at) - hold.opened_at).days,
            is_overdue=hold.overdue_at is not None,
            reason=hold.reason,
            opened_at=hold.opened_at,
            releases_at=hold.releases_at,
            closed_at=hold.closed_at,
        )

    @classmethod
    def page_of(cls, page: Page[Hold], actor: Actor) -> "PageOut[HoldOut]":
        """A page of holds as this actor may see them."""
        return PageOut(items=[cls.of(row, actor) for row in page.items], next_cursor=page.next_cursor)
