"""What a paid charge books: the money and whose it is, and what its provider took."""

from datetime import datetime

from exchange.kernel.errors import Conflict
from exchange.kernel.money import Money
from payments.ledger import ledger, posting_rules
from payments.ledger.ledger import Booking
from payments.models import Charge


def of_payment(charge: Charge, *, at: datetime) -> Booking | None:
    """The seller's part is held. Where the seller has the money already, it owes the fee, and without one nothing is
    booked."""
    if charge.is_direct:
        if not charge.fee:
            return None
        kind = "charge.paid.direct"
        lines = posting_rules.lines(kind, {"fee": charge.fee}, owed={charge.payee_id: charge.fee})
    else:
        kind = posting_rules.in_role("charge.paid", charge.vat_role)
        amounts = {"gross": charge.gross, "tax": charge.tax, "fee": charge.fee}
        parts = charge.shared(charge.held)
        lines = posting_rules.lines(kind, amounts, parts=parts, provider=charge.provider)
    return Booking(kind, f"charge.paid:{charge.pk}", lines, charge.reference, at)


def book_cost(charge: Charge, cost: Money | None, *, at: datetime) -> None:
    """What the provider kept, borne by the exchange. A cost in another currency was never taken from this money: the
    comparison with the provider's own books shows it."""
    if not cost or cost.currency != charge.currency or charge.is_direct:
        return
    lines = posting_rules.lines("processor.cost", {"cost": cost}, provider=charge.provider)
    try:
        ledger.post("processor.cost", f"charge.cost:{charge.pk}", lines, reference=charge.reference, at=at)
    except Conflict as refusal:
        if refusal.code != "key_reused":
            raise
        raise Conflict(
            "the provider told another cost before; nothing was booked", code="cost_differs"
        ) from None
