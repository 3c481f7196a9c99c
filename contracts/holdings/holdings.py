"""Who holds what: of each right and revision the files that left, whole or which byte ranges, and whether the buyer may
still keep them. Read from rights, transfers and statements as they are; nothing is kept twice (decision 0019)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Literal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from contracts import queries
from contracts.entitlements.entitlements import deletion_due
from contracts.models import CopyCount, DeletionStatement, Entitlement, Transfer
from contracts.transfers import ranges
from contracts.transfers.ranges import Range
from datasets import queries as datasets
from datasets.models import Asset, Revision
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.kernel.pagination import PAGE_SIZE, page
from exchange.participants import queries as participants

Keeping = Literal["licensed", "to_delete", "overdue", "ended", "deleted"]
"""`licensed`: the right is in force. After it: `to_delete` until the day that the terms give, `overdue` from then on,
`ended` where they ask for no deletion; `deleted` once the buyer has stated that it deleted all."""

_AT_ONCE = 100
_SHOWN = (
    *(field.name for field in Entitlement._meta.concrete_fields),
    *("dataset__title", "dataset__language", "buyer__name"),
)
_SENT = ("entitlement_id", "asset_id", "state", "size_bytes", "sent_bytes", "sent_ranges", "started_at")
_Pair = tuple[UUID, UUID]
_LEFT = (
    Q(sent_bytes__gt=0)
    | Q(size_bytes=0, state=Transfer.State.COMPLETED)
    | Q(state=Transfer.State.STARTED)  # more may have left than is noted, or by a link to storage
)


@dataclass(frozen=True)
class File:
    """What a buyer has of one file under one right, over all its transfers. `is_open`: more may have left than
    `ranges` says, by a transfer that runs or by a link to storage. `last_at` is when its fullest copy was begun."""

    asset: Asset
    copies: int
    ranges: list[Range]
    is_open: bool
    last_at: datetime

    @property
    def size_bytes(self) -> int:
        return self.asset.size_bytes or 0

    @property
    def sent_bytes(self) -> int:
        return ranges.covered(self.ranges)

    @property
    def is_whole(self) -> bool:
        return self.sent_bytes == self.size_bytes and (self.size_bytes > 0 or not self.is_open)


@dataclass(frozen=True)
class Holding:
    """What one buyer has of one revision under one right; `of_files` and `of_bytes` are what the revision has."""

    entitlement: Entitlement
    revision: Revision
    files: list[File]
    of_files: int
    of_bytes: int
    keeping: Keeping
    delete_by: datetime | None
    statement: DeletionStatement | None

    @property
    def whole_files(self) -> int:
        return sum(file.is_whole for file in self.files)

    @property
    def sent_bytes(self) -> int:
        return sum(file.sent_bytes for file in self.files)

    @property
    def is_whole(self) -> bool:
        return self.whole_files == self.of_files

    @property
    def is_open(self) -> bool:
        return any(file.is_open for file in self.files)

    @property
    def last_at(self) -> datetime:
        return max(file.last_at for file in self.files)


@dataclass(frozen=True)
class Listed:
    """A page of holdings, the newest right first, and of each right the newest revision."""

    items: list[Holding]
    next_cursor: str | None
    newer_cursor: str | None


def of_revision(
    actor: Actor, revision_id: UUID, *, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Listed:
    """Who holds a revision, even in part: all for its seller and officers, its own part for a buyer."""
    of_dataset = Revision.objects.filter(pk=revision_id).values("dataset")[:1]
    rights = queries.entitlements_visible_to(actor).filter(dataset=Subquery(of_dataset))
    if not rights.exists():
        datasets.revision_visible_to(actor, revision_id)
    counted = CopyCount.objects.filter(asset__revision=revision_id).values("entitlement")
    return _page(rights.filter(pk__in=counted), actor, cursor, limit, revision_id=revision_id)


def of_participant(
    actor: Actor, participant_id: UUID, *, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Listed:
    """What an organisation holds: all for itself and officers; for a seller, of its own data."""
    rights = queries.entitlements_visible_to(actor).filter(buyer_id=participant_id)
    if not rights.exists():
        if not (actor.can(Scope.AUDIT) or actor.participant_id == participant_id):
            raise NotFound("there is no such participant for you")
        participants.participant_visible_to(actor, participant_id)
    return _page(rights, actor, cursor, limit)


def of_seller(actor: Actor, *, cursor: str | None = None, limit: int = PAGE_SIZE) -> Listed:
    """Who holds data of the actor's organisation."""
    rights = queries.entitlements_visible_to(actor).filter(seller_id=actor.participant_id)
    return _page(rights, actor, cursor, limit)


def of(entitlements: Sequence[Entitlement], *, now: datetime) -> list[Holding]:
    """What has left under these rights, the newest revision of each first; a right under which nothing has left is no
    holding. The end of a right, its duty and its statement are about all of its holdings."""
    files = _files(entitlements)
    known = {revision_id for of_right in files.values() for revision_id in of_right}
    revisions = Revision.objects.defer("manifest").in_bulk(known)
    totals = datasets.file_totals(known)
    stated = {one.entitlement_id: one for one in _statements(entitlements)}
    found = []
    for right in entitlements:
        delete_by, statement = deletion_due(right), stated.get(right.pk)
        mine = files.get(right.pk, {})
        for revision_id in sorted(mine, key=lambda one: -revisions[one].number):
            of_files, of_bytes = totals[revision_id]
            found.append(
                Holding(
                    entitlement=right,
                    revision=revisions[revision_id],
                    files=mine[revision_id],
                    of_files=of_files,
                    of_bytes=of_bytes,
                    keeping="deleted" if statement else _keeping(right, delete_by, now),
                    delete_by=delete_by,
                    statement=statement,
                )
            )
    return found


