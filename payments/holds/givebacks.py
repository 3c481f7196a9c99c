"""Sums that go back to a buyer, in the exact proportions of what remains of a charge: the part of each party, of the
fee and of the tax, taken from what is held, or payable, or owed from then on. Under the lock of the charge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F

from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from payments.ledger import ledger, posting_rules
from payments.models import Account, Charge, Dispute, Hold, Refund
from payments.models.refunds import GivenPart, Returned
from payments.shares import splits

_TAX, _FEE, _NET = "tax", "fee", "net"


@dataclass(frozen=True)
class Shares:
    """A sum in its parts: gross = net + tax, and tax + fee + parts = gross too, where the exchange owes the tax (where
    the seller owes it, it is in the parts)."""

    gross: Money
    net: Money
    tax: Money
    fee: Money
    parts: Mapping[UUID, Money]


@dataclass(frozen=True)
class Sources:
    """Who gives what: all of it from the hold, or from what is payable and, beyond that, as a debt."""

    is_from_hold: bool
    parts: Mapping[UUID, Money]
    owed: Mapping[UUID, Money]

    def to_list(self) -> list[GivenPart]:
        """As a refund keeps it."""
        return [
            GivenPart(
                party=str(party),
                minor=self._of(self.parts, party) + self._of(self.owed, party),
                owed=self._of(self.owed, party),
            )
            for party in sorted({*self.parts, *self.owed})
        ]

    @staticmethod
    def _of(sums: Mapping[UUID, Money], party: UUID) -> int:
        return sums[party].minor if party in sums else 0


def locked(charge_id: UUID) -> tuple[Charge, Hold | None]:
    """A charge and its hold as they are now, held in this order until the end of the transaction."""
    charge = Charge.objects.select_for_update().get(pk=charge_id)
    return charge, Hold.objects.select_for_update().filter(charge=charge).first()


def is_disputed(charge: Charge) -> bool:
    """Whether the buyer's bank has taken its money back for now."""
    return Dispute.objects.filter(charge=charge, state=Dispute.State.OPEN).exists()


def reserve(charge: Charge, minor: int) -> None:
    """Count a sum as gone back; Conflict where no so much is left. What came back is counted with a negative sum."""
    rows = Charge.objects.filter(
        pk=charge.pk, refunded_minor__lte=F("gross_minor") - minor, refunded_minor__gte=-minor
    )
    if not rows.update(refunded_minor=F("refunded_minor") + minor):
        raise Conflict(
            f"{charge.remaining.minor} {charge.currency} (minor units) of this charge are left to give back",
            code="refund_too_large",
        )
    charge.refresh_from_db(fields=["refunded_minor"])


def shares(charge: Charge, gross: Money) -> Shares:
    """`gross` in the exact proportions of what remains of each part of the charge. To be asked before it is reserved:
    all that remains leaves nothing anywhere."""
    owes_tax = charge.vat_role == Charge.VatRole.INTERMEDIARY
    left = {_NET: charge.net, _TAX: charge.tax, _FEE: charge.fee}
    parts = dict(charge.shared(charge.held))
    for gone in _gone(charge):
        left[_NET] -= gone.net
        left[_TAX] -= gone.tax
        left[_FEE] -= gone.fee
        for party, given in gone.given.items():
            parts[party] -= given
    split = splits.refund_split(gross, {_NET: left[_NET], _TAX: left[_TAX]})
    net, tax = split[_NET], split[_TAX]
    shared = gross if owes_tax else net
    found = splits.refund_split(
        shared, {_FEE: left[_FEE], **{str(party): part for party, part in parts.items()}}
    )
    fee = found.pop(_FEE)
    return Shares(gross, net, tax, fee, {UUID(party): part for party, part in found.items() if part})


def sources(charge: Charge, hold: Hold | None, parts: Mapping[UUID, Money]) -> Sources:
    """Where the parties' parts come from: the hold, where it keeps all of them; otherwise what is payable to each, and
    what a party no longer has there, it owes."""
    if hold is None:  # the buyer paid the seller itself
        return Sources(False, parts, {})
    kept = hold.parts
    if all(party in kept and part.minor <= kept[party].minor for party, part in parts.items()):
        return Sources(True, parts, {})
    has = _payable(parts, charge.currency)
    taken = {party: Money(min(part.minor, has.get(party, 0)), part.currency) for party, part in parts.items()}
    owed = {party: part - taken[party] for party, part in parts.items()}
    return Sources(
        False,
        {party: part for party, part in taken.items() if part},
        {party: part for party, part in owed.items() if part},
    )


