"""Which revisions a right reaches: the one agreed, and with a clause about revisions others of its dataset. Whether
such a one is included is decided where every attempt is: `judgements.judged`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.clauses.declaration import Clause, Facts
from contracts.models import CopyCount, Entitlement
from contracts.terms import terms as usage_terms
from datasets import queries as datasets
from datasets.models import Asset, Revision
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import NotFound

LIVE = (Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED)
_IN_FORCE = (Entitlement.State.PENDING, *LIVE)


@dataclass(frozen=True)
class Reached:
    """A revision that a right reaches. `is_agreed`: it is the one that the contract names."""

    id: UUID
    number: int
    is_agreed: bool


def asset_of(entitlement: Entitlement, wanted: UUID | str) -> Asset:
    """The file of the agreed revision with this id or name, or, where the terms speak of revisions, the file of another
    sealed one with this id."""
    try:
        return datasets.asset_of_revision(entitlement.revision_id, wanted)
    except NotFound:
        asset = None if isinstance(wanted, str) else datasets.received_asset(wanted)
        if asset is None or asset.revision.dataset_id != entitlement.dataset_id or not asset.revision.is_sealed:
            raise
        if _clause_of(entitlement) is None:
            raise
        return asset


def reached(rights: Sequence[Entitlement], *, now: datetime) -> dict[UUID, list[Reached]]:
    """What each of these rights reaches now, the newest first: sealed revisions, and the agreed one whatever became of
    it. One that has ended reaches the agreed one alone. One query, however many rights."""
    open_ones = {right.pk: clause for right in rights if (clause := _clause_of(right)) and _lasts(right, now)}
    sealed: dict[UUID, list[tuple[UUID, int, datetime]]] = defaultdict(list)
    if open_ones:
        datasets_of = {right.dataset_id for right in rights if right.pk in open_ones}
        rows = Revision.objects.filter(dataset__in=datasets_of, state=Revision.State.SEALED).order_by("-number")
        for dataset_id, row_id, number, at in rows.values_list("dataset_id", "pk", "number", "sealed_at"):
            if at is not None:
                sealed[dataset_id].append((row_id, number, at))
    found = {}
    for right in rights:
        agreed = right.revision.number
        others = [
            Reached(row_id, number, False)
            for row_id, number, at in (sealed[right.dataset_id] if right.pk in open_ones else ())
            if row_id != right.revision_id and _includes(open_ones[right.pk], number, at, agreed)
        ]
        own = Reached(right.revision_id, agreed, True)
        found[right.pk] = sorted([own, *others], key=lambda one: -one.number)
    return found


def includes(right: Entitlement, revision: Revision) -> bool:
    """Whether the terms of a right include a revision of its dataset, while it lasts."""
    if right.revision_id == revision.pk:
        return True
    clause = _clause_of(right)
    return clause is not None and _includes(clause, revision.number, revision.sealed_at, right.revision.number)


def holders_reaching(revision: Revision, *, is_later: bool = False) -> dict[UUID, Mapping[str, Fact]]:
    """The buyers with a right in force that includes this revision, each with its newest such right; with `is_later`
    only rights whose contract names an earlier one."""
    return {
        right.buyer_id: {"entitlement": str(right.pk)}
        for right, reaches in _live(revision)
        if reaches and not (is_later and right.revision.number >= revision.number)
    }


def holders_beside(revision: Revision) -> dict[UUID, Mapping[str, Fact]]:
    """The buyers with rights in force to its dataset, none of which includes this revision, each with its newest."""
    live = list(_live(revision))
    reaching = {right.buyer_id for right, reaches in live if reaches}
    return {
        right.buyer_id: {"entitlement": str(right.pk)} for right, _ in live if right.buyer_id not in reaching
    }


def copies_used(right: Entitlement, revision_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many copies of each file of these revisions were taken under a right."""
    counts = CopyCount.objects.filter(entitlement=right, asset__revision__in=list(revision_ids))
    return dict(counts.values_list("asset_id", "used"))


def takes_later_ones(right: Entitlement) -> bool:
    """Whether a right includes revisions that are still to come."""
    return includes_later_ones(right.terms)


def includes_later_ones(raw_terms: object) -> bool:
    """Whether terms include revisions that are still to come."""
    clause = _revisions_of(raw_terms)
    return clause is not None and clause.flag("includes_future")


def subscribers(dataset_id: UUID) -> dict[UUID, Mapping[str, Fact]]:
    """The buyers with a right in force that includes revisions still to come, each with its newest such right."""
    rights = Entitlement.objects.filter(dataset=dataset_id, state__in=LIVE).order_by("pk")
    return {right.buyer_id: {"entitlement": str(right.pk)} for right in rights if takes_later_ones(right)}


def _live(revision: Revision) -> Iterator[tuple[Entitlement, bool]]:
    """The rights in force to a dataset, the oldest first, and whether each includes this revision."""
    rights = Entitlement.objects.filter(dataset=revision.dataset_id, state__in=LIVE).select_related("revision")
    for right in rights.defer("revision__manifest").order_by("pk"):
        yield right, includes(right, revision)


def _lasts(right: Entitlement, now: datetime) -> bool:
    return right.state in _IN_FORCE and (right.ends_at is None or now < right.ends_at)


def _clause_of(right: Entitlement) -> Clause | None:
    return _revisions_of(right.terms)


def _revisions_of(raw_terms: object) -> Clause | None:
    clauses = usage_terms.thaw(raw_terms).clauses
    return next((clause for clause in clauses if clause.kind == "revisions"), None)


def _includes(clause: Clause, number: int, sealed_at: datetime | None, agreed: int) -> bool:
    """What the clause itself says of a sealed revision; it decides by the revision alone."""
    if sealed_at is None:
        return False
    facts = Facts(now=sealed_at, revision_number=number, revision_sealed_at=sealed_at, agreed_number=agreed)
    return usage_terms.evaluate(usage_terms.Terms((clause,)), facts)[0].ok
