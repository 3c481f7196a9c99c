"""What sellers earned in a year, quarter by quarter, as Directive (EU) 2021/514 (DAC7) has platforms report it: read
from the ledger alone, for operators and officers."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from uuid import UUID
from xml.etree import ElementTree

from exchange.kernel.actors import Actor
from exchange.kernel.money import Money
from exchange.look import formats
from exchange.participants.models import Participant
from payments.invoices import accounting_export
from payments.models import Account, Entry
from payments.taxes import taxes

Code = Account.Code
_SALES = ("charge.paid", "prepaid.spent")
_RETURNS = ("refund.", "dispute.lost.")
_COLUMNS = (
    *("year", "quarter", "seller", "name", "street", "postcode", "city", "country", "vat_id"),
    *("registration_number", "currency", "activities", "consideration_minor", "fees_minor"),
)


@dataclass(frozen=True)
class Quarter:
    """What one seller earned in one quarter and currency: what was credited to it, and what the exchange kept, both
    less what went back; and how many sales that were."""

    seller: Participant
    number: int
    currency: str
    activities: int
    consideration: Money
    fees: Money


def quarters(year: int, *, by: Actor) -> list[Quarter]:
    """Every quarter of a year in which a seller earned something, by seller."""
    accounting_export.require_to_read(by)
    begins, ended = accounting_export.moments(date(year, 1, 1), date(year, 12, 31))
    rows = Entry.objects.filter(posting__occurred_at__gte=begins, posting__occurred_at__lt=ended)
    rows = rows.select_related("posting", "account").order_by("posting_id")
    sums: dict[tuple[UUID, int, str], list[int]] = {}
    for _, entries in groupby(rows.iterator(), key=lambda entry: entry.posting_id):
        for key, earned in _earned(list(entries)):
            found = sums.setdefault(key, [0, 0, 0])
            sums[key] = [had + more for had, more in zip(found, earned, strict=True)]
    sellers = Participant.objects.in_bulk([owner for owner, _, _ in sums])
    return [
        Quarter(sellers[owner], number, currency, count, Money(given, currency), Money(fee, currency))
        for (owner, number, currency), (count, given, fee) in sorted(sums.items(), key=str)
    ]


def as_csv(year: int, *, by: Actor) -> str:
    """The quarters of a year as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in quarters(year, by=by):
        seller = row.seller
        where = [seller.street, seller.postcode, seller.city, seller.verified_country]
        who = [seller.pk, seller.name, *where, seller.vat_id, seller.registration_number]
        sums = [row.activities, row.consideration.minor, row.fees.minor]
        writer.writerow([year, row.number, *who, row.currency, *sums])
    return out.getvalue()


def as_xml(year: int, *, by: Actor) -> bytes:
    """The quarters of a year as XML, seller by seller: what the authority's own form is filled in from."""
    found, operator = quarters(year, by=by), taxes.operator()
    root = ElementTree.Element(
        "dac7", year=str(year), platform=operator.name, country=operator.verified_country
    )
    for seller, rows in groupby(found, key=lambda row: row.seller):
        place = {"street": seller.street, "postcode": seller.postcode, "city": seller.city}
        known = {"vat-id": seller.vat_id, "registration-number": seller.registration_number}
        about = {"id": str(seller.pk), "name": seller.name, "country": seller.verified_country}
        element = ElementTree.SubElement(root, "seller", about | place | known)
        for row in rows:
            ElementTree.SubElement(
                element,
                "quarter",
                number=str(row.number),
                currency=row.currency,
                activities=str(row.activities),
                consideration=formats.plain_money(row.consideration.minor, row.currency),
                fees=formats.plain_money(row.fees.minor, row.currency),
            )
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _earned(entries: Sequence[Entry]) -> Iterator[tuple[tuple[UUID, int, str], Iterable[int]]]:
    """What one posting of a sale, or of money that went back, means for each of its sellers."""
    posting = entries[0].posting
    is_sale = posting.kind.startswith(_SALES)
    if not is_sale and not posting.kind.startswith(_RETURNS):
        return
    number = (posting.occurred_at.astimezone(formats.zone()).month + 2) // 3
    parts: dict[UUID, int] = {}
    for entry in entries:
        owner = entry.account.owner_id
        if owner is not None and entry.account.code != Code.BUYER_PREPAID:
            parts[owner] = parts.get(owner, 0) - entry.amount_minor
    fee = -sum(entry.amount_minor for entry in entries if entry.account.code == Code.PLATFORM_FEE)
    currency = entries[0].currency
    for owner, share in zip(parts, _split(fee, list(parts.values()), currency), strict=True):
        yield (owner, number, currency), (int(is_sale), parts[owner], share)


def _split(fee: int, parts: Sequence[int], currency: str) -> list[int]:
    """The exchange's part of a sale by the parts of its sellers."""
    weights = [abs(part) for part in parts]
    if not any(weights):
        return [0] * len(parts)
    sign = -1 if fee < 0 else 1
    return [sign * share.minor for share in Money(abs(fee), currency).shares(weights)]
