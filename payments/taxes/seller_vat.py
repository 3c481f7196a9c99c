"""The VAT that stands on what sellers and the exchange invoice each other, booked beside the sale: a seller that is
established where the exchange is gets the VAT of its self-billed invoices, and owes that of the exchange's fee."""

from django.db import transaction
from django.db.models import Sum

from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from payments.ledger import ledger, posting_rules
from payments.models import Account, Charge, Entry, Hold, Invoice

Kind = Invoice.Kind


@transaction.atomic
def settle(charge: Charge, *, by: Actor) -> Money:
    """Book what the invoices of a charge say and was not booked yet, and answer it: positive for the seller. A second
    call books nothing.

    The VAT of self-billed invoices is payable once the money of the sale is released; that of a fee is owed at once.
    """
    charge = Charge.objects.select_for_update().get(pk=charge.pk)
    booked = _booked(charge)
    open_sum = _due(charge) - booked
    if not open_sum:
        return open_sum
    # the sum that stands afterwards names the posting: whoever comes second finds it booked
    key = f"{_key(charge)}{charge.invoices.count()}:{booked.minor + open_sum.minor}"
    if open_sum.minor > 0:
        parts = {charge.payee_id: open_sum}
        lines = posting_rules.lines("vat.to_seller", {"amount": open_sum}, parts=parts)
        ledger.post("vat.to_seller", key, lines, reference=charge.reference, at=by.at)
    else:
        owed = {charge.payee_id: -open_sum}
        lines = posting_rules.lines("vat.from_seller", {"amount": -open_sum}, owed=owed)
        ledger.post("vat.from_seller", key, lines, reference=charge.reference, at=by.at)
    return open_sum


def _due(charge: Charge) -> Money:
    """What the exchange is to have passed on to the seller by now."""
    if charge.vat_role == Charge.VatRole.INTERMEDIARY:
        return -_tax_of(charge, Kind.FEE_INVOICE)
    is_released = Hold.objects.filter(charge=charge, state=Hold.State.RELEASED).exists()
    return _tax_of(charge, Kind.SELF_BILLING) if is_released else _booked(charge)


def _tax_of(charge: Charge, kind: Kind) -> Money:
    """The VAT on the invoices of one kind, less their credit notes, with what was invoiced again."""
    total = Money(0, charge.currency)
    for invoice in charge.invoices.select_related("corrects__corrects"):
        first = invoice
        while first.corrects is not None:
            first = first.corrects
        if first.kind == kind:
            total += -invoice.tax if invoice.kind == Kind.CREDIT_NOTE else invoice.tax
    return total


def _booked(charge: Charge) -> Money:
    entries = Entry.objects.filter(
        posting__key__startswith=_key(charge), account__code=Account.Code.VAT_PAYABLE
    )
    return Money(entries.aggregate(total=Sum("amount_minor"))["total"] or 0, charge.currency)


def _key(charge: Charge) -> str:
    return f"vat:{charge.pk}:"
