"""The ledger as an accountant takes it: the French file of entries (FEC, article A47 A-1 of the Livre des procédures
fiscales) and plain CSV, for a period. For operators and officers."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid
from exchange.kernel.money import exponent
from exchange.kernel.text import timestamp
from exchange.look import formats
from payments.invoices import content
from payments.models import Account, Entry
from payments.taxes import taxes

Code = Account.Code
FEC_COLUMNS = (
    *("JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum"),
    *("CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet"),
    *("ValidDate", "Montantdevise", "Idevise"),
)
CHART = {
    Code.CLEARING: ("512000", "Prestataire de paiement"),
    Code.IN_TRANSIT: ("580000", "Virements en cours"),
    Code.VAT_PAYABLE: ("445710", "TVA collectée"),
    Code.PLATFORM_FEE: ("706000", "Commissions de la place"),
    Code.PROCESSOR_COST: ("627800", "Frais du prestataire de paiement"),
    Code.DISPUTE_SUSPENSE: ("471000", "Litiges en attente"),
    Code.DISPUTE_COST: ("658000", "Charges de litiges"),
    Code.SELLER_HELD: ("467100", "Vendeurs, sommes retenues"),
    Code.SELLER_PAYABLE: ("467200", "Vendeurs, sommes à verser"),
    Code.SELLER_RECEIVABLE: ("467300", "Vendeurs, sommes dues"),
    Code.BUYER_PREPAID: ("419100", "Acheteurs, avances"),
}
"""The accounts of the ledger in the French chart (PCG)."""
_JOURNALS = {"charge": ("VT", "Ventes"), "refund": ("AV", "Avoirs"), "payout": ("BQ", "Versements")}
_OTHER = ("OD", "Opérations diverses")
_LONGEST_DAYS = 366


def fec_name(last: date, *, by: Actor) -> str:
    """How the file is called by law: the SIREN, FEC, the day on which the period ends."""
    require_to_read(by)
    return f"{content.siren_of(taxes.operator()) or '000000000'}FEC{last:%Y%m%d}.txt"


def fec(first: date, last: date, *, by: Actor) -> str:
    """Every entry in euros of a period as a FEC: 18 columns between tabs, commas in amounts, numbers without gaps."""
    lines, number, before = ["\t".join(FEC_COLUMNS)], 0, None
    for entry in _entries(first, last, by).filter(currency="EUR"):
        number += entry.posting_id != before
        before = entry.posting_id
        lines.append("\t".join(_clean(value) for value in _fec_row(entry, number)))
    return "\r\n".join(lines) + "\r\n"


def entries_csv(first: date, last: date, *, by: Actor) -> str:
    """Every entry of a period in every currency, in minor units; debits are positive."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["posting", "at", "kind", "reference", "account", "owner", "provider", "currency", "amount_minor"]
    )
    for entry in _entries(first, last, by):
        posting, account = entry.posting, entry.account
        at, owner = timestamp(posting.occurred_at), account.owner_id or ""
        row = [posting.pk, at, posting.kind, posting.reference, account.code, owner, account.provider]
        writer.writerow([*row, entry.currency, entry.amount_minor])
    return out.getvalue()


def require_to_read(by: Actor) -> None:
    """Refuse who neither operates nor audits the exchange."""
    if not by.can(Scope.AUDIT):
        by.require(Scope.OPERATE)


def moments(first: date, last: date) -> tuple[datetime, datetime]:
    """When a period of whole days begins and has ended, in the exchange's zone."""
    if last < first or (last - first).days > _LONGEST_DAYS:
        raise Invalid(f"a period has its first day before its last, and at most {_LONGEST_DAYS} days between")
    begins = datetime.combine(first, time.min, formats.zone())
    return begins, datetime.combine(last + timedelta(days=1), time.min, formats.zone())


def _entries(first: date, last: date, by: Actor) -> QuerySet[Entry]:
    require_to_read(by)
    begins, ended = moments(first, last)
    within = Entry.objects.filter(posting__occurred_at__gte=begins, posting__occurred_at__lt=ended)
    rows = within.select_related("posting", "account__owner")
    return rows.order_by("posting__occurred_at", "posting_id", "-amount_minor", "pk")


def _fec_row(entry: Entry, number: int) -> Iterator[Any]:
    posting, account = entry.posting, entry.account
    code, label = _JOURNALS.get(posting.kind.partition(".")[0], _OTHER)
    day = f"{posting.occurred_at.astimezone(formats.zone()):%Y%m%d}"
    yield from (code, label, number, day, *CHART[Code(account.code)])
    owner = account.owner
    yield from ((f"P{owner.pk.hex}", owner.name) if owner else ("", ""))
    yield from (posting.reference, day, posting.kind)
    debit, credit = max(entry.amount_minor, 0), max(-entry.amount_minor, 0)
    yield from (_amount(debit, entry.currency), _amount(credit, entry.currency), "", "", day, "", "")


def _amount(minor: int, currency: str) -> str:
    places = exponent(currency)
    whole, rest = divmod(minor, 10**places)
    return f"{whole},{rest:0{places}}"


def _clean(value: object) -> str:
    return " ".join(str(value).split()).replace("|", " ")
