"""What is to be invoiced of a charge, and by whom to whom: the drafts of a paid sale and of money that went back. They
have no number yet, and nothing here is kept."""

from collections.abc import Iterator
from dataclasses import dataclass

from exchange.kernel.money import Money
from exchange.participants.models import Participant
from payments.models import Charge, Dispute, Invoice, Refund
from payments.taxes import taxes
from payments.taxes.vat import CATEGORIES

Kind = Invoice.Kind
Source = Charge | Refund | Dispute


@dataclass(frozen=True)
class Draft:
    """An invoice that is due: `is_paid` says that nothing more is to be paid under it."""

    kind: Kind
    source: str
    issuer: Participant
    recipient: Participant
    charge: Charge
    net: Money
    tax: Money
    treatment: str
    basis_points: int
    evidence: dict[str, object]
    is_paid: bool
    corrects: Invoice | None = None

    @property
    def category(self) -> str:
        """The category of its VAT, as EN 16931 writes it."""
        return CATEGORIES[self.treatment]

    @property
    def is_by_mandate(self) -> bool:
        """Whether the exchange draws it up in the name of a seller."""
        return not self.issuer.is_operator


def of_sale(charge: Charge, operator: Participant | None = None) -> Iterator[Draft]:
    """What a paid charge is invoiced by: to the buyer, and between the seller and the exchange, whose `operator` who
    asks about many looks up once."""
    is_intermediary = charge.vat_role == Charge.VatRole.INTERMEDIARY
    operator = operator or taxes.operator()
    yield Draft(
        kind=Kind.INVOICE,
        source=f"charge:{charge.pk}",
        issuer=charge.payee if is_intermediary else operator,
        recipient=charge.payer,
        charge=charge,
        net=charge.net,
        tax=charge.tax,
        treatment=charge.vat_treatment,
        basis_points=charge.vat_rate_basis_points,
        evidence=charge.vat_evidence,
        is_paid=True,
    )
    if is_intermediary:
        yield from _between(Kind.FEE_INVOICE, charge, operator, charge.payee, charge.fee)
    else:
        yield from _between(Kind.SELF_BILLING, charge, charge.payee, operator, charge.net - charge.fee)


def of_return(returned: Refund | Dispute, invoice: Invoice) -> Draft | None:
    """The credit note that money of a charge which went back makes due for one of its invoices; None where nothing of
    this invoice went back."""
    net, tax = _returned_of(returned, invoice)
    if not net + tax:
        return None
    return _correction(Kind.CREDIT_NOTE, f"{returned._meta.model_name}:{returned.pk}", invoice, net, tax)


def of_failed_return(returned: Refund, credit_note: Invoice) -> Draft:
    """The invoice that is due again, because the money that a credit note spoke of never arrived."""
    assert credit_note.corrects is not None
    kind = Kind(credit_note.corrects.kind)
    return _correction(kind, f"refund:{returned.pk}", credit_note, credit_note.net, credit_note.tax)


def _between(
    kind: Kind, charge: Charge, issuer: Participant, recipient: Participant, net: Money
) -> Iterator[Draft]:
    """What the exchange and the seller owe each other for the sale; nothing where it is zero."""
    if not net or charge.paid_at is None:
        return
    found = taxes.between(issuer, recipient, at=charge.paid_at)
    tax = taxes.tax_on(net, found.vat.basis_points)
    yield Draft(
        kind=kind,
        source=f"charge:{charge.pk}",
        issuer=issuer,
        recipient=recipient,
        charge=charge,
        net=net,
        tax=tax,
        treatment=found.vat.treatment,
        basis_points=found.vat.basis_points,
        evidence=dict(found.evidence),
        is_paid=kind == Kind.FEE_INVOICE and not tax,
    )


def _correction(kind: Kind, source: str, corrects: Invoice, net: Money, tax: Money) -> Draft:
    said = corrects.content["tax"]
    return Draft(
        kind=kind,
        source=source,
        issuer=corrects.issuer,
        recipient=corrects.recipient,
        charge=corrects.charge,
        net=net,
        tax=tax,
        treatment=said["treatment"],
        basis_points=said["basis_points"],
        evidence=corrects.content["evidence"],
        is_paid=True,
        corrects=corrects,
    )


def _returned_of(returned: Refund | Dispute, invoice: Invoice) -> tuple[Money, Money]:
    """Net and tax of one invoice that went back: the buyer's as they were booked, the others' in proportion, whole
    when all of it went back."""
    if invoice.kind == Kind.INVOICE:
        return returned.net, returned.tax
    fee = Money(returned.fee_minor, returned.currency)
    net = fee if invoice.kind == Kind.FEE_INVOICE else returned.net - fee
    earlier = list(invoice.corrections.filter(kind=Kind.CREDIT_NOTE, corrections=None))
    left_net = invoice.net - _sum([note.net for note in earlier], invoice.currency)
    left_tax = invoice.tax - _sum([note.tax for note in earlier], invoice.currency)
    if net == left_net:
        return net, left_tax
    tax = taxes.tax_on(net, invoice.content["tax"]["basis_points"])
    return net, tax if tax.minor <= left_tax.minor else left_tax


def _sum(amounts: list[Money], currency: str) -> Money:
    return sum(amounts, start=Money(0, currency))
