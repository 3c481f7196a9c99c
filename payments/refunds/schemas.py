"""What the API takes and shows of refunds and disputes. What sellers and the exchange give of a sum is shown to the
seller and to officers alone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from exchange.kernel.actors import Actor
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import MoneyIn, MoneyOut, PageOut, ReasonIn
from payments import queries
from payments.models import Dispute, Refund


class RefundIn(ReasonIn):
    """`gross` is what is to go back, tax included; without it, all that is left. `shown_minor` is what had gone back
    when you looked: where more has since, nothing is done."""

    gross: MoneyIn | None = None
    shown_minor: Annotated[int, Field(strict=True, ge=0)] | None = None


class RefundOut(Schema):
    id: UUID
    state: str
    charge_id: UUID
    reference: str
    gross: MoneyOut
    net: MoneyOut
    tax: MoneyOut
    fee: MoneyOut | None
    asked_side: str
    reason: str
    answer: str
    failure: str
    asked_at: datetime
    created_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, refund: Refund, actor: Actor) -> "RefundOut":
        """The refund as this actor may see it; net and tax are zero until it is decided."""
        shows_fee = queries.knows_fee(actor, refund.charge.payee_id)
        return cls(
            id=refund.pk,
            state=refund.state,
            charge_id=refund.charge_id,
            reference=refund.charge.reference,
            gross=MoneyOut.of(refund.gross),
            net=MoneyOut.of(refund.net),
            tax=MoneyOut.of(refund.tax),
            fee=MoneyOut.of(refund.fee) if shows_fee else None,
            asked_side=refund.asked_side,
            reason=refund.reason,
            answer=refund.answer,
            failure=refund.failure,
            asked_at=refund.asked_at,
            created_at=refund.created_at,
            ended_at=refund.ended_at,
        )

    @classmethod
    def page_of(cls, page: Page[Refund], actor: Actor) -> "PageOut[RefundOut]":
        """A page of refunds as this actor may see them."""
        return PageOut(items=[cls.of(row, actor) for row in page.items], next_cursor=page.next_cursor)


class DisputeOut(Schema):
    id: UUID
    state: str
    charge_id: UUID
    reference: str
    gross: MoneyOut
    reason: str
    evidence_due_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, dispute: Dispute) -> "DisputeOut":
        """The dispute as both sides may see it."""
        return cls(
            id=dispute.pk,
            state=dispute.state,
            charge_id=dispute.charge_id,
            reference=dispute.charge.reference,
            gross=MoneyOut.of(dispute.gross),
            reason=dispute.reason,
            evidence_due_at=dispute.evidence_due_at,
            opened_at=dispute.opened_at,
            ended_at=dispute.ended_at,
        )

    @classmethod
    def page_of(cls, page: Page[Dispute]) -> "PageOut[DisputeOut]":
        """A page of disputes."""
        return PageOut(items=[cls.of(row) for row in page.items], next_cursor=page.next_cursor)
