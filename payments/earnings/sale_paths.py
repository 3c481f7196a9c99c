"""Where the money of one paid charge went, or will go: the parts that add up to what the buyer paid. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from exchange.kernel.money import Money
from payments.holds import givebacks
from payments.ledger import ledger
from payments.models import Account, Charge, Entry

Code = Account.Code


@dataclass(frozen=True)
class SalePath:
    """gross = given_back + tax + fee + all of `parts`: where the seller owes the tax, it is in the parts. `cost` is
    what the provider took, borne by the exchange out of its fee. `payable` is what each party could be paid now, of all
    its sales."""

    gross: Money
    given_back: Money
    tax: Money
    fee: Money
    cost: Money
    parts: Mapping[UUID, Money]
    payable: Mapping[UUID, Money]


def of(charge: Charge) -> SalePath:
    """The path as it stands now; of a charge that is not paid, as it was agreed."""
    nothing = Money(0, charge.currency)
    tax, fee, parts = nothing, nothing, dict.fromkeys(charge.shared(nothing), nothing)
    if charge.remaining:
        left = givebacks.shares(charge, charge.remaining)
        tax, fee = (left.gross - sum(left.parts.values(), left.fee)), left.fee
        parts |= dict(left.parts)
    return SalePath(
        gross=charge.gross,
        given_back=Money(charge.refunded_minor, charge.currency),
        tax=tax,
        fee=fee,
        cost=_cost(charge),
        parts=parts,
        payable={party: -ledger.balance(Code.SELLER_PAYABLE, party, charge.currency) for party in parts},
    )


def _cost(charge: Charge) -> Money:
    entries = Entry.objects.filter(
        account__code=Code.PROCESSOR_COST,
        posting__reference=charge.reference,
        posting__key=f"charge.cost:{charge.pk}",
    )
    return Money(entries.aggregate(minor=Sum("amount_minor"))["minor"] or 0, charge.currency)
