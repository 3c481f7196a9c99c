"""Who received a dataset, page by page, from the log alone: what each recipient has of which revision, under which
right and ground, how that right stands, what is owed, and what it has been told since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from compliance.models import Duty, NoticeRow, Recipient, RecipientRight
from compliance.proofs import leaves
from exchange.kernel import pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid

_ENDS = {
    "entitlement.suspended": "suspended",
    "entitlement.resumed": "active",
    "entitlement.expired": "expired",
    "entitlement.revoked": "revoked",
    "entitlement.superseded": "superseded",
}
"""What Events say of how a right stands; it is active until one of them."""
AT_ONCE = 200


@dataclass(frozen=True)
class OfRevision:
    """What a recipient has of one revision: `whole` of its `files` are whole, `sent_bytes` is the least that it has."""

    revision_id: UUID | None
    files: int
    whole: int
    sent_bytes: int
    size_bytes: int
    running: int

    @property
    def is_whole(self) -> bool:
        return self.whole == self.files


@dataclass(frozen=True)
class Under:
    """The right and ground under which something was received. `leaf` and `log` name the leaf that says how the right
    stands; they are empty while it is active, or is not sealed yet."""

    entitlement_id: UUID | None
    agreement_id: UUID | None
    personal_data: str
    legal_basis: str
    purpose: str
    country: str
    mechanism: str
    first_at: datetime
    last_at: datetime
    transfers: int
    last_transfer_id: UUID
    standing: str
    stands_since: datetime | None
    log: str | None
    leaf: int | None
    delete_by: datetime | None
    deletion_stated_at: datetime | None


@dataclass(frozen=True)
class Told:
    """A notice that the recipient has a row of."""

    notice_id: UUID
    row_id: UUID
    kind: str
    state: str
    sent_at: datetime | None


@dataclass(frozen=True)
class Received:
    """One recipient, with all that it has and was told."""

    buyer_id: UUID
    first_at: datetime
    last_at: datetime
    transfers: int
    revisions: Sequence[OfRevision]
    rights: Sequence[Under]
    told: Sequence[Told]

    @property
    def is_whole(self) -> bool:
        return all(one.is_whole for one in self.revisions)

    @property
    def is_running(self) -> bool:
        return any(one.running for one in self.revisions)

    @property
    def sent_bytes(self) -> int:
        return sum(one.sent_bytes for one in self.revisions)


@dataclass(frozen=True)
class Listed:
    items: list[Received]
    next_cursor: str | None


def page(
    dataset_id: UUID,
    revision_id: UUID | None = None,
    *,
    cursor: str | None = None,
    limit: int = pagination.PAGE_SIZE,
    visible_to: Actor,
) -> Listed:
    """At most `limit` recipients of a dataset, or of one revision of it, those who joined the exchange last first; for
    officers alone. What it costs does not depend on how many recipients or transfers there are."""
    visible_to.require(Scope.AUDIT)
    if not 1 <= limit <= pagination.LARGEST_PAGE:
        raise Invalid(f"limit must be from 1 to {pagination.LARGEST_PAGE}; it is {limit}")
    rows = _rows(dataset_id, revision_id)
    if cursor is not None:
        rows = rows.filter(buyer_id__lt=pagination.read_cursor(cursor))
    found = list(rows.order_by("-buyer_id").values_list("buyer_id", flat=True).distinct()[: limit + 1])
    buyers = found[:limit]
    items = _gathered(dataset_id, revision_id, buyers)
    return Listed(items, pagination.cursor_of(buyers[-1]) if len(found) > limit else None)


def each(dataset_id: UUID, revision_id: UUID | None, *, visible_to: Actor) -> Iterator[Received]:
    """All recipients, a page at a time, in constant memory; for officers alone, whom it asks at once."""
    visible_to.require(Scope.AUDIT)
    return _each(dataset_id, revision_id)


def _each(dataset_id: UUID, revision_id: UUID | None) -> Iterator[Received]:
    last: UUID | None = None
    while True:
        rows = _rows(dataset_id, revision_id)
        rows = rows if last is None else rows.filter(buyer_id__lt=last)
        buyers = list(rows.order_by("-buyer_id").values_list("buyer_id", flat=True).distinct()[:AT_ONCE])
        if not buyers:
            return
        last = buyers[-1]
        yield from _gathered(dataset_id, revision_id, buyers)


def _rows(dataset_id: UUID, revision_id: UUID | None) -> QuerySet[Recipient]:
    rows = Recipient.objects.filter(dataset_id=dataset_id, transfers__gt=0)
    return rows if revision_id is None else rows.filter(revision_id=revision_id)


def _gathered(dataset_id: UUID, revision_id: UUID | None, buyers: Sequence[UUID]) -> list[Received]:
    """All that is known of these recipients; the same number of questions however many they are."""
    revisions = _revisions(_rows(dataset_id, revision_id).filter(buyer_id__in=buyers))
    rights = _rights(dataset_id, revision_id, buyers)
    told: dict[UUID, list[Told]] = {}
    rows = NoticeRow.objects.filter(notice__dataset_id=dataset_id, buyer_id__in=buyers).select_related("notice")
    for row in rows.order_by("pk"):
        if revision_id is None or row.notice.covers_all or str(revision_id) in row.notice.revisions:
            one = Told(row.notice_id, row.pk, row.notice.kind, row.state, row.sent_at)
            told.setdefault(row.buyer_id, []).append(one)
    return [
        Received(
            buyer_id=buyer,
            first_at=min(first for first, _, _, _ in revisions[buyer]),
            last_at=max(last for _, last, _, _ in revisions[buyer]),
            transfers=sum(count for _, _, count, _ in revisions[buyer]),
            revisions=[one for _, _, _, one in revisions[buyer]],
            rights=rights.get(buyer, []),
            told=told.get(buyer, []),
        )
        for buyer in buyers
        if buyer in revisions
    ]


_Summed = tuple[datetime, datetime, int, OfRevision]


def _revisions(rows: QuerySet[Recipient]) -> dict[UUID, list[_Summed]]:
    found: dict[UUID, list[_Summed]] = {}
    summed = rows.order_by("buyer_id", "revision_id").values("buyer_id", "revision_id")
    for one in summed.annotate(
        files=Count("pk"),
        whole=Count("pk", filter=Q(sent_bytes__gte=F("size_bytes"))),
        sent=Sum("sent_bytes"),
        size=Sum("size_bytes"),
        now=Sum("running"),
        count=Sum("transfers"),
        first=Min("first_at"),
        last=Max("last_at"),
    ):
        of = OfRevision(one["revision_id"], one["files"], one["whole"], one["sent"], one["size"], one["now"])
        found.setdefault(one["buyer_id"], []).append((one["first"], one["last"], one["count"], of))
    return found


def _rights(dataset_id: UUID, revision_id: UUID | None, buyers: Sequence[UUID]) -> dict[UUID, list[Under]]:
    rows = RecipientRight.objects.filter(dataset_id=dataset_id, buyer_id__in=buyers, transfers__gt=0)
    if revision_id is not None:
        rows = rows.filter(revision_id=revision_id)
    found: dict[tuple[object, ...], list[RecipientRight]] = {}
    for row in rows.order_by("buyer_id", "first_at", "pk"):
        same = (row.buyer_id, row.entitlement_id, row.agreement_id, row.personal_data)
        also = (row.legal_basis, row.purpose, row.country_to, row.mechanism)
        found.setdefault((*same, *also), []).append(row)
    ids = [row.entitlement_id for some in found.values() for row in some if row.entitlement_id]
    standings, duties = _standings(ids), Duty.objects.in_bulk(ids)
    under: dict[UUID, list[Under]] = {}
    for some in found.values():
        under.setdefault(some[0].buyer_id, []).append(_under(some, standings, duties))
    return under


def _under(
    rows: Sequence[RecipientRight], standings: Mapping[UUID, leaves.Leaf], duties: Mapping[UUID, Duty]
) -> Under:
    """What was received of several revisions under one right and ground."""
    first, newest = rows[0], max(rows, key=lambda row: row.last_at)
    right = first.entitlement_id
    leaf = standings.get(right) if right else None
    duty = duties.get(right) if right else None
    return Under(
        entitlement_id=right,
        agreement_id=first.agreement_id,
        personal_data=first.personal_data,
        legal_basis=first.legal_basis,
        purpose=first.purpose,
        country=first.country_to,
        mechanism=first.mechanism,
        first_at=min(row.first_at for row in rows),
        last_at=newest.last_at,
        transfers=sum(row.transfers for row in rows),
        last_transfer_id=newest.last_transfer_id,
        standing=_ENDS[leaf.name] if leaf else "active",
        stands_since=leaf.at if leaf else None,
        log=leaf.log if leaf else None,
        leaf=leaf.place if leaf else None,
        delete_by=duty.delete_by if duty else None,
        deletion_stated_at=duty.stated_at if duty else None,
    )


def _standings(entitlements: Sequence[UUID]) -> dict[UUID, leaves.Leaf]:
    """The last Event that says how each of these rights stands."""
    found = leaves.of_subjects({f"entitlement:{one}" for one in entitlements}, _ENDS)
    return {UUID(leaf.subject.partition(":")[2]): leaf for leaf in found if leaf.place is not None}
