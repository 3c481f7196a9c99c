"""What a register is derived from, read at once for all of its activities: declarations, agreements, where data went,
who received it, and what is owed. The tables are sums of the log, so that no question grows with the number of
transfers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from compliance.activities.shape import Origin, Sent
from compliance.models import AgreedUse, DeclaredDataset, Duty, Flow, RecipientRight
from exchange.kernel.models import EventDetail

PERSONAL = ("pseudonymised", "personal", "special")
_FREE = ("", "none")
_AT_ONCE = 500
MOST_NAMED = 200
"""How many recipients an activity names; of more it says that there are others. The desk's own page names them all."""
_MANY_TRANSFERS = 1_000


@dataclass(frozen=True)
class Stated:
    """What a seller wrote in its declaration, as far as it was not erased."""

    purposes: list[str] = field(default_factory=list)
    source: str = ""
    dpia: str = ""


@dataclass
class Observed:
    """By dataset: what was declared, agreed and observed of it."""

    datasets: dict[UUID, DeclaredDataset] = field(default_factory=dict)
    agreed: dict[UUID, list[AgreedUse]] = field(default_factory=lambda: defaultdict(list))
    sent: dict[UUID, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    sent_free: set[UUID] = field(default_factory=set)
    recipients: dict[UUID, list[UUID]] = field(
        default_factory=lambda: defaultdict(list)
    )  # one more than are named
    overdue: dict[UUID, int] = field(default_factory=dict)
    stated: dict[UUID, Stated] = field(default_factory=dict)


def of_seller(seller_id: UUID, now: datetime) -> Observed:
    """All personal datasets of one seller that were ever published or handed over."""
    return _observed(_personal().filter(seller_id=seller_id).exclude(stage="draft"), now)


def of_all(now: datetime) -> Observed:
    """All datasets of the exchange in which personal data is declared."""
    return _observed(_personal(), now)


def of_buyer(buyer_id: UUID, now: datetime) -> Observed:
    """The personal datasets that one buyer has agreements on, with that buyer's agreements and transfers alone."""
    agreed = AgreedUse.objects.filter(buyer_id=buyer_id)
    rows = _personal().filter(pk__in=agreed.values("dataset_id"))
    found = Observed(datasets={row.pk: row for row in rows.order_by("pk")})
    _add_agreements(found, agreed.filter(dataset_id__in=rows.values("pk")))
    rights = RecipientRight.objects.filter(buyer_id=buyer_id, dataset_id__in=rows.values("pk"), transfers__gt=0)
    for dataset_id, country, mechanism, transfers in (
        rights.values("dataset_id", "country_to", "mechanism")
        .annotate(count=Sum("transfers"))
        .order_by("dataset_id", "country_to", "mechanism")
        .values_list("dataset_id", "country_to", "mechanism", "count")
    ):
        if dataset_id is not None:
            found.sent[dataset_id].append(Sent(country, mechanism, transfers, 0))
    owed = Duty.objects.filter(buyer_id=buyer_id, dataset_id__in=rows.values("pk"))
    found.overdue = _overdue(owed, now)
    found.stated = _stated(found.datasets.values())
    return found


def origins(rows: Iterable[DeclaredDataset], agreed: Iterable[AgreedUse]) -> tuple[Origin, ...]:
    """From which leaves these rows come."""
    found = [Origin(f"dataset:{row.pk}", row.declared_leaf, row.declared_at) for row in rows]
    found += [
        Origin(f"agreement:{one.pk}", one.signed_leaf, one.signed_at)
        for one in agreed
        if one.signed_leaf is not None
    ]
    return tuple(found)


def summed(sent: Iterable[Sent]) -> tuple[Sent, ...]:
    """What went where, of several datasets together."""
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for one in sent:
        transfers, sent_bytes = totals.get((one.country, one.mechanism), (0, 0))
        totals[(one.country, one.mechanism)] = (transfers + one.transfers, sent_bytes + one.sent_bytes)
    return tuple(sorted(Sent(*key, *total) for key, total in totals.items()))


def _personal() -> QuerySet[DeclaredDataset]:
    return DeclaredDataset.objects.filter(personal_data__in=PERSONAL)


def _observed(rows: QuerySet[DeclaredDataset], now: datetime) -> Observed:
    found = Observed(datasets={row.pk: row for row in rows.order_by("pk")})
    ids = rows.values("pk")
    _add_agreements(found, AgreedUse.objects.filter(dataset_id__in=ids))
    flows = Flow.objects.filter(dataset_id__in=ids, transfers__gt=0)
    for dataset_id, country, mechanism, is_free, transfers, sent_bytes in (
        flows.values("dataset_id", "country_to", "mechanism")
        .annotate(
            free=Count("pk", filter=Q(personal_data__in=_FREE)), count=Sum("transfers"), sent=Sum("sent_bytes")
        )
        .order_by("dataset_id", "country_to", "mechanism")
        .values_list("dataset_id", "country_to", "mechanism", "free", "count", "sent")
    ):
        if dataset_id is None:
            continue
        found.sent[dataset_id].append(Sent(country, mechanism, transfers, sent_bytes))
        if is_free:
            found.sent_free.add(dataset_id)
    _add_recipients(found)
    found.overdue = _overdue(Duty.objects.filter(dataset_id__in=ids), now)
    found.stated = _stated(found.datasets.values())
    return found


def _add_agreements(found: Observed, rows: QuerySet[AgreedUse]) -> None:
    for row in rows.order_by("pk"):
        if row.dataset_id is not None:
            found.agreed[row.dataset_id].append(row)


def _add_recipients(found: Observed) -> None:
    """Who received some of each dataset: all of them where transfers are few, as many as are named where not."""
    many = {one for one, sent in found.sent.items() if sum(way.transfers for way in sent) > _MANY_TRANSFERS}
    few = iter([one for one in found.sent if one not in many])
    rights = RecipientRight.objects.filter(transfers__gt=0).order_by("dataset_id", "buyer_id")
    pairs = rights.values_list("dataset_id", "buyer_id").distinct()
    while some := list(islice(few, _AT_ONCE)):
        for dataset_id, buyer_id in pairs.filter(dataset_id__in=some):
            if dataset_id is not None:
                found.recipients[dataset_id].append(buyer_id)
    for one in sorted(many):
        found.recipients[one] = [buyer_id for _, buyer_id in pairs.filter(dataset_id=one)[: MOST_NAMED + 1]]


def _overdue(owed: QuerySet[Duty], now: datetime) -> dict[UUID, int]:
    late = owed.filter(stated_at=None, delete_by__lte=now).values("dataset_id").annotate(count=Count("pk"))
    return {row["dataset_id"]: row["count"] for row in late.order_by("dataset_id") if row["dataset_id"]}


def _stated(rows: Iterable[DeclaredDataset]) -> dict[UUID, Stated]:
    """What the sellers wrote: it is kept beside the leaf."""
    leaves = {row.declared_leaf: row.pk for row in rows if row.declared_leaf is not None}
    remaining, found = iter(leaves), {}
    while some := list(islice(remaining, _AT_ONCE)):
        kept = EventDetail.objects.filter(event__leaf_index__in=some).values_list("event__leaf_index", "body")
        for leaf, body in kept:
            if leaf is not None:
                said = [str(body.get(name, "")) for name in ("purposes", "source", "dpia_reference")]
                found[leaves[leaf]] = Stated(said[0].splitlines(), said[1], said[2])
    return found
