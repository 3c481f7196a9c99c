"""What a party earned in one month: every line of its accounts with the integers that it follows from, so that anyone
can do the sums again (`comptoir-verify statement`). Nothing is kept: the same ledger gives the same bytes."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Min, QuerySet, Sum

from compliance.verifier import earnings
from exchange.kernel import canonical, signing
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import NotFound
from exchange.kernel.text import timestamp
from payments import queries
from payments.models import Account, Entry
from payments.plans import months
from payments.statements import lines as statement_lines

Code = Account.Code
_PLACES = {
    Code.SELLER_HELD: "held_minor",
    Code.SELLER_PAYABLE: "payable_minor",
    Code.SELLER_RECEIVABLE: "owed_minor",
}
_SIGNS = {Code.SELLER_HELD: -1, Code.SELLER_PAYABLE: -1, Code.SELLER_RECEIVABLE: 1}
"""What a party is owed is positive where the exchange holds or owes it; what it owes is positive, too."""

Document = Mapping[str, Any]


def periods(party: UUID, *, by: Actor) -> list[str]:
    """The months in which something moved on the party's accounts, newest first, as "2026-11"."""
    _require_reader(party, by)
    span = _entries(party).aggregate(first=Min("posting__occurred_at"), last=Max("posting__occurred_at"))
    if span["first"] is None:
        return []
    found, begin = [], _begin(span["first"])
    while begin <= span["last"]:
        end = months.later(begin, 1)
        if _within(party, begin, end).exists():
            found.append(f"{begin:%Y-%m}")
        begin = end
    return found[::-1]


def document(party: UUID, period: str, *, by: Actor) -> Document:
    """The statement of one month; one that is not over tells what there was until now. NotFound where nothing moved."""
    _require_reader(party, by)
    begin = _read(period)
    end = months.later(begin, 1)
    entries = _within(party, begin, end)
    currencies = sorted(set(entries.order_by().values_list("currency", flat=True)))
    if not currencies:
        raise NotFound("nothing moved for you in this month")
    return {
        "v": earnings.VERSION,
        "exchange": settings.EXCHANGE_URL,
        "party": str(party),
        "period": period,
        "from": timestamp(begin),
        "until": timestamp(end),
        "is_complete": by.at >= end,
        "currencies": [_currency(party, currency, begin, end) for currency in currencies],
    }


def signed(found: Document) -> bytes:
    """The statement under the exchange's seal, as a file."""
    seal = signing.seal(signing.Purpose.EARNINGS, canonical.encode(found))
    return canonical.encode({"seal": seal, "statement": found}) + b"\n"


def _currency(party: UUID, currency: str, begin: datetime, end: datetime) -> Mapping[str, Fact]:
    opening = _standing(party, currency, begin)
    lines = list(_lines(party, currency, begin, end))
    closing = {name: opening[name] + sum(line[name] for line in lines) for name in opening}
    return {"currency": currency, "opening": opening, "lines": lines, "closing": closing}


def _standing(party: UUID, currency: str, until: datetime) -> dict[str, int]:
    rows = _entries(party).filter(currency=currency, posting__occurred_at__lt=until).order_by()
    sums = dict(rows.values_list("account__code").annotate(minor=Sum("amount_minor")))
    return {name: _SIGNS[code] * sums.get(code, 0) for code, name in _PLACES.items()}


def _lines(party: UUID, currency: str, begin: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    """One line for each posting that moved something of the party's, in the order in which they were booked."""
    rows = _within(party, begin, end).filter(currency=currency).select_related("posting", "account")
    moved: dict[UUID, list[Entry]] = {}
    for entry in rows.order_by("posting__occurred_at", "posting_id"):
        moved.setdefault(entry.posting_id, []).append(entry)
    facts = statement_lines.of([entries[0].posting for entries in moved.values()], party, until=end)
    for posting_id, entries in moved.items():
        posting = entries[0].posting
        line: dict[str, Any] = dict.fromkeys(_PLACES.values(), 0)
        for entry in entries:
            code = Code(entry.account.code)
            line[_PLACES[code]] += _SIGNS[code] * entry.amount_minor
        yield {
            "posting": str(posting_id),
            "at": timestamp(posting.occurred_at),
            "kind": posting.kind,
            "reference": posting.reference,
            **line,
            **facts.get(posting_id, {}),
        }


def _within(party: UUID, begin: datetime, end: datetime) -> QuerySet[Entry]:
    return _entries(party).filter(posting__occurred_at__gte=begin, posting__occurred_at__lt=end)


def _entries(party: UUID) -> QuerySet[Entry]:
    return Entry.objects.filter(account__owner=party, account__code__in=list(_PLACES))


def _begin(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _read(period: str) -> datetime:
    try:
        begin = datetime.strptime(period, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        begin = None
    if begin is None or f"{begin:%Y-%m}" != period or begin.year < 2000:
        raise NotFound("a period is a month, such as 2026-11")
    return begin


def _require_reader(party: UUID, by: Actor) -> None:
    """A party reads its own; officers and operators, whose work it is, those of all."""
    if by.is_system or by.can(Scope.AUDIT) or by.can(Scope.OPERATE):
        return
    if not (queries.reads_own(by) and by.participant_id == party):
        raise NotFound("there is no such statement for you")
