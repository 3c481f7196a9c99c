"""What the next payout to a party would bring: what is payable, less what the party owes, and why it waits. Reads only;
`payouts.create` decides by the same sums under a lock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from exchange.kernel.money import Money
from payments.ledger import ledger
from payments.models import Account, PayoutAccount
from payments.payouts import recoveries

_CODES = (Account.Code.SELLER_PAYABLE, Account.Code.SELLER_RECEIVABLE)


@dataclass(frozen=True)
class NextPayout:
    """`payable` = `set_off` + `amount`, of one currency. `not_before` is the end of a cool-down that runs."""

    payable: Money
    set_off: Money
    not_before: datetime | None

    @property
    def amount(self) -> Money:
        return self.payable - self.set_off

    @property
    def less_set_off(self) -> Money:
        return -self.set_off

    @property
    def least(self) -> Money:
        return Money(least_minor(), self.payable.currency)

    @property
    def is_small(self) -> bool:
        return self.amount.minor < least_minor()

    @property
    def waits(self) -> bool:
        return self.is_small or self.not_before is not None


def least_minor() -> int:
    """The least that is paid out, in minor units."""
    return max(int(settings.EXCHANGE_PAYOUT_MINIMUM_MINOR), 1)


def sums(party: UUID, currency: str) -> tuple[Money, Money]:
    """What is payable to a party, and what of that is set off against what it owes and is not being taken back. Where
    more was taken back than it owed in the end, what is set off is negative: that is paid with it."""
    payable = -ledger.balance(Account.Code.SELLER_PAYABLE, party, currency)
    owed = ledger.balance(Account.Code.SELLER_RECEIVABLE, party, currency)
    if owed.minor > 0:
        owed = Money(max(0, owed.minor - recoveries.under_way(party, currency).minor), currency)
    return payable, Money(min(payable.minor, owed.minor), currency)


def of(account: PayoutAccount | None, party: UUID, currency: str, at: datetime) -> NextPayout:
    """The next payout of one currency."""
    payable, set_off = sums(party, currency)
    cools = account is not None and account.pays_from is not None and at < account.pays_from
    return NextPayout(payable, set_off, account.pays_from if account is not None and cools else None)


def all_of(account: PayoutAccount | None, party: UUID, at: datetime) -> list[NextPayout]:
    """The next payout of each currency in which anything is payable to a party."""
    accounts = Account.objects.filter(owner_id=party, code__in=_CODES).order_by("currency")
    currencies = accounts.values_list("currency", flat=True).distinct()
    found = (of(account, party, currency, at) for currency in currencies)
    return [one for one in found if one.payable]
