"""An invoice on paper: the frozen content drawn as PDF/A-3 in the recipient's language, with its XML inside (Factur-X).
factur-x's only door; its own check of rules is never asked, because it says yes to everything."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from exchange.kernel.money import Money
from exchange.look import formats, paper
from payments.models import Invoice

_STYLE = """
.sums { width: 60%; margin-left: 40%; }
.sums td, .amount { text-align: right; }
.total th, .total td { font-weight: bold; border-top: .3mm solid #444; padding-top: 1.2mm; }
.sides td { width: 50%; padding-right: 6mm; }
.small { font-size: 8pt; color: #444; }
"""


def html(invoice: Invoice) -> str:
    """The invoice as one page of HTML without scripts, styles or pictures, from what was frozen."""
    content, currency = invoice.content, invoice.currency
    with translation.override(content["language"]):
        context = {
            "content": content,
            "language": content["language"],
            "heading": _heading(content),
            "issued_on": date.fromisoformat(content["issued_on"]),
            "paid_on": date.fromisoformat(content["paid_on"]),
            "corrected_on": date.fromisoformat(content["corrects"]["issued_on"])
            if content["corrects"]
            else None,
            "net": invoice.net,
            "tax": invoice.tax,
            "gross": invoice.gross,
            "paid": Money(content["paid_minor"], currency),
            "due": Money(content["gross_minor"] - content["paid_minor"], currency),
            "rate": _rate(content["tax"]["basis_points"]),
        }
        return render_to_string("payments/invoice.html", context)


def pdf(invoice: Invoice) -> bytes:
    """The invoice as a PDF/A-3 file; a Factur-X one where there is an XML."""
    issued_on = date.fromisoformat(invoice.content["issued_on"])
    at = datetime.combine(issued_on, time(12), UTC)
    drawn = paper.pdf(html(invoice), (), at, style=_STYLE, archived=True)
    if not invoice.xml:
        return drawn
    import facturx  # here: its libraries take a while, which only this needs

    whole: bytes = facturx.generate_from_binary(
        drawn,
        bytes(invoice.xml),
        flavor="factur-x",
        level="en16931",
        check_schematron=False,
        lang=invoice.content["language"],
        pdf_metadata={
            "author": invoice.content["issuer"]["name"],
            "title": f"{invoice.content['issuer']['name']}: {invoice.number}",
            "subject": invoice.number,
            "keywords": "Factur-X",
        },
        afrelationship="alternative",
    )
    return whole


def _rate(basis_points: int) -> str:
    return formats.percent(basis_points / 10_000, 1 if basis_points % 100 else 0) if basis_points else ""


def _heading(content: dict[str, Any]) -> str:
    if content["kind"] == Invoice.Kind.CREDIT_NOTE:
        return _("Self-billed credit note") if content["type_code"] == "261" else _("Credit note")
    return _("Self-billed invoice") if content["type_code"] == "389" else _("Invoice")