def take(hold: Hold, parts: Mapping[UUID, Money], *, by: Actor) -> Hold:
    """Note that parts of what is held went back; a hold that keeps nothing any more is returned."""
    kept = _moved(hold, parts, -1)
    if any(kept.values()):
        return _keep(hold, kept)
    return transition(hold, "give_back", by=by, kept=kept, kept_minor=0, closed_at=by.at)


def put_back(hold: Hold, parts: Mapping[UUID, Money], *, reason: str, by: Actor) -> Hold:
    """Hold again what could not be given back, and have a person look at it."""
    kept = _moved(hold, parts, 1)
    if hold.state == Hold.State.CONTESTED:
        return _keep(hold, kept)
    minor = sum(kept.values())
    return transition(hold, "reopen", by=by, kept=kept, kept_minor=minor, reason=reason, closed_at=None)


def book(rule: str, row: Returned, shared: Shares, origin: Sources, *, charge: Charge, by: Actor) -> None:
    """Book a sum that went back: `rule` is "refund" or "dispute.lost". Where the buyer had paid the seller itself, the
    seller gives it back itself, and the exchange gives up its fee."""
    if charge.is_direct:
        if not shared.fee:
            return
        kind, owed = f"{rule}.direct", {charge.payee_id: shared.fee}
        lines = posting_rules.lines(kind, {"fee": shared.fee}, owed=owed)
    else:
        kind = posting_rules.in_role(f"{rule}.{'held' if origin.is_from_hold else 'payable'}", charge.vat_role)
        amounts = {"gross": shared.gross, "tax": shared.tax, "fee": shared.fee}
        lines = posting_rules.lines(
            kind, amounts, parts=origin.parts, owed=origin.owed, provider=charge.provider
        )
    ledger.post(kind, key_of(rule, row), lines, reference=charge.reference, at=by.at)


def key_of(rule: str, row: Returned) -> str:
    """The key of the posting of a sum that went back."""
    return f"{rule}:{row.pk}"


def frozen(shared: Shares, origin: Sources) -> dict[str, Any]:
    """What a row keeps of the shares and where they came from."""
    return {
        "net_minor": shared.net.minor,
        "tax_minor": shared.tax.minor,
        "fee_minor": shared.fee.minor,
        "parts": origin.to_list(),
        "is_from_hold": origin.is_from_hold,
    }


def _gone(charge: Charge) -> Sequence[Returned]:
    """What went back of the charge, or is on its way."""
    return [
        *Refund.objects.filter(charge=charge, state__in=Refund.COUNTED),
        *Dispute.objects.filter(charge=charge, state=Dispute.State.LOST),
    ]


def _payable(parts: Mapping[UUID, Money], currency: str) -> dict[UUID, int]:
    """What is payable to each party. All accounts that such a posting may touch are locked in its own order, so that
    no rival takes the money meanwhile, and none waits for the other."""
    accounts = Account.objects.select_for_update().filter(
        code__in=[Account.Code.SELLER_HELD, Account.Code.SELLER_PAYABLE], owner__in=parts, currency=currency
    )
    return {
        account.owner_id: -account.balance_minor
        for account in accounts.order_by("pk")
        if account.owner_id is not None and account.code == Account.Code.SELLER_PAYABLE
    }


def _moved(hold: Hold, parts: Mapping[UUID, Money], sign: int) -> dict[str, int]:
    kept = dict(hold.kept)
    for party, part in parts.items():
        kept[str(party)] = kept.get(str(party), 0) + sign * part.minor
    return kept


def _keep(hold: Hold, kept: Mapping[str, int]) -> Hold:
    Hold.objects.filter(pk=hold.pk).update(kept=dict(kept), kept_minor=sum(kept.values()))
    hold.refresh_from_db()
    return hold
