"""What sellers are asked to search for a person: an officer says whom, each seller looks into its own datasets by its
own keys, and says in which revisions the person is. No key and no value of a dataset comes to the exchange."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from compliance import labels
from compliance.legal import deadlines
from compliance.models import DeclaredDataset, SealedRevision, SearchedRevision, SellerSearch, SubjectRequest
from compliance.requests import identity, index_files, law
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.states import transition
from exchange.look import formats
from exchange.participants import vault

Finding, Means = SearchedRevision.Finding, SearchedRevision.Means
State = SubjectRequest.State


def personal_revisions() -> dict[UUID, list[SealedRevision]]:
    """Every sealed revision of a dataset that is declared to hold data of persons, by its seller."""
    personal = DeclaredDataset.objects.exclude(personal_data__in=("", "none")).values("pk")
    found: dict[UUID, list[SealedRevision]] = {}
    for row in SealedRevision.objects.filter(dataset_id__in=personal).order_by(
        "seller_id", "dataset_id", "number"
    ):
        found.setdefault(row.seller_id, []).append(row)
    return found


@transaction.atomic
def ask(request: SubjectRequest, sellers: Collection[UUID], told: str, *, by: Actor) -> list[SellerSearch]:
    """Ask sellers to search their datasets of persons. `told` is what each may know to find the person: no more than
    that. A seller that was asked before is not asked again."""
    identity.require_officer(request, by)
    identity.take_turns(request)
    if request.state != State.IN_PROGRESS:
        raise Conflict(
            "sellers are asked once the identity is known and the work has begun", code="wrong_state"
        )
    known = personal_revisions()
    if unknown := set(sellers) - known.keys():
        raise Invalid(f"{len(unknown)} of these sellers have no dataset of persons", code="seller_unknown")
    words = text.prose(told, name="what the seller is told", at_least=3, at_most=2_000)
    before = set(request.searches.values_list("seller_id", flat=True))
    made = []
    for seller_id in sorted(set(sellers) - before):
        record, digest = vault.seal(request.vault_name, {"told": words}, by.at)
        search = SellerSearch.objects.create(
            request=request, seller_id=seller_id, told=record, asked_at=by.at, due_at=_due(request, by.at)
        )
        SearchedRevision.objects.bulk_create(
            SearchedRevision(search=search, dataset_id=row.dataset_id, revision_id=row.pk)
            for row in known[seller_id]
        )
        facts: dict[str, Fact] = {
            "revisions": len(known[seller_id]),
            "sealed": {"record": str(record), "sha256": digest},
        }
        events.record("sellersearch.asked", search, by=by, facts=facts)
        made.append(search)
    return made


@transaction.atomic
def read_told(search: SellerSearch, *, by: Actor) -> str:
    """What the seller may know of the person, while it searches; each look is an Event."""
    _require_seller(search, by)
    _require_asked(search)
    said = vault.read(search.told)
    if said is None:
        raise Conflict("this was erased; nobody can read it any more", code="vault_shredded")
    events.record("sellersearch.opened", search, by=by)
    return said["told"]


@transaction.atomic
def look_up(search: SellerSearch, written: str, *, by: Actor) -> SellerSearch:
    """Look one digest up in the seller's own indexes of the revisions it is asked about. The digest is not kept. Where
    every revision has an index, the search is answered with it."""
    _require_seller(search, by)
    _require_asked(search)
    digest = index_files.read_digest(written)
    waiting = list(search.revisions.filter(finding=Finding.WAITING))
    known = index_files.newest_of(search.seller_id, [row.revision_id for row in waiting])
    if not known:
        raise Conflict(
            "no index of persons is filed for what is still to be searched: answer by hand", code="no_index"
        )
    found = 0
    for row in waiting:
        if (index := known.get(row.revision_id)) is not None:
            is_in_it = index_files.holds(index, digest)
            found += is_in_it
            _find(search.revisions.filter(pk=row.pk), is_found=is_in_it, means=Means.INDEX)
    facts = {"revisions": len(known), "found": found}
    events.record("sellersearch.looked_up", search, by=by, facts=facts)
    return _answered(search, by)


@transaction.atomic
def answer_by_hand(search: SellerSearch, findings: Mapping[UUID, bool], *, by: Actor) -> SellerSearch:
    """Say of revisions whether the person is in them: revision -> yes or no. The search is answered once nothing is
    left; until then each answer may be given anew."""
    _require_seller(search, by)
    _require_asked(search)
    rows = search.revisions.filter(revision_id__in=list(findings))
    if rows.count() != len(findings) or not findings:
        raise Invalid("name revisions that this search asks about", code="revision_unknown")
    for row in rows:
        _find(search.revisions.filter(pk=row.pk), is_found=findings[row.revision_id], means=Means.HAND)
    return _answered(search, by)


@transaction.atomic
def dismiss(search: SellerSearch, reason: str, *, by: Actor) -> SellerSearch:
    """Go on without a seller's answer, for a reason that is kept."""
    identity.require_officer(search.request, by)
    given = text.reason(reason)
    return transition(search, "dismiss", by=by, typed={"reason": given}, closed_at=by.at)


def found_in(request: SubjectRequest) -> list[SearchedRevision]:
    """The revisions in which sellers found the person."""
    rows = SearchedRevision.objects.filter(search__request=request, finding=Finding.FOUND)
    return list(rows.order_by("dataset_id", "revision_id"))


def is_open(request: SubjectRequest) -> bool:
    """Whether a seller has still to answer."""
    return request.searches.filter(state=SellerSearch.State.ASKED).exists()


def titles(rows: Iterable[SearchedRevision]) -> dict[UUID, str]:
    """The datasets of these rows by their names."""
    return labels.names("dataset", {row.dataset_id for row in rows})


def _answered(search: SellerSearch, by: Actor) -> SellerSearch:
    """Close the search once every revision was searched."""
    if search.revisions.filter(finding=Finding.WAITING).exists():
        return search
    found = search.revisions.filter(finding=Finding.FOUND).values_list("revision_id", flat=True)
    facts: dict[str, Fact] = {"found": sorted(map(str, found)), "searched": search.revisions.count()}
    return transition(search, "answer", by=by, facts=facts, closed_at=by.at)


def _find(row: QuerySet[SearchedRevision], *, is_found: bool, means: str) -> None:
    row.update(finding=Finding.FOUND if is_found else Finding.NOT_FOUND, means=means)


def _require_seller(search: SellerSearch, by: Actor) -> None:
    by.require(Scope.SELL)
    if by.participant_id != search.seller_id:
        raise Forbidden("only the seller that is asked answers", code="other_organisation")


def _require_asked(search: SellerSearch) -> None:
    """Two members who answer at once take turns here; SQLite's writers do so anyway."""
    now = SellerSearch.objects.select_for_update().get(pk=search.pk)
    if now.state != SellerSearch.State.ASKED:
        raise Conflict(f"this search is {now.state}; nothing is left to answer", code="wrong_state")


def _due(request: SubjectRequest, at: datetime) -> datetime:
    """The profile's time for sellers, but never after the request's own."""
    profile, zone = law.profile_of(request), formats.zone()
    theirs = deadlines.due(profile, "request.seller_task", at, country=request.country, zone=zone)
    return min(theirs, max(request.due_at, at))
