"""What each happening books: the whole book-keeping of the exchange as one table. Debits are positive, credits
negative; each rule sums to zero, as gross = net + tax and held = net - fee (+ tax where the seller owes it)."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from exchange.kernel.money import Money
from payments.ledger import Line
from payments.models import Account

Code = Account.Code


@dataclass(frozen=True)
class Leg:
    """One line of a rule: the named amount, on one side of one account."""

    sign: int
    account: Code
    amount: str


def _debit(account: Code, amount: str) -> Leg:
    return Leg(1, account, amount)


def _credit(account: Code, amount: str) -> Leg:
    return Leg(-1, account, amount)


POSTING_RULES: Mapping[str, tuple[Leg, ...]] = {
    # The exchange supplies the buyer and owes the tax.
    "charge.paid": (
        _debit(Code.CLEARING, "gross"),
        _credit(Code.VAT_PAYABLE, "tax"),
        _credit(Code.PLATFORM_FEE, "fee"),
        _credit(Code.SELLER_HELD, "held"),
    ),
    # The seller supplies the buyer and owes the tax: it is in what is held for the seller.
    "charge.paid.intermediary": (
        _debit(Code.CLEARING, "gross"),
        _credit(Code.PLATFORM_FEE, "fee"),
        _credit(Code.SELLER_HELD, "held"),
    ),
    "hold.released": (
        _debit(Code.SELLER_HELD, "held"),
        _credit(Code.SELLER_PAYABLE, "held"),
    ),
}


def lines(kind: str, amounts: Mapping[str, Money], *, seller_id: UUID) -> list[Line]:
    """The lines that the rule `kind` gives for these amounts."""
    return [
        Line(
            leg.account,
            seller_id if leg.account.value in Account.OWNED else None,
            amounts[leg.amount] if leg.sign > 0 else -amounts[leg.amount],
        )
        for leg in POSTING_RULES[kind]
    ]
