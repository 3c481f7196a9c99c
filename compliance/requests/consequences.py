"""What follows for others once a person was found in revisions: their recipients are told what to do, by one notice for
each dataset. What a legal hold keeps is restricted instead of erased."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from django.db import transaction

from compliance import notices
from compliance.models import RecipientNotice, SearchedRevision, SellerSearch, SubjectRequest
from compliance.notices.opening import Kind as NoticeKind
from compliance.requests import identity, law, seller_search
from compliance.retention import legal_holds
from exchange.kernel import events, text
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict

Kind = SubjectRequest.Kind
TOLD: Mapping[str, NoticeKind] = {
    Kind.ERASURE: "erasure",
    Kind.RECTIFICATION: "correction",
    Kind.RESTRICTION: "restriction",
}
"""Which requests recipients are told of (Art. 19), and as what."""


@transaction.atomic
def tell_recipients(request: SubjectRequest, message: str, *, by: Actor) -> list[RecipientNotice]:
    """Tell all who received a revision in which the person was found; done again, it tells of what was found since."""
    identity.require_officer(request, by)
    said = text.prose(message, name="message", at_least=10, at_most=2_000)
    identity.take_turns(request)
    if request.state != SubjectRequest.State.IN_PROGRESS or request.kind not in TOLD:
        raise Conflict("there is nothing to tell recipients of this request now", code="wrong_state")
    found = to_tell(request)
    if not found:
        raise Conflict("no seller has found the person in a revision", code="nothing_found")
    opened, held = [], []
    for dataset_id, rows in groupby(found, key=lambda row: row.dataset_id):
        kind = TOLD[request.kind]
        holds = legal_holds.covering(
            dataset_id=dataset_id, request_id=request.pk, person=request.person, at=by.at
        )
        if kind == "erasure" and holds:
            kind = "restriction"
            held += [str(hold.pk) for hold in holds]
        opened.append(
            notices.open_notice(
                occasion=occasion_of(request),
                kind=kind,
                dataset_id=dataset_id,
                revision_ids=[row.revision_id for row in rows],
                message=said,
                by=by,
            )
        )
    SubjectRequest.objects.filter(pk=request.pk).update(told_at=by.at)
    events.record(
        "subjectrequest.recipients_told", request, by=by, facts={"notices": [str(one.pk) for one in opened]}
    )
    if held:
        _limit(request, held, by)
    request.refresh_from_db()
    return opened


def to_tell(request: SubjectRequest) -> list[SearchedRevision]:
    """The revisions of searches that are answered in which the person is: no more of a dataset comes to them."""
    found = seller_search.found_in(request)
    asked = request.searches.filter(state=SellerSearch.State.ASKED).values_list("pk", flat=True)
    return [row for row in found if row.search_id not in set(asked)]


def occasion_of(request: SubjectRequest) -> str:
    """How notices name the request that they follow from."""
    return f"request:{request.pk}"


def limit_if_held(request: SubjectRequest, *, by: Actor) -> bool:
    """Make an erasure a restriction where a legal hold covers the person or the request; answers whether it is one."""
    if request.kind != Kind.ERASURE or request.limited_by:
        return bool(request.limited_by)
    holds = legal_holds.covering(request_id=request.pk, person=request.person, at=by.at)
    if holds:
        _limit(request, [str(hold.pk) for hold in holds], by)
    return bool(holds)


def _limit(request: SubjectRequest, holds: Iterable[str], by: Actor) -> None:
    ground = law.held(request)
    SubjectRequest.objects.filter(pk=request.pk).update(limited_by=ground.code)
    request.refresh_from_db()
    facts = {"ground": ground.code, "holds": sorted(set(holds))}
    events.record("subjectrequest.limited", request, by=by, facts=facts)
