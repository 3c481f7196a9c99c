"""What the API shows of payouts and of where they go. Bank details are never part of it."""

from datetime import datetime
from uuid import UUID

from ninja import Schema

from exchange.kernel.pagination import Page
from exchange.kernel.schemas import MoneyOut, PageOut
from payments.models import Payout, PayoutAccount


class PayoutOut(Schema):
    id: UUID
    state: str
    party_id: UUID
    provider: str
    amount: MoneyOut
    is_approved: bool
    failure: str
    created_at: datetime
    submitted_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, payout: Payout) -> "PayoutOut":
        """The payout as its party and the operator see it."""
        return cls(
            id=payout.pk,
            state=payout.state,
            party_id=payout.party_id,
            provider=payout.provider,
            amount=MoneyOut.of(payout.amount),
            is_approved=not payout.needs_approval or payout.approved_at is not None,
            failure=payout.failure,
            created_at=payout.created_at,
            submitted_at=payout.submitted_at,
            ended_at=payout.ended_at,
        )

    @classmethod
    def page_of(cls, page: Page[Payout]) -> "PageOut[PayoutOut]":
        """A page of payouts."""
        return PageOut(items=[cls.of(row) for row in page.items], next_cursor=page.next_cursor)


class PayoutAccountOut(Schema):
    """`ending` are the last characters of the IBAN, `pays_from` is the end of the cool-down after a change."""

    id: UUID
    state: str
    party_id: UUID
    provider: str
    requirements: list[str]
    ending: str
    pays_from: datetime | None

    @classmethod
    def of(cls, account: PayoutAccount) -> "PayoutAccountOut":
        """The account without what only the bank needs to know."""
        return cls(
            id=account.pk,
            state=account.state,
            party_id=account.participant_id,
            provider=account.provider,
            requirements=account.requirements,
            ending=account.bank_hint,
            pays_from=account.pays_from,
        )
