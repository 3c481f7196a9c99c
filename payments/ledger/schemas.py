"""What the API shows of the ledger. Debits are positive, credits negative."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from exchange.kernel.money import Money
from exchange.kernel.schemas import MoneyOut, PageQuery
from payments.ledger.ledger import AccountTotal, TrialBalance
from payments.models import Entry, Posting


class BalanceOut(Schema):
    """What stands on all accounts of one kind, in one currency and, where it stands at one, at one provider."""

    code: str
    provider: str
    balance: MoneyOut


class DriftOut(Schema):
    """A guarded account whose kept balance is not the sum of its entries."""

    code: str
    owner_id: UUID | None
    currency: str
    kept_minor: int
    entries_minor: int


class TrialBalanceOut(Schema):
    is_sound: bool
    sums: list[MoneyOut]
    balances: list[BalanceOut]
    drifted: list[DriftOut]

    @classmethod
    def of(cls, trial: TrialBalance) -> "TrialBalanceOut":
        """The whole ledger, added up by kind of account."""
        return cls(
            is_sound=trial.is_sound,
            sums=[MoneyOut.of(Money(minor, currency)) for currency, minor in sorted(trial.sums.items())],
            balances=[
                BalanceOut(code=code, provider=provider, balance=MoneyOut.of(total))
                for (code, provider), total in trial.by_kind()
            ],
            drifted=[_drift(account) for account in trial.drifted()],
        )


class EntryOut(Schema):
    code: str
    owner_id: UUID | None
    provider: str
    amount: MoneyOut

    @classmethod
    def of(cls, entry: Entry) -> "EntryOut":
        account = entry.account
        return cls(
            code=account.code,
            owner_id=account.owner_id,
            provider=account.provider,
            amount=MoneyOut.of(Money(entry.amount_minor, entry.currency)),
        )


class PostingOut(Schema):
    id: UUID
    kind: str
    key: str
    reference: str
    reverses_id: UUID | None
    occurred_at: datetime
    entries: list[EntryOut]

    @classmethod
    def of(cls, posting: Posting) -> "PostingOut":
        """The posting with its entries, the debits first."""
        entries = sorted(posting.entries.all(), key=lambda entry: (-entry.amount_minor, entry.account.code))
        return cls(
            id=posting.pk,
            kind=posting.kind,
            key=posting.key,
            reference=posting.reference,
            reverses_id=posting.reverses_id,
            occurred_at=posting.occurred_at,
            entries=[EntryOut.of(entry) for entry in entries],
        )


class PostingsQuery(PageQuery):
    reference: Annotated[str, Field(max_length=80)] | None = None


def _drift(account: AccountTotal) -> DriftOut:
    return DriftOut(
        code=account.code,
        owner_id=account.owner_id,
        currency=account.currency,
        kept_minor=account.kept or 0,
        entries_minor=account.minor,
    )
