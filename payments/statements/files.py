"""A statement as a file: signed JSON for programs, a table for book-keepers, a paper for people. The same ledger gives
the same bytes of each."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from exchange.kernel.actors import Actor
from exchange.kernel.money import Money, exponent
from exchange.look import paper
from exchange.participants import queries as participants
from payments.statements import statements
from payments.statements.statements import Document

FORMS = {"json": "application/json", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}
_MOST_ON_PAPER = 2_000
_COLUMNS = (
    *("at", "kind", "reference", "currency", "gross", "net", "tax", "fee", "cost", "shared"),
    *("basis_points", "yours", "held", "payable", "owed", "posting"),
)
KINDS = {
    "charge.paid": _("Sale"),
    "charge.paid.intermediary": _("Sale"),
    "charge.paid.direct": _("Sale, paid to you directly"),
    "hold.released": _("Released: payable from now on"),
    "payout.submitted": _("Payout"),
    "payout.failed": _("Payout that came back"),
    "receivable.set_off": _("Set off against what you owed"),
    "transfer.reversed": _("Taken back from your account"),
    "vat.to_seller": _("VAT of your invoices"),
    "vat.from_seller": _("VAT that you owe"),
    "refund.failed": _("Refund that came back"),
    "refund.direct": _("Fee given back"),
}
_STYLE = (
    "table.lines td { text-align: right; } table.lines td.words { text-align: left; } table { font-size: 8pt; }"
)


def answer(party: UUID, period: str, form: str, *, by: Actor) -> HttpResponse:
    """The statement of a month as a file to keep."""
    found = statements.document(party, period, by=by)
    name = f"statement-{period}-{str(party)[-12:]}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(_made(found, form), content_type=FORMS[form], headers=headers)


def table(found: Document) -> bytes:
    """One row a line, amounts in the currency's own decimals, with a row for each opening and closing balance."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for one in found["currencies"]:
        currency = one["currency"]
        for kind, at, stands in (
            ("opening", "from", "opening"),
            (None, "", ""),
            ("closing", "until", "closing"),
        ):
            if kind is None:
                writer.writerows(_rows(one["lines"], currency))
            else:
                stand = {"kind": kind, "at": found[at], "currency": currency}
                writer.writerow(stand | _stands(one[stands], currency))
    return text.getvalue().encode()


def page(found: Document) -> str:
    """The statement as one page of HTML without scripts, styles or pictures."""
    context = {
        "statement": found,
        "language": translation.get_language(),
        "party": participants.participant(UUID(found["party"])).name,
        "begins": datetime.fromisoformat(found["from"]),
        "currencies": [
            {
                "currency": one["currency"],
                "opening": _money(one["opening"], one["currency"]),
                "closing": _money(one["closing"], one["currency"]),
                "lines": [_shown(line, one["currency"]) for line in one["lines"][:_MOST_ON_PAPER]],
                "left_out": max(0, len(one["lines"]) - _MOST_ON_PAPER),
            }
            for one in found["currencies"]
        ],
    }
    return render_to_string("payments/statement.html", context)


def _made(found: Document, form: str) -> bytes:
    if form == "csv":
        return table(found)
    signed = statements.signed(found)
    if form == "json":
        return signed
    attached = ((f"statement-{found['period']}.json", signed),)
    return paper.pdf(page(found), attached, datetime.fromisoformat(found["until"]), style=_STYLE)


def _rows(lines: list[Any], currency: str) -> Iterator[dict[str, str]]:
    for line in lines:
        about = line.get("sale") or line.get("back") or {}
        row = {name: line[name] for name in ("at", "kind", "reference", "posting")}
        row |= {"currency": currency} | _stands(line, currency)
        for name, key in (("gross", "gross"), ("net", "net"), ("tax", "tax"), ("fee", "fee"), ("cost", "cost")):
            if f"{key}_minor" in about:
                row[name] = _decimal(about[f"{key}_minor"], currency)
        if "held_minor" in about:
            row["shared"] = _decimal(about["held_minor"], currency)
        if "your_minor" in about:
            row["yours"] = _decimal(about["your_minor"], currency)
        if "shares" in about:
            row["basis_points"] = "+".join(str(one["basis_points"]) for one in about["shares"])
        yield row


def _stands(row: Any, currency: str) -> dict[str, str]:
    return {name: _decimal(row[f"{name}_minor"], currency) for name in ("held", "payable", "owed")}


def _shown(line: Any, currency: str) -> dict[str, Any]:
    sale = line.get("sale")
    about = sale or line.get("back") or {}
    return {
        "at": datetime.fromisoformat(line["at"]),
        "words": KINDS.get(line["kind"], _("Given back") if "back" in line else line["kind"]),
        "gross": Money(about["gross_minor"], currency) if about else None,
        "tax": Money(about["tax_minor"], currency) if about else None,
        "fee": Money(about["fee_minor"], currency) if about else None,
        "part": _part(sale) if sale else "",
        **_money(line, currency),
    }


def _part(sale: Any) -> str:
    """The formula with its integers: a part of 3333 in 10000 of 8999 is 2999."""
    points = "+".join(str(one["basis_points"]) for one in sale["shares"])
    return f"{sale['held_minor']} ({points}) → {sale['your_minor']}"


def _money(row: Any, currency: str) -> dict[str, Money]:
    return {name: Money(row[f"{name}_minor"], currency) for name in ("held", "payable", "owed")}


def _decimal(minor: int, currency: str) -> str:
    places = exponent(currency)
    digits = str(abs(minor)).rjust(places + 1, "0")
    sign = "-" if minor < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
