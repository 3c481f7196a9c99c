"""Invoices: whatever a paid charge, and money of it that went back, makes due is issued once, under numbers without
gaps. What an issuer has not said of itself yet, or not allowed, makes an invoice wait, never be wrong."""

import hashlib
import logging
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from exchange.kernel.outside import require_no_transaction
from exchange.look import formats
from payments.invoices import checks, papers, waiting
from payments.invoices import content as invoice_content
from payments.invoices import drafts as invoice_drafts
from payments.invoices import xml as invoice_xml
from payments.invoices.drafts import Draft, Kind
from payments.models import Charge, Dispute, Invoice, InvoicePaper, Refund, Series
from payments.taxes import seller_vat, taxes

PREFIXES = {Kind.INVOICE: "INV", Kind.SELF_BILLING: "SB", Kind.FEE_INVOICE: "FEE", Kind.CREDIT_NOTE: "CN"}

log = logging.getLogger("exchange.invoices")


@transaction.atomic
def issue_due(charge_id: UUID, *, by: Actor) -> list[Invoice]:
    """Issue all that is due for a charge and was not issued: for the sale, for money that went back, and again for
    money that was sent back and never arrived. A second call issues nothing."""
    charge = Charge.objects.select_for_update().get(pk=charge_id)
    if charge.state != Charge.State.PAID:
        return []
    issued = [_issue(draft, by=by) for draft in _due_for_sale(charge)]
    for returned in _returns_of(charge):
        invoices = charge.invoices.filter(corrects=None).exclude(corrections__source=_name(returned))
        drafts = [invoice_drafts.of_return(returned, invoice) for invoice in invoices.order_by("pk")]
        issued += [_issue(draft, by=by) for draft in drafts if draft is not None]
    for refund in charge.refunds.filter(state=Refund.State.FAILED):
        credits = charge.invoices.filter(kind=Kind.CREDIT_NOTE, source=_name(refund), corrections=None)
        issued += [_issue(invoice_drafts.of_failed_return(refund, one), by=by) for one in credits]
    if issued:
        seller_vat.settle(charge, by=by)
    return issued


def issue_waiting(*, now: datetime, at_most: int = 1_000) -> int:
    """Issue what waited for its issuer and need not wait any more, charge by charge; answers how many invoices were
    issued."""
    by = Actor.system("issue_invoices", at=now)
    waiting = list(_incomplete().order_by("paid_at").values_list("pk", flat=True)[:at_most])
    count = 0
    for charge_id in waiting:
        try:
            count += len(issue_due(charge_id, by=by))
        except ExchangeError as refusal:
            log.warning("the invoices of charge %s are not issued: %s", charge_id, refusal.code)
    return count


def issue_all(charge_ids: Collection[UUID], *, by: Actor) -> None:
    """Issue what is due for the sales of these charges and need not wait for its issuer."""
    for charge_id in list(_incomplete().filter(pk__in=charge_ids).values_list("pk", flat=True)):
        issue_due(charge_id, by=by)


def draw(invoice_id: UUID, *, now: datetime) -> InvoicePaper:
    """Draw the PDF of an invoice from what was frozen, once, outside transactions, and check its XML where that is
    possible. A rule that is broken is told to the operator."""
    require_no_transaction()
    invoice = Invoice.objects.get(pk=invoice_id)
    drawn = InvoicePaper.objects.filter(invoice=invoice).first()
    if drawn is not None:
        return drawn
    pdf, found = papers.pdf(invoice), _failures(invoice)
    paper = InvoicePaper(invoice=invoice, pdf=pdf, pdf_sha256=_sha256(pdf), failures=found, drawn_at=now)
    with transaction.atomic():
        InvoicePaper.objects.bulk_create([paper], ignore_conflicts=True)
        kept = InvoicePaper.objects.get(invoice=invoice)
        if kept.pdf_sha256 == paper.pdf_sha256 and found:
            by = Actor.system("draw_invoice", at=now)
            events.record("invoice.found_wrong", invoice, by=by, facts={"rules": sorted(found)})
    return kept


def draw_rest(*, now: datetime, at_most: int = 200) -> int:
    """Draw the papers that nobody has asked for yet, oldest first, so that each exists and its XML is checked; answers
    how many. One that cannot be drawn is told to the log, and stands in nobody's way."""
    waiting = Invoice.objects.filter(paper=None).order_by("issued_at", "pk")
    drawn = 0
    for invoice_id in list(waiting.values_list("pk", flat=True)[:at_most]):
        try:
            draw(invoice_id, now=now)
        except Exception:
            log.exception("the paper of invoice %s could not be drawn", invoice_id)
        else:
            drawn += 1
    return drawn


def _due_for_sale(charge: Charge) -> list[Draft]:
    """What the sale itself is invoiced by, was not issued yet, and need not wait."""
    issued = set(charge.invoices.filter(source=_name(charge)).values_list("kind", flat=True))
    missing = (draft for draft in invoice_drafts.of_sale(charge) if draft.kind not in issued)
    return [draft for draft in missing if not waiting.hindrance(draft)]


def _returns_of(charge: Charge) -> list[Refund | Dispute]:
    """Money of the charge that went back, in the order in which it did."""
    settled = charge.refunds.filter(state=Refund.State.SETTLED)
    lost = charge.disputes.filter(state=Dispute.State.LOST, allotted_minor__gt=0)
    returned: list[Refund | Dispute] = [*settled, *lost]
    return sorted(returned, key=lambda one: (one.ended_at or charge.created_at, one.pk))


def _issue(draft: Draft, *, by: Actor) -> Invoice:
    year = by.at.astimezone(formats.zone()).year
    sequence = _next_number(draft, year)
    number = f"{PREFIXES[draft.kind]}-{year}-{sequence:06}"
    content = invoice_content.of(draft, number, at=by.at)
    xml = invoice_xml.xml(content)
    invoice = Invoice.objects.create(
        kind=draft.kind,
        year=year,
        sequence=sequence,
        number=number,
        issuer=draft.issuer,
        recipient=draft.recipient,
        charge=draft.charge,
        source=draft.source,
        corrects=draft.corrects,
        currency=draft.net.currency,
        net_minor=draft.net.minor,
        tax_minor=draft.tax.minor,
        gross_minor=(draft.net + draft.tax).minor,
        content=content,
        xml=xml,
        xml_sha256=_sha256(xml),
        issued_at=by.at,
    )
    events.record("invoice.issued", invoice, by=by)
    return invoice


def _next_number(draft: Draft, year: int) -> int:
    """The next number of the series, which stays locked until the end of the transaction: a rollback gives it back."""
    named = {"issuer": draft.issuer, "kind": draft.kind, "year": year}
    Series.objects.bulk_create([Series(**named)], ignore_conflicts=True)
    Series.objects.filter(**named).update(next=F("next") + 1)
    return Series.objects.get(**named).next - 1


def _incomplete() -> QuerySet[Charge]:
    """Paid charges of which an invoice is missing whose issuer has said where it is, and may be drawn up for."""
    found = waiting.OF_SELLERS & Q(payee__invoice_mandate__isnull=False) & ~Q(payee__street="")
    if taxes.operator().street:
        found |= waiting.OF_THE_OPERATOR
    return Charge.objects.filter(found, state=Charge.State.PAID)


def _failures(invoice: Invoice) -> list[str] | None:
    if not invoice.xml or not checks.is_possible():
        return None
    return checks.failures(bytes(invoice.xml), is_french=invoice.content["is_french"])


def _name(row: Charge | Refund | Dispute) -> str:
    return f"{row._meta.model_name}:{row.pk}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
