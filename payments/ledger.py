"""The double-entry ledger. post() is its only writer; that what it writes balances, stays, and overdraws nobody
is enforced by the database (payments/triggers.py)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum

from exchange.kernel import canonical
from exchange.kernel.errors import Conflict
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from payments.models import Account, Entry, Posting, Seal

AccountKey = tuple[str, UUID | None, str]
"""code, owner (None: the exchange), currency"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line to book: debit positive, credit negative; `owner` is None for an account of the exchange."""

    code: Account.Code
    owner: UUID | None
    amount: Money

    @property
    def account_key(self) -> AccountKey:
        return (self.code.value, self.owner, self.amount.currency)


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """What stands on an account: `minor` sums its entries, `kept` is the balance of a guarded account."""

    code: str
    owner_id: UUID | None
    currency: str
    minor: int
    kept: int | None


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The whole ledger at one moment: `sums` per currency are zero, always."""

    sums: Mapping[str, int]
    accounts: Sequence[AccountTotal]

    @property
    def is_sound(self) -> bool:
        """Whether everything balances and each kept balance is the sum of its account's entries."""
        return not any(self.sums.values()) and all(
            account.kept is None or account.kept == account.minor for account in self.accounts
        )


@transaction.atomic
def post(kind: str, key: str, entries: Sequence[Line], *, reference: str, at: datetime) -> Posting:
    """Book `entries` as one sealed posting, once under `key`; a replay answers the posting that is there.

    Lines on one account become one entry, and what comes to zero is left out. Conflict when `key` was used for
    something else, or when a guarded account would be overdrawn.
    """
    mine = new_id()
    payload_hash = _payload_hash(kind, entries, reference)
    draft = Posting(
        id=mine,
        seal_id=mine,
        kind=kind,
        key=key,
        payload_hash=payload_hash,
        reference=reference,
        occurred_at=at,
    )
    Posting.objects.bulk_create([draft], ignore_conflicts=True)
    posting = Posting.objects.get(key=key)
    if posting.payload_hash != payload_hash:
        raise Conflict(f"the posting {key} was made with other entries; nothing was booked", code="key_reused")
    if posting.pk == mine:
        _write_entries(posting, _totals(entries))
        Seal.objects.create(id=mine)
    return posting


def balance(code: Account.Code, owner: UUID | None, currency: str) -> Money:
    """What stands on one account: debit positive, so what a seller is owed is negative."""
    entries = Entry.objects.filter(account__code=code, account__owner=owner, account__currency=currency)
    return Money(entries.aggregate(total=Sum("amount_minor"))["total"] or 0, currency)


def trial_balance() -> TrialBalance:
    """Every account's total and the sums per currency, read in one statement and so of one moment."""
    accounts = [
        AccountTotal(
            account.code,
            account.owner_id,
            account.currency,
            account.total or 0,
            account.balance_minor if account.is_guarded else None,
        )
        for account in Account.objects.annotate(total=Sum("entries__amount_minor")).order_by("code", "pk")
    ]
    sums: dict[str, int] = {}
    for account in accounts:
        sums[account.currency] = sums.get(account.currency, 0) + account.minor
    return TrialBalance(sums, accounts)


def _totals(entries: Sequence[Line]) -> dict[AccountKey, int]:
    totals: dict[AccountKey, int] = {}
    for entry in entries:
        totals[entry.account_key] = totals.get(entry.account_key, 0) + entry.amount.minor
    return {key: minor for key, minor in totals.items() if minor}


def _write_entries(posting: Posting, totals: Mapping[AccountKey, int]) -> None:
    accounts = _accounts(sorted(totals, key=str))
    rows = [
        Entry(posting=posting, account=account, amount_minor=totals[key], currency=account.currency)
        for key, account in accounts.items()
    ]
    try:
        # in account order: two postings then lock guarded accounts in the same order and never each other
        Entry.objects.bulk_create(sorted(rows, key=lambda row: row.account_id))
    except IntegrityError as error:
        if "account_not_overdrawn" not in str(error):
            raise
        raise Conflict(
            f"the posting {posting.key} takes more from an account than stands on it; nothing was booked",
            code="overdrawn",
        ) from None


def _accounts(keys: Sequence[AccountKey]) -> dict[AccountKey, Account]:
    found = _existing(keys)
    missing = [key for key in keys if key not in found]
    if not missing:
        return found
    Account.objects.bulk_create(
        [
            Account(code=code, owner_id=owner, currency=currency, is_guarded=code in Account.OWNED)
            for code, owner, currency in missing
        ],
        ignore_conflicts=True,
    )
    return _existing(keys)


def _existing(keys: Sequence[AccountKey]) -> dict[AccountKey, Account]:
    wanted = Q(pk__in=[])
    for code, owner, currency in keys:
        wanted |= Q(code=code, owner=owner, currency=currency)
    return {(a.code, a.owner_id, a.currency): a for a in Account.objects.filter(wanted)}


def _payload_hash(kind: str, entries: Sequence[Line], reference: str) -> str:
    booked = sorted(
        [code, str(owner or ""), currency, str(minor)]
        for (code, owner, currency), minor in _totals(entries).items()
    )
    body = canonical.encode({"kind": kind, "reference": reference, "entries": booked})
    return hashlib.sha256(body).hexdigest()
