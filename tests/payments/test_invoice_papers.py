"""Invoices on paper: drawn once from what was frozen, in the recipient's language, with the XML inside."""

import hashlib
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import facturx
import pypdf
import pytest
from django.db import connection

from exchange.kernel.actors import Actor
from payments.invoices import invoices
from payments.invoices import papers as invoice_papers
from payments.models import Invoice, InvoicePaper
from tests import makers
from tests.payments import billing
from tests.payments.stories import event_names, paid_charge

pytestmark = pytest.mark.one_database
Kind = Invoice.Kind


@pytest.fixture
def issued(operator: Actor, now: datetime) -> dict[str, Invoice]:
    """The invoices of a sale of a French seller to a German buyer that has no VAT id."""
    billing.describe(operator, registration_number=billing.SIRENS["operator"])
    seller = billing.ready(billing.french("Vendeur & Fils SA", billing.SIRENS["seller"], now))
    buyer = makers.trader("Buyer GmbH", "DE", now)
    billing.describe(buyer, vat_id="", street="<b>Straße</b> 1", postcode="10115", city="Berlin")
    charge = paid_charge(buyer, seller, 123_456)
    return {one.kind: one for one in invoices.issue_due(charge.pk, by=makers.system(now))}


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_paper_is_a_factur_x_file_with_the_very_xml(issued: dict[str, Invoice], now: datetime) -> None:
    for invoice in issued.values():
        paper = invoices.draw(invoice.pk, now=now)
        pdf = bytes(paper.pdf)
        name, xml = facturx.get_xml_from_pdf(pdf, check_xsd=True)
        assert (name, xml) == ("factur-x.xml", bytes(invoice.xml))
        assert hashlib.sha256(pdf).hexdigest() == paper.pdf_sha256
        assert paper.failures == []
        metadata = pypdf.PdfReader(io.BytesIO(pdf)).xmp_metadata
        assert metadata is not None and "EN 16931" in metadata.stream.get_data().decode()
        assert b"pdfaid" in metadata.stream.get_data()


def test_a_paper_speaks_the_language_of_its_recipient(issued: dict[str, Invoice], now: datetime) -> None:
    english = text_of(bytes(invoices.draw(issued[Kind.INVOICE].pk, now=now).pdf))
    french = text_of(bytes(invoices.draw(issued[Kind.SELF_BILLING].pk, now=now).pdf))
    assert "Invoice" in english and "€1,469.13" in english and "19%" in english and "<b>Straße</b> 1" in english
    assert (
        "Autofacture" in french and "Vendeur & Fils SA" in french and "1 111,10" in french.replace("\xa0", " ")
    )


def test_a_paper_is_drawn_once(issued: dict[str, Invoice], now: datetime) -> None:
    invoice = issued[Kind.INVOICE]
    first = invoices.draw(invoice.pk, now=now)
    assert invoices.draw(invoice.pk, now=now + timedelta(days=1)).drawn_at == first.drawn_at
    assert InvoicePaper.objects.count() == 1


def test_a_paper_is_drawn_when_it_is_read_and_the_others_in_time(
    issued: dict[str, Invoice], officer: Actor, now: datetime, react: Callable[..., int]
) -> None:
    react()  # what follows an invoice draws nothing
    assert not InvoicePaper.objects.exists()
    path = f"/api/v1/invoices/{issued[Kind.INVOICE].pk}.pdf"
    door = makers.Door(officer)
    read = [door.get(path) for _ in range(2)]
    assert [one.status_code for one in read] == [200, 200] and read[0].content == read[1].content
    kept = InvoicePaper.objects.get()
    assert bytes(kept.pdf) == read[0].content and kept.invoice_id == issued[Kind.INVOICE].pk
    assert invoices.draw_rest(now=now) == len(issued) - 1
    assert invoices.draw_rest(now=now) == 0 and InvoicePaper.objects.count() == len(issued)
    assert door.get(path).content == bytes(kept.pdf)


def test_what_is_drawn_follows_from_what_was_frozen_alone(issued: dict[str, Invoice]) -> None:
    invoice = issued[Kind.INVOICE]
    before = invoice_papers.html(invoice)
    type(invoice.issuer).objects.update(name="Renamed", street="elsewhere", vat_id="")
    assert invoice_papers.html(Invoice.objects.get(pk=invoice.pk)) == before


def test_a_broken_rule_is_told_to_the_operator(issued: dict[str, Invoice], now: datetime) -> None:
    """What the database refuses is done past it, as a fault of a disk would."""
    invoice = issued[Kind.INVOICE]
    wrong = bytes(invoice.xml).replace(b"<ram:DuePayableAmount>0.00", b"<ram:DuePayableAmount>1.00")
    on = "" if connection.vendor == "sqlite" else " ON payments_invoice"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER payments_invoice_no_update{on}")
    Invoice.objects.filter(pk=invoice.pk).update(xml=wrong)
    assert invoices.draw(invoice.pk, now=now).failures == ["BR-CO-16"]
    assert event_names(invoice.pk) == ["invoice.issued", "invoice.found_wrong"]
