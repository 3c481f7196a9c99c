"""What a party earns by sales, read from its own accounts of the ledger: what is held, payable, owed and paid out, and
what each month brought. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.money import Money
from exchange.look import formats
from payments.earnings.month_chart import Month
from payments.models import Account, Entry, Payout

Code = Account.Code
_OF_SELLERS = (Code.SELLER_HELD, Code.SELLER_PAYABLE, Code.SELLER_RECEIVABLE)
_EARNED = ("charge.paid", "prepaid.spent")
_TAKEN = ("charge.paid.direct", "refund.", "dispute.", "processor.cost")
"""How the kinds of postings begin that bring a party something, and that take something off again. All others move its
money from one of its accounts to another, or out."""


@dataclass(frozen=True)
class Standing:
    """Where a party's money of one currency is now. `owed` is what the party owes the exchange."""

    currency: str
    held: Money
    payable: Money
    on_the_way: Money
    paid_out: Money
    owed: Money

    @property
    def less_owed(self) -> Money:
        return -self.owed

    @property
    def in_all(self) -> Money:
        """What all sales have brought until now, whatever became of it."""
        return self.held + self.payable + self.on_the_way + self.paid_out - self.owed


def standings(by: Actor) -> list[Standing]:
    """Where the actor's money is, for each currency in which there ever was any."""
    if by.participant_id is None or not by.can(Scope.READ):
        return []
    entries = Entry.objects.filter(account__owner=by.participant_id, account__code__in=_OF_SELLERS).order_by()
    booked = entries.values_list("currency", "account__code").annotate(minor=Sum("amount_minor"))
    sums = {(currency, code): minor for currency, code, minor in booked}
    left = Payout.objects.filter(party=by.participant_id).order_by()
    paid = {
        (currency, state): minor
        for currency, state, minor in left.values_list("currency", "state").annotate(minor=Sum("amount_minor"))
    }
    return [
        Standing(
            currency=currency,
            held=Money(-sums.get((currency, Code.SELLER_HELD), 0), currency),
            payable=Money(-sums.get((currency, Code.SELLER_PAYABLE), 0), currency),
            on_the_way=Money(
                paid.get((currency, "created"), 0) + paid.get((currency, "submitted"), 0), currency
            ),
            paid_out=Money(paid.get((currency, "settled"), 0), currency),
            owed=Money(sums.get((currency, Code.SELLER_RECEIVABLE), 0), currency),
        )
        for currency in sorted({currency for currency, _code in sums})
    ]


def months(by: Actor, currency: str, *, count: int = 12) -> Sequence[Month]:
    """What the last months brought the actor, this one last; a month begins at midnight in the exchange's zone."""
    firsts = _first_days(by.at, count)
    entries = Entry.objects.filter(
        account__owner=by.participant_id, account__code__in=_OF_SELLERS, currency=currency
    )
    zone = formats.zone()
    begin = datetime(firsts[0].year, firsts[0].month, 1, tzinfo=zone)
    grouped = (
        entries.filter(posting__occurred_at__gte=begin)
        .order_by()
        .annotate(month=TruncMonth("posting__occurred_at", tzinfo=zone))
        .values_list("month", "posting__kind")
        .annotate(minor=Sum("amount_minor"))
    )
    earned, taken = dict.fromkeys(firsts, 0), dict.fromkeys(firsts, 0)
    for month, kind, minor in grouped:
        first = date(month.year, month.month, 1)
        if first not in earned:
            continue
        if kind.startswith(_TAKEN):
            taken[first] += minor
        elif kind.startswith(_EARNED):
            earned[first] -= minor
    return [Month(first, Money(earned[first], currency), Money(taken[first], currency)) for first in firsts]


def _first_days(now: datetime, count: int) -> list[date]:
    local = now.astimezone(formats.zone())
    last = local.year * 12 + local.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(last - count + 1, last + 1)]
