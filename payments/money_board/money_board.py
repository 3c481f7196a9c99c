"""Where money stands, for the operator's board: whether the books balance in each currency, what stands on each
account, and what each provider says of its own balance. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.money import Money
from payments.ledger import ledger
from payments.ledger.ledger import AccountTotal, TrialBalance
from payments.models import Account, BalanceLine, Difference, Reconciliation
from payments.money_board.decisions import difference_words
from payments.reconciliation import queries as reconciliation_queries

Code = Account.Code
MOST_EXPLAINED = 20

ACCOUNTS: dict[str, str | Promise] = {
    Code.CLEARING: _("With the provider"),
    Code.IN_TRANSIT: _("On the way to sellers"),
    Code.VAT_PAYABLE: _("VAT owed"),
    Code.PLATFORM_FEE: _("Fees earned"),
    Code.PROCESSOR_COST: _("Providers’ costs"),
    Code.DISPUTE_SUSPENSE: _("Taken by banks until a dispute ends"),
    Code.DISPUTE_COST: _("Costs of disputes"),
    Code.SELLER_HELD: _("Held for sellers"),
    Code.SELLER_PAYABLE: _("Payable to sellers"),
    Code.SELLER_RECEIVABLE: _("Owed by sellers"),
    Code.BUYER_PREPAID: _("Prepaid by buyers"),
}
_ASSETS = frozenset(
    {
        Code.CLEARING,
        Code.IN_TRANSIT,
        Code.PROCESSOR_COST,
        Code.DISPUTE_SUSPENSE,
        Code.DISPUTE_COST,
        Code.SELLER_RECEIVABLE,
    }
)
"""Accounts on which a debit is what one expects: shown as it is. Of all others a credit is shown as positive."""


@dataclass(frozen=True)
class AccountRow:
    """All accounts of one code in one currency, at one provider where it is at one; `amount` as the operator expects
    it, positive."""

    words: str | Promise
    provider: str
    amount: Money


@dataclass(frozen=True)
class CurrencyRow:
    """One currency in one look. `off` is what the books are off by: zero where they balance."""

    currency: str
    is_sound: bool
    off: Money
    with_providers: Money
    held: Money
    payable: Money
    accounts: Sequence[AccountRow]


@dataclass(frozen=True)
class ProviderRow:
    """What a provider says of its balance in one currency, beside the ledger; `compared_at` is when both were last
    compared whole, `unexplained` how many differences nobody has explained."""

    provider: str
    currency: str
    ours: Money
    theirs: Money
    compared_at: datetime | None
    is_waiting: bool
    unexplained: int

    @property
    def is_same(self) -> bool:
        return self.ours == self.theirs


def currencies(*, by: Actor) -> list[CurrencyRow]:
    """Every currency in which anything was ever booked."""
    by.require(Scope.OPERATE)
    balance = ledger.trial_balance()
    return [_currency(currency, balance) for currency in sorted(balance.sums)]


def _currency(currency: str, balance: TrialBalance) -> CurrencyRow:
    accounts = [account for account in balance.accounts if account.currency == currency]
    off = balance.sums[currency]
    drifted = any(one.kept is not None and one.kept != one.minor for one in accounts)
    rows = _accounts(accounts, currency)
    return CurrencyRow(
        currency=currency,
        is_sound=not off and not drifted,
        off=Money(off, currency),
        with_providers=_total(accounts, Code.CLEARING, currency),
        held=_total(accounts, Code.SELLER_HELD, currency),
        payable=_total(accounts, Code.SELLER_PAYABLE, currency),
        accounts=rows,
    )


def _accounts(accounts: Iterable[AccountTotal], currency: str) -> list[AccountRow]:
    sums: dict[tuple[str, str], int] = {}
    for account in accounts:
        key = (account.code, account.provider)
        sums[key] = sums.get(key, 0) + account.minor
    order = list(ACCOUNTS)
    return [
        AccountRow(ACCOUNTS[code], provider, _expected(code, minor, currency))
        for (code, provider), minor in sorted(sums.items(), key=lambda row: (order.index(row[0][0]), row[0][1]))
    ]


def _total(accounts: Iterable[AccountTotal], code: str, currency: str) -> Money:
    return _expected(code, sum(one.minor for one in accounts if one.code == code), currency)


def _expected(code: str, minor: int, currency: str) -> Money:
    return Money(minor if code in _ASSETS else -minor, currency)


def providers_of(*, by: Actor) -> list[ProviderRow]:
    """Every provider and currency in which money has ever stood, there or here."""
    by.require(Scope.OPERATE)
    said = BalanceLine.objects.order_by().values_list("provider", "currency")
    theirs = {
        (provider, currency): minor
        for provider, currency, minor in said.annotate(minor=Sum(F("amount_minor") - F("cost_minor")))
    }
    booked = Account.objects.filter(code=Code.CLEARING).annotate(minor=Sum("entries__amount_minor"))
    ours = {(one.provider, one.currency): one.minor or 0 for one in booked}
    looked = {row.provider: row for row in Reconciliation.objects.filter(state="done").order_by("pk")}
    open_ones = Difference.objects.filter(state=Difference.State.OPEN).order_by()
    unexplained = {
        (provider, currency): count
        for provider, currency, count in open_ones.values_list("provider", "currency").annotate(
            count=Count("pk")
        )
    }
    waiting = set(Reconciliation.objects.filter(state="asked").values_list("provider", flat=True))
    return [
        ProviderRow(
            provider=provider,
            currency=currency,
            ours=Money(ours.get((provider, currency), 0), currency),
            theirs=Money(theirs.get((provider, currency), 0), currency),
            compared_at=looked[provider].compared_at if provider in looked else None,
            is_waiting=provider in waiting,
            unexplained=unexplained.get((provider, currency), 0),
        )
        for provider, currency in sorted(ours.keys() | theirs.keys())
    ]


def explained(*, by: Actor) -> list[tuple[str, Difference]]:
    """The differences that were explained last, each in one sentence; the reason stands with it."""
    rows = reconciliation_queries.differences_visible_to(by).filter(state=Difference.State.EXPLAINED)
    return [(difference_words(row), row) for row in rows.order_by("-closed_at", "-pk")[:MOST_EXPLAINED]]
