"""What each happening books: the whole book-keeping of the exchange as one table. Debits are positive, credits
negative; each rule sums to zero where its amounts add up, and the database refuses what does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from exchange.kernel.money import Money
from payments.models import Account, Charge

Code = Account.Code
AccountKey = tuple[str, UUID | None, str, str]
"""code, owner (None: the exchange), provider (only of accounts at one), currency"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line to book: debit positive, credit negative; `owner` is None for an account of the exchange, and
    `provider` is named for an account at one."""

    code: Account.Code
    owner: UUID | None
    amount: Money
    provider: str = ""

    @property
    def account_key(self) -> AccountKey:
        return (self.code.value, self.owner, self.provider, self.amount.currency)


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of a rule: the named amount, on one side of one account."""

    sign: int
    account: Code
    amount: str

    def signed(self, amount: Money) -> Money:
        return amount if self.sign > 0 else -amount


def _debit(account: Code, amount: str) -> Leg:
    return Leg(1, account, amount)


def _credit(account: Code, amount: str) -> Leg:
    return Leg(-1, account, amount)


# An amount is one sum of money, but on a participant's account, where it says who gets or gives what: `parts` are the
# sellers', `owed` is what sellers owe the exchange, `prepaid` is the buyer's.
# Two rules differ by who supplies the buyer: the exchange, which then owes the tax, or (".intermediary") the seller,
# whose parts then hold the tax.
POSTING_RULES: Mapping[str, tuple[Leg, ...]] = {
    # A charge: gross = tax + fee + parts.
    "charge.paid": (
        _debit(Code.CLEARING, "gross"),
        _credit(Code.VAT_PAYABLE, "tax"),
        _credit(Code.PLATFORM_FEE, "fee"),
        _credit(Code.SELLER_HELD, "parts"),
    ),
    "charge.paid.intermediary": (
        _debit(Code.CLEARING, "gross"),
        _credit(Code.PLATFORM_FEE, "fee"),
        _credit(Code.SELLER_HELD, "parts"),
    ),
    # The buyer paid the seller itself: nothing is held, and the seller owes the fee.
    "charge.paid.direct": (
        _debit(Code.SELLER_RECEIVABLE, "owed"),
        _credit(Code.PLATFORM_FEE, "fee"),
    ),
    # What the provider took for it, borne by the exchange or by the sellers. Never from what is held: that is frozen
    # with the charge, and one sale's hold pays for no other.
    "processor.cost": (
        _debit(Code.PROCESSOR_COST, "cost"),
        _credit(Code.CLEARING, "cost"),
    ),
    "processor.cost.sellers": (
        _debit(Code.SELLER_RECEIVABLE, "owed"),
        _credit(Code.CLEARING, "cost"),
    ),
    # A hold that is over.
    "hold.released": (
        _debit(Code.SELLER_HELD, "parts"),
        _credit(Code.SELLER_PAYABLE, "parts"),
    ),
    # A payout: on its way, and seen in the provider's balance.
    "payout.submitted": (
        _debit(Code.SELLER_PAYABLE, "parts"),
        _credit(Code.IN_TRANSIT, "amount"),
    ),
    "payout.settled": (
        _debit(Code.IN_TRANSIT, "amount"),
        _credit(Code.CLEARING, "amount"),
    ),
    # A refund: gross = tax + fee + parts + owed, each in its exact proportion of what remains. While the money is held
    # it comes from there; afterwards from what is payable, and what a seller no longer has there, it owes.
    "refund.held": (
        _debit(Code.VAT_PAYABLE, "tax"),
        _debit(Code.PLATFORM_FEE, "fee"),
        _debit(Code.SELLER_HELD, "parts"),
        _credit(Code.CLEARING, "gross"),
    ),
    "refund.held.intermediary": (
        _debit(Code.PLATFORM_FEE, "fee"),
        _debit(Code.SELLER_HELD, "parts"),
        _credit(Code.CLEARING, "gross"),
    ),
    "refund.payable": (
        _debit(Code.VAT_PAYABLE, "tax"),
        _debit(Code.PLATFORM_FEE, "fee"),
        _debit(Code.SELLER_PAYABLE, "parts"),
        _debit(Code.SELLER_RECEIVABLE, "owed"),
        _credit(Code.CLEARING, "gross"),
    ),
    "refund.payable.intermediary": (
        _debit(Code.PLATFORM_FEE, "fee"),
        _debit(Code.SELLER_PAYABLE, "parts"),
        _debit(Code.SELLER_RECEIVABLE, "owed"),
        _credit(Code.CLEARING, "gross"),
    ),
    # The seller gave the money back itself: the exchange gives up its fee.
    "refund.direct": (
        _debit(Code.PLATFORM_FEE, "fee"),
        _credit(Code.SELLER_RECEIVABLE, "owed"),
    ),
    # A dispute: the bank takes the money and, mostly, a cost of its own; a win gives the money back.
    "dispute.opened": (
        _debit(Code.DISPUTE_SUSPENSE, "gross"),
        _credit(Code.CLEARING, "gross"),
    ),
    "dispute.cost": (
        _debit(Code.DISPUTE_COST, "cost"),
        _credit(Code.CLEARING, "cost"),
    ),
    "dispute.cost.sellers": (
        _debit(Code.SELLER_RECEIVABLE, "owed"),
        _credit(Code.DISPUTE_COST, "cost"),
    ),
    # A lost one ends like a refund, or is borne by the exchange.
    "dispute.lost.held": (
        _debit(Code.VAT_PAYABLE, "tax"),
        _debit(Code.PLATFORM_FEE, "fee"),
        _debit(Code.SELLER_HELD, "parts"),
        _credit(Code.DISPUTE_SUSPENSE, "gross"),
    ),
    "dispute.lost.held.intermediary": (
        _debit(Code.PLATFORM_FEE, "fee"),
        _debit(Code.SELLER_HELD, "parts"),
        _credit(Code.DISPUTE_SUSPENSE, "gross"),
    ),
    "dispute.lost.payable": (
        _debit(Code.VAT_PAYABLE, "tax"),
        _debit(Code.PLATFORM_FEE, "fee"),
        _debit(Code.SELLER_PAYABLE, "parts"),
        _debit(Code.SELLER_RECEIVABLE, "owed"),
        _credit(Code.DISPUTE_SUSPENSE, "gross"),
    ),
    "dispute.lost.payable.intermediary": (
        _debit(Code.PLATFORM_FEE, "fee"),
        _debit(Code.SELLER_PAYABLE, "parts"),
        _debit(Code.SELLER_RECEIVABLE, "owed"),
        _credit(Code.DISPUTE_SUSPENSE, "gross"),
    ),
    "dispute.lost.exchange": (
        _debit(Code.DISPUTE_COST, "gross"),
        _credit(Code.DISPUTE_SUSPENSE, "gross"),
    ),
    # VAT between the exchange and a seller of its own country, as their invoices have it: of a self-billed invoice,
    # which the exchange deducts from what it owes the state; or of the exchange's fee.
    "vat.to_seller": (
        _debit(Code.VAT_PAYABLE, "amount"),
        _credit(Code.SELLER_PAYABLE, "parts"),
    ),
    "vat.from_seller": (
        _debit(Code.SELLER_RECEIVABLE, "owed"),
        _credit(Code.VAT_PAYABLE, "amount"),
    ),
    # What a seller owes: taken back from its account at the provider, paid by itself, or set off.
    "transfer.reversed": (
        _debit(Code.CLEARING, "amount"),
        _credit(Code.SELLER_RECEIVABLE, "owed"),
    ),
    "receivable.paid": (
        _debit(Code.CLEARING, "amount"),
        _credit(Code.SELLER_RECEIVABLE, "owed"),
    ),
    "receivable.set_off": (
        _debit(Code.SELLER_PAYABLE, "owed"),
        _credit(Code.SELLER_RECEIVABLE, "owed"),
    ),
    # What a buyer paid before any sale, and a charge that is paid from it.
    "prepaid.paid": (
        _debit(Code.CLEARING, "amount"),
        _credit(Code.BUYER_PREPAID, "prepaid"),
    ),
    "prepaid.spent": (
        _debit(Code.BUYER_PREPAID, "prepaid"),
        _credit(Code.VAT_PAYABLE, "tax"),
        _credit(Code.PLATFORM_FEE, "fee"),
        _credit(Code.SELLER_HELD, "parts"),
    ),
    "prepaid.spent.intermediary": (
        _debit(Code.BUYER_PREPAID, "prepaid"),
        _credit(Code.PLATFORM_FEE, "fee"),
        _credit(Code.SELLER_HELD, "parts"),
    ),
}

