"""The routes of invoices, of the mandates under which they are drawn up, and of VAT ids."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants import queries as participants
from exchange.participants.actors.auth import ApiRequest
from payments import queries as payments
from payments.invoices import accounting_export, dac7, invoices, mandates, queries, waiting
from payments.invoices.schemas import (
    InvoiceOut,
    MandateIn,
    MandateOut,
    PeriodQuery,
    VatIdIn,
    VatIdOut,
    WaitingInvoiceOut,
    YearQuery,
)
from payments.taxes import vat_ids

router = Router(tags=["payments"])


@router.get("/invoices", response=PageOut[InvoiceOut])
def list_invoices(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[InvoiceOut]:
    """The invoices and credit notes that your organisation issues or receives, newest first."""
    rows = queries.invoices_visible_to(request.auth)
    found = page(rows, cursor=asked.cursor, limit=asked.limit)
    return PageOut(items=[InvoiceOut.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.get("/invoices/{uuid:invoice_id}", response=InvoiceOut)
def show_invoice(request: ApiRequest, invoice_id: UUID) -> InvoiceOut:
    """One invoice or credit note."""
    return InvoiceOut.of(queries.invoice_visible_to(request.auth, invoice_id))


@router.get("/invoices/{uuid:invoice_id}.xml")
def invoice_xml(request: ApiRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice by EN 16931 (CII), byte for byte as it was issued."""
    found = queries.invoice_visible_to(request.auth, invoice_id)
    return _file(queries.xml_of(found), "application/xml", f"{found.number}.xml")


@router.get("/invoices/{uuid:invoice_id}.pdf")
def invoice_pdf(request: ApiRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice on paper, with its XML inside (Factur-X); drawn when first asked for, and the same ever after."""
    found = queries.invoice_visible_to(request.auth, invoice_id)
    drawn = invoices.draw(found.pk, now=request.auth.at)
    return _file(bytes(drawn.pdf), "application/pdf", f"{found.number}.pdf")


@router.get("/charges/{uuid:charge_id}/waiting-invoices", response=list[WaitingInvoiceOut])
def list_waiting_invoices(request: ApiRequest, charge_id: UUID) -> list[WaitingInvoiceOut]:
    """Invoices to or from you that a paid charge makes due and that wait for their issuer, and why."""
    charge = payments.charge_visible_to(request.auth, charge_id)
    return [WaitingInvoiceOut.of(one) for one in waiting.of([charge], by=request.auth)[charge.pk]]


@router.get("/participants/{uuid:participant_id}/invoice-mandate", response=MandateOut)
def show_mandate(request: ApiRequest, participant_id: UUID) -> MandateOut:
    """The words under which the exchange draws up a seller's invoices, and when they were accepted."""
    found = queries.billed_visible_to(request.auth, participant_id)
    return MandateOut.of(queries.mandate_of(found.pk), mandates.TEXT["en"], mandates.fingerprint())


@router.post("/participants/{uuid:participant_id}/invoice-mandate", response=MandateOut)
def accept_mandate(request: ApiRequest, participant_id: UUID, body: MandateIn) -> MandateOut:
    """Let the exchange draw up your organisation's invoices; for managers, once."""
    own = participants.own_participant(request.auth, participant_id)
    given = mandates.accept(own, text_sha256=body.text_sha256, by=request.auth)
    return MandateOut.of(given, mandates.TEXT["en"], given.text_sha256)


@router.get("/participants/{uuid:participant_id}/vat-id", response=VatIdOut)
def show_vat_id(request: ApiRequest, participant_id: UUID) -> VatIdOut:
    """What the register of the Union (VIES) said of the organisation's VAT id."""
    found = queries.billed_visible_to(request.auth, participant_id)
    return VatIdOut.of(found, queries.vat_id_of(found))


@router.post("/participants/{uuid:participant_id}/vat-id", response=VatIdOut)
def note_vat_id(request: ApiRequest, participant_id: UUID, body: VatIdIn) -> VatIdOut:
    """Note what you saw in the register, while it does not answer the exchange. For operators."""
    found = participants.participant_visible_to(request.auth, participant_id)
    return VatIdOut.of(found, vat_ids.look_up(found, **body.dict(), by=request.auth))


@router.get("/accounting/fec")
def fec(request: ApiRequest, asked: Query[PeriodQuery]) -> HttpResponse:
    """The ledger's entries in euros as the French file of entries (FEC). For operators and officers."""
    first, last = asked.days(request.auth.at.date())
    content = accounting_export.fec(first, last, by=request.auth)
    name = accounting_export.fec_name(last, by=request.auth)
    return _file(content.encode(), "text/plain; charset=utf-8", name)


@router.get("/accounting/entries.csv")
def entries_csv(request: ApiRequest, asked: Query[PeriodQuery]) -> HttpResponse:
    """The ledger's entries in every currency. For operators and officers."""
    first, last = asked.days(request.auth.at.date())
    content = accounting_export.entries_csv(first, last, by=request.auth)
    return _file(content.encode(), "text/csv; charset=utf-8", f"entries-{first}-{last}.csv")


@router.get("/tax/dac7.csv")
def dac7_csv(request: ApiRequest, asked: Query[YearQuery]) -> HttpResponse:
    """What each seller earned in each quarter of a year. For operators and officers."""
    year = asked.year or request.auth.at.year
    content = dac7.as_csv(year, by=request.auth)
    return _file(content.encode(), "text/csv; charset=utf-8", f"dac7-{year}.csv")


@router.get("/tax/dac7.xml")
def dac7_xml(request: ApiRequest, asked: Query[YearQuery]) -> HttpResponse:
    """The same as XML. For operators and officers."""
    year = asked.year or request.auth.at.year
    return _file(dac7.as_xml(year, by=request.auth), "application/xml", f"dac7-{year}.xml")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
