"""A seller's record: what it has done on this exchange, counted from rows and Events and never from opinions. What is
counted, and over which time, stands beside each figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from uuid import UUID

from django.db.models import Count

from compliance.proofs import leaves
from contracts.models import Entitlement, Negotiation, Offer
from datasets.models import Dataset, Revision
from payments.models import Hold

ANSWERS_WITHIN = timedelta(days=365)
MOST_REQUESTS = 500
"""Requests of that time, the newest first, of which answers are counted."""

MOST_REVISIONS = 2_000
GRACE = 1.1
"""A revision is on time until a tenth more than the announced interval has passed."""

_DAYS = {
    "hourly": 1 / 24,
    "daily": 1,
    "weekly": 7,
    "biweekly": 14,
    "monthly": 31,
    "bimonthly": 62,
    "quarterly": 92,
    "semiannual": 184,
    "annual": 366,
    "biennial": 731,
}
_ANSWERS = ("negotiation.approved", "negotiation.countered", "negotiation.refused")


@dataclass(frozen=True)
class SellerRecord:
    """`sales` are rights that opened: signed, and paid where they cost. `answer` is the median time from a request to
    its first answer by the seller, None where none was answered. `due` are revisions that an announced interval asked
    for, `on_time` those of them that came within it. `contested` are sales of which a buyer reported a difference."""

    verified_at: datetime | None
    sales: int
    buyers: int
    requests: int
    answered: int
    answer: timedelta | None
    sealed: int
    revoked: int
    due: int
    on_time: int
    contested: int
    returned: int


def of(seller_id: UUID, verified_at: datetime | None, now: datetime) -> SellerRecord:
    """The record now, in six queries and two for the log, however long it is."""
    opened = Entitlement.objects.filter(seller_id=seller_id).exclude(activated_at=None)
    sold = opened.aggregate(sales=Count("pk"), buyers=Count("buyer", distinct=True))
    waits, requests = _answers(seller_id, now)
    sealed, revoked, due, on_time = _revisions(seller_id)
    contested, returned = _disputes(seller_id)
    return SellerRecord(
        verified_at=verified_at,
        sales=sold["sales"],
        buyers=sold["buyers"],
        requests=requests,
        answered=len(waits),
        answer=timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None,
        sealed=sealed,
        revoked=revoked,
        due=due,
        on_time=on_time,
        contested=contested,
        returned=returned,
    )


def punctuality(sealed: Iterable[tuple[str, datetime]]) -> tuple[int, int]:
    """How many revisions an announced interval asked for, and how many came in time, of one dataset's revisions as
    (frequency, sealed at), in their order. The first has nothing to be late against."""
    due = on_time = 0
    for (_, before), (frequency, at) in pairwise(sealed):
        if frequency in _DAYS:
            due += 1
            on_time += at - before <= timedelta(days=_DAYS[frequency] * GRACE)
    return due, on_time


def _answers(seller_id: UUID, now: datetime) -> tuple[list[timedelta], int]:
    """Only requests that a person answers: an instant sale is approved by the exchange. What a buyer took back before
    an answer is not counted."""
    asked = Negotiation.objects.filter(
        seller_id=seller_id, offer__sale=Offer.Sale.VALIDATION, requested_at__gte=now - ANSWERS_WITHIN
    )
    newest = asked.order_by("-pk").values_list("pk", "requested_at", "state")[:MOST_REQUESTS]
    requested = {f"negotiation:{row_id}": (at, state) for row_id, at, state in newest}
    first: dict[str, datetime] = {}
    for leaf in leaves.of_subjects(list(requested), _ANSWERS):
        first.setdefault(leaf.subject, leaf.at)
    waiting = sum(
        state == Negotiation.State.REQUESTED and subject not in first
        for subject, (_, state) in requested.items()
    )
    return [at - requested[subject][0] for subject, at in first.items()], len(first) + waiting


def _revisions(seller_id: UUID) -> tuple[int, int, int, int]:
    rows = Revision.objects.filter(dataset__seller_id=seller_id).exclude(sealed_at=None)
    public = rows.exclude(dataset__state=Dataset.State.DRAFT).order_by("dataset_id", "number")
    found = list(public.values_list("dataset_id", "dataset__frequency", "sealed_at", "state")[:MOST_REVISIONS])
    due = on_time = 0
    for _, own in groupby(found, key=lambda row: row[0]):
        asked, came = punctuality((frequency, at) for _, frequency, at, _ in own if at is not None)
        due, on_time = due + asked, on_time + came
    return len(found), sum(row[3] == Revision.State.REVOKED for row in found), due, on_time


def _disputes(seller_id: UUID) -> tuple[int, int]:
    """Sales that a buyer contested, and how many of them ended with the money given back."""
    holds = Hold.objects.filter(seller_id=seller_id).exclude(reason="").values_list("pk", "state")
    states = {f"hold:{row_id}": state for row_id, state in holds}
    contested = {leaf.subject for leaf in leaves.of_subjects(list(states), ["hold.contested"])}
    return len(contested), sum(states[subject] == Hold.State.RETURNED for subject in contested)