# What undoes what: ledger.reverse() books the exact opposite of a posting, once, as this.
REVERSED_AS: Mapping[str, str] = {
    "payout.submitted": "payout.failed",
    "payout.settled": "payout.returned",
    "refund.held": "refund.failed",
    "refund.held.intermediary": "refund.failed",
    "refund.payable": "refund.failed",
    "refund.payable.intermediary": "refund.failed",
    "refund.direct": "refund.failed",
    "dispute.opened": "dispute.won",
    "dispute.cost": "dispute.cost.returned",
    "prepaid.paid": "prepaid.returned",
}

_NOBODY: Mapping[UUID, Money] = {}


def in_role(kind: str, vat_role: str) -> str:
    """The rule for `kind` where this side supplies the buyer."""
    return f"{kind}.intermediary" if vat_role == Charge.VatRole.INTERMEDIARY else kind


def lines(
    kind: str,
    amounts: Mapping[str, Money],
    *,
    parts: Mapping[UUID, Money] = _NOBODY,
    owed: Mapping[UUID, Money] = _NOBODY,
    prepaid: Mapping[UUID, Money] = _NOBODY,
    provider: str = "",
) -> list[Line]:
    """The lines that the rule `kind` gives for these amounts. What is a participant's is booked by who gets or gives
    what of it; what is at a provider, at `provider`."""
    shared = {"parts": parts, "owed": owed, "prepaid": prepaid}
    booked = []
    for leg in POSTING_RULES[kind]:
        if leg.account.value in Account.OWNED:
            booked += [Line(leg.account, party, leg.signed(part)) for party, part in shared[leg.amount].items()]
        else:
            place = provider if leg.account.value in Account.AT_A_PROVIDER else ""
            booked.append(Line(leg.account, None, leg.signed(amounts[leg.amount]), place))
    return booked
