"""The double-entry ledger. post(), post_many() and reverse() are its only writers; that what they write balances,
stays, and overdraws nobody is enforced by the database (payments/ledger/triggers.py)."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, Sum

from exchange.kernel import canonical
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict
from exchange.kernel.ids import new_id
from exchange.kernel.money import Money
from payments.ledger import sql
from payments.ledger.posting_rules import REVERSED_AS, AccountKey
from payments.ledger.posting_rules import Line as Line
from payments.models import Account, Entry, Posting, Seal


@dataclass(frozen=True, slots=True)
class AccountTotal:
    """What stands on an account: `minor` sums its entries, `kept` is the balance of a guarded account."""

    code: str
    owner_id: UUID | None
    provider: str
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
        return not any(self.sums.values()) and not self.drifted()

    def drifted(self) -> list[AccountTotal]:
        """The guarded accounts whose kept balance is not the sum of their entries."""
        return [account for account in self.accounts if account.kept not in (None, account.minor)]

    def by_kind(self) -> list[tuple[tuple[str, str], Money]]:
        """What stands on all accounts of one code, at one provider and in one currency together."""
        totals: dict[tuple[str, str, str], int] = {}
        for account in self.accounts:
            kind = (account.code, account.provider, account.currency)
            totals[kind] = totals.get(kind, 0) + account.minor
        return [
            ((code, provider), Money(minor, money)) for (code, provider, money), minor in sorted(totals.items())
        ]


def post(kind: str, key: str, entries: Sequence[Line], *, reference: str, at: datetime) -> Posting:
    """Book `entries` as one sealed posting, once under `key`; a replay answers the posting that is there.

    Lines on one account become one entry, and what comes to zero is left out. Conflict when `key` was used for
    something else, or when a guarded account would be overdrawn.
    """
    return _book(kind, key, _totals(entries), reference=reference, at=at)


@dataclass(frozen=True, slots=True)
class Booking:
    """What is to be booked under a key, as post() takes it."""

    kind: str
    key: str
    lines: Sequence[Line]
    reference: str
    at: datetime


def post_many(bookings: Sequence[Booking]) -> list[Posting]:
    """Book each as post() does, by one statement where the database can; a Conflict of one is one of all, and ends the
    open transaction that it is called in."""
    if not connection.in_atomic_block:
        raise RuntimeError("several postings are booked in an open transaction: all of them or none")
    totals = [_totals(one.lines) for one in bookings]
    drafts = [
        (_draft(one.kind, one.key, sums, reference=one.reference, at=one.at), sums)
        for one, sums in zip(bookings, totals, strict=True)
    ]
    return _book_all(drafts, is_apart=False) if drafts else []


def reverse(posting: Posting, key: str, *, at: datetime) -> Posting:
    """Book the exact opposite of `posting`, once, as what the table of rules calls it; a replay answers what is there.

    Conflict when it was reversed under another key, or when a guarded account would be overdrawn.
    """
    totals = {
        (
            entry.account.code,
            entry.account.owner_id,
            entry.account.provider,
            entry.currency,
        ): -entry.amount_minor
        for entry in posting.entries.select_related("account")
    }
    kind = REVERSED_AS[posting.kind]
    return _book(kind, key, totals, reference=posting.reference, at=at, reverses=posting)


def balance(code: Account.Code, owner: UUID | None, currency: str, *, provider: str = "") -> Money:
    """What stands on one account: debit positive, so what a seller is owed is negative."""
    entries = Entry.objects.filter(
        account__code=code, account__owner=owner, account__provider=provider, account__currency=currency
    )
    return Money(entries.aggregate(total=Sum("amount_minor"))["total"] or 0, currency)


def trial_balance() -> TrialBalance:
    """Every account's total and the sums per currency, read in one statement and so of one moment."""
    accounts = [
        AccountTotal(
            account.code,
            account.owner_id,
            account.provider,
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


def _book(
    kind: str,
    key: str,
    totals: Mapping[AccountKey, int],
    *,
    reference: str,
    at: datetime,
    reverses: Posting | None = None,
) -> Posting:
    draft = _draft(kind, key, totals, reference=reference, at=at, reverses=reverses)
    return _book_all([(draft, totals)], is_apart=True)[0]


def _draft(
    kind: str,
    key: str,
    totals: Mapping[AccountKey, int],
    *,
    reference: str,
    at: datetime,
    reverses: Posting | None = None,
) -> Posting:
    mine = new_id()
    return Posting(
        id=mine,
        seal_id=mine,
        kind=kind,
        key=key,
        payload_hash=_payload_hash(kind, totals, reference, reverses),
        reference=reference,
        reverses=reverses,
        occurred_at=at,
    )


def _book_all(drafts: Sequence[tuple[Posting, Mapping[AccountKey, int]]], *, is_apart: bool) -> list[Posting]:
    with _none_overdrawn(", ".join(draft.key for draft, _ in drafts)):
        written = sql.write(drafts, is_apart=is_apart)
        return [
            draft if is_written else _write(draft, totals)
            for (draft, totals), is_written in zip(drafts, written, strict=True)
        ]


@transaction.atomic
def _write(draft: Posting, totals: Mapping[AccountKey, int]) -> Posting:
    """Row by row; opens accounts, and answers what is there already."""
    Posting.objects.bulk_create([draft], ignore_conflicts=True)
    posting = Posting.objects.filter(key=draft.key).first()
    if posting is None:  # the other thing that is unique: what is reversed
        raise Conflict("this was reversed already; nothing was booked", code="already_reversed")
    if posting.payload_hash != draft.payload_hash:
        raise Conflict(
            f"the posting {draft.key} was made with other entries; nothing was booked", code="key_reused"
        )
    if posting.pk == draft.pk:
        _write_entries(posting, totals)
        Seal.objects.create(id=draft.pk)
    return posting


@contextmanager
def _none_overdrawn(key: str) -> Iterator[None]:
    """The database's guard, in our words."""
    try:
        yield
    except IntegrityError as error:
        if "account_not_overdrawn" not in str(error):
            raise
        raise Conflict(
            f"the posting {key} takes more from an account than stands on it; nothing was booked",
            code="overdrawn",
        ) from None


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
    # in account order: two postings then lock guarded accounts in the same order and never each other
    Entry.objects.bulk_create(sorted(rows, key=lambda row: row.account_id))


def _accounts(keys: Sequence[AccountKey]) -> dict[AccountKey, Account]:
    found = _existing(keys)
    missing = [key for key in keys if key not in found]
    if not missing:
        return found
    Account.objects.bulk_create(
        [
            Account(
                code=code,
                owner_id=owner,
                provider=provider,
                currency=currency,
                is_guarded=code in Account.GUARDED,
            )
            for code, owner, provider, currency in missing
        ],
        ignore_conflicts=True,
    )
    return _existing(keys)


def _existing(keys: Sequence[AccountKey]) -> dict[AccountKey, Account]:
    wanted = Q(pk__in=[])
    for code, owner, provider, currency in keys:
        wanted |= Q(code=code, owner=owner, provider=provider, currency=currency)
    return {(a.code, a.owner_id, a.provider, a.currency): a for a in Account.objects.filter(wanted)}


def _payload_hash(kind: str, totals: Mapping[AccountKey, int], reference: str, reverses: Posting | None) -> str:
    booked = sorted(
        [code, str(owner or ""), provider, currency, str(minor)]
        for (code, owner, provider, currency), minor in totals.items()
    )
    facts: dict[str, Fact] = {"kind": kind, "reference": reference, "entries": booked}
    if reverses is not None:
        facts["reverses"] = str(reverses.pk)
    return hashlib.sha256(canonical.encode(facts)).hexdigest()