def taken(rights: QuerySet[Entitlement], *, revision_id: UUID | None = None) -> QuerySet[Entitlement]:
    """Those under which something has left, of one revision where it is named."""
    left = Transfer.objects.filter(_LEFT, entitlement=OuterRef("pk"))
    return rights.filter(Exists(left if revision_id is None else left.filter(revision=revision_id)))


def owed(rights: QuerySet[Entitlement], *, now: datetime, at_most: int) -> list[Holding]:
    """Of so many of these rights what has to be deleted, the first day on top: they have ended, and nothing was
    stated."""
    ended = taken(rights.filter(delete_by__isnull=False, deletion_statements=None))
    return of(list(ended.order_by("delete_by", "pk")[:at_most]), now=now)


def _page(
    rights: QuerySet[Entitlement],
    actor: Actor,
    cursor: str | None,
    limit: int,
    *,
    revision_id: UUID | None = None,
) -> Listed:
    """What `limit` rights hold, of one revision where it is named."""
    shown = rights.select_related(None).select_related("dataset", "buyer").only(*_SHOWN)
    found = page(taken(shown, revision_id=revision_id), cursor=cursor, limit=limit)
    held = of(found.items, now=actor.at)
    wanted = [one for one in held if revision_id is None or one.revision.pk == revision_id]
    return Listed(wanted, found.next_cursor, found.newer_cursor)


def _files(entitlements: Sequence[Entitlement]) -> Mapping[UUID, Mapping[UUID, list[File]]]:
    """The files of each right by revision, and by name. The fullest copy of each answers for it; only where none is
    whole are the others read too."""
    fullest = Transfer.objects.filter(entitlement=OuterRef("entitlement"), asset=OuterRef("asset"))
    counts = CopyCount.objects.filter(entitlement__in=entitlements).select_related("asset")
    counts = counts.defer("asset__block_digests")
    counts = counts.annotate(fullest=Subquery(fullest.order_by("-sent_bytes", "-id").values("pk")[:1]))
    taken = [(count, count.fullest) for count in counts]
    best = Transfer.objects.only(*_SENT).in_bulk([pk for _, pk in taken if pk is not None])
    running = _running(entitlements)
    broken = [best[pk] for _, pk in taken if pk in best and 0 < best[pk].sent_bytes < best[pk].size_bytes]
    others = _sent(broken)
    files: dict[UUID, dict[UUID, list[File]]] = defaultdict(lambda: defaultdict(list))
    for count, pk in taken:
        if pk is None:
            continue
        transfer, pair = best[pk], (count.entitlement_id, count.asset_id)
        sent = others.get(pair) or ranges.merged(transfer.sent_ranges)
        is_empty = transfer.size_bytes == 0 and transfer.state == Transfer.State.COMPLETED
        if sent or is_empty or pair in running:
            file = File(count.asset, count.used, sent, pair in running, transfer.started_at)
            files[count.entitlement_id][count.asset.revision_id].append(file)
    for of_right in files.values():
        for mine in of_right.values():
            mine.sort(key=lambda file: file.asset.name)
    return files


def _running(entitlements: Sequence[Entitlement]) -> set[_Pair]:
    rows = Transfer.objects.filter(state=Transfer.State.STARTED, entitlement__in=entitlements)
    return set(rows.values_list("entitlement_id", "asset_id"))


def _sent(broken: Sequence[Transfer]) -> dict[_Pair, list[Range]]:
    """What all transfers of these files under these rights sent together."""
    sent: dict[_Pair, list[Range]] = defaultdict(list)
    for start in range(0, len(broken), _AT_ONCE):
        pairs = [Q(entitlement=one.entitlement_id, asset=one.asset_id) for one in broken[start:][:_AT_ONCE]]
        rows = Transfer.objects.filter(reduce(or_, pairs), sent_bytes__gt=0)
        columns = rows.values_list("entitlement_id", "asset_id", "sent_ranges")
        for right, asset, some in columns.iterator(chunk_size=500):
            sent[right, asset] = ranges.merged([*sent[right, asset], *some])
    return sent


def _statements(entitlements: Sequence[Entitlement]) -> QuerySet[DeletionStatement]:
    """What was stated of these rights, without the documents."""
    return DeletionStatement.objects.filter(entitlement__in=entitlements).defer("document")


def _keeping(entitlement: Entitlement, delete_by: datetime | None, now: datetime) -> Keeping:
    is_over = entitlement.ends_at is not None and entitlement.ends_at <= now
    in_force = (Entitlement.State.PENDING, Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED)
    if entitlement.state in in_force and not is_over:
        return "licensed"
    if delete_by is None:
        return "ended"
    return "to_delete" if now < delete_by else "overdue"
