"""Who may see which request: officers all but their own, a seller the searches that it is asked for, and the person,
by a secret link, the one that is theirs."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from compliance import queries as desk_queries
from compliance.models import PersonsIndex, RequestLetter, SealedRevision, SellerSearch, SubjectRequest
from compliance.requests import identity
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.kernel.models import Event

State = SubjectRequest.State
_CONFIRMED = ~Q(channel=SubjectRequest.Channel.FORM) | Q(confirmed_at__isnull=False)
_OPEN = Q(state__in=SubjectRequest.OPEN)
_LATE = ~Q(delay_reason="")
CHOICES = ("open", "unconfirmed", "closed", "late")


def requests_visible_to(actor: Actor, *, which: str = "") -> QuerySet[SubjectRequest]:
    """Requests of persons, for officers: all, or those that are open, wait for their address, are closed, or
    late: past their time now, or answered after it."""
    actor.require(Scope.AUDIT)
    rows = SubjectRequest.objects.all()
    if which == "open":
        return rows.filter(_OPEN, _CONFIRMED)
    if which == "unconfirmed":
        return rows.filter(_OPEN).exclude(_CONFIRMED)
    if which == "late":
        return rows.filter(_LATE | (_OPEN & _CONFIRMED & Q(paused_at=None, due_at__lt=actor.at)))
    return rows.exclude(_OPEN) if which == "closed" else rows


def request_visible_to(actor: Actor, request_id: UUID) -> SubjectRequest:
    """One request, for an officer who is not the person that asks."""
    found = requests_visible_to(actor).filter(pk=request_id).first()
    if found is None:
        raise NotFound("there is no such request for you")
    identity.require_officer(found, actor)
    return found


def request_by(token: str) -> SubjectRequest:
    """The request that a secret link leads to; who holds the link may see it."""
    found = SubjectRequest.objects.filter(token_hash=hash_of_token(token)).first()
    if found is None or (found.state == State.WITHDRAWN and found.confirmed_at is None):
        raise NotFound("no request has this link", code="request_not_found")
    return found


def hash_of_token(token: str) -> str:
    """What is kept of the token in a secret link."""
    return hashlib.sha256(token.encode()).hexdigest()


def request(request_id: UUID) -> SubjectRequest:
    """The request of this id, for tasks."""
    return SubjectRequest.objects.get(pk=request_id)


def open_requests(actor: Actor) -> int:
    """How many requests wait for this officer; none for anybody else."""
    return requests_visible_to(actor, which="open").count() if actor.can(Scope.AUDIT) else 0


def due_before(moment: datetime) -> QuerySet[SubjectRequest]:
    """The requests whose clock runs out before then, for tasks."""
    return SubjectRequest.objects.filter(_OPEN, _CONFIRMED, paused_at=None, due_at__lt=moment).order_by(
        "due_at"
    )


def searches_visible_to(actor: Actor, *, state: str | None = None) -> QuerySet[SellerSearch]:
    """What sellers are asked to search: its own for each, all for officers."""
    if not actor.can(Scope.AUDIT):
        actor.require(Scope.READ)
    rows = SellerSearch.objects.select_related("request")
    if state:
        rows = rows.filter(state=state)
    if actor.can(Scope.AUDIT):
        return rows
    return rows.filter(seller_id=actor.participant_id) if actor.participant_id else rows.none()


def search_visible_to(actor: Actor, search_id: UUID) -> SellerSearch:
    """One search; of a request of their own not even an officer sees it."""
    found = searches_visible_to(actor).filter(pk=search_id).first()
    if found is None:
        raise NotFound("there is no such search for you")
    if actor.can(Scope.AUDIT):
        identity.require_officer(found.request, actor)
    return found


def own_searches(actor: Actor) -> QuerySet[SellerSearch]:
    """What the actor's own organisation is asked to search."""
    actor.require(Scope.READ)
    if actor.participant_id is None:
        return SellerSearch.objects.none()
    return SellerSearch.objects.filter(seller_id=actor.participant_id)


def waiting_searches(actor: Actor) -> int:
    """How many searches the actor's organisation has to answer."""
    waits = actor.participant_id is not None and actor.can(Scope.SELL)
    return own_searches(actor).filter(state=SellerSearch.State.ASKED).count() if waits else 0


def searches_due_before(moment: datetime) -> QuerySet[SellerSearch]:
    """The searches whose time runs out before then, for tasks."""
    return SellerSearch.objects.filter(state=SellerSearch.State.ASKED, due_at__lt=moment).order_by("due_at")


def own_indexes(actor: Actor) -> QuerySet[PersonsIndex]:
    """The indexes of persons that the actor's organisation has filed."""
    actor.require(Scope.READ)
    if actor.participant_id is None:
        return PersonsIndex.objects.none()
    return PersonsIndex.objects.filter(seller_id=actor.participant_id)


def own_revision(actor: Actor, revision_id: UUID) -> SealedRevision:
    """A sealed revision of the actor's own organisation, as the log knows it."""
    found = SealedRevision.objects.filter(pk=revision_id).first()
    if found is None or found.seller_id != actor.participant_id:
        raise NotFound("the log knows no such sealed revision of yours")
    return found


def letters_of(request: SubjectRequest) -> list[RequestLetter]:
    """What passed between the person and the officers, oldest first."""
    return list(RequestLetter.objects.filter(request=request).order_by("pk"))


def events_of(request: SubjectRequest) -> list[Event]:
    """What happened, oldest first: to the request, and to what sellers were asked for it."""
    subjects = [f"subjectrequest:{request.pk}"]
    subjects += [f"sellersearch:{one}" for one in request.searches.values_list("pk", flat=True)]
    return list(Event.objects.filter(subject__in=subjects).select_related("detail").order_by("id"))


def proven_leaves() -> int:
    """Every leaf below this, counted over all logs, is under a signed head."""
    found = desk_queries.coverage()
    return found.leaves if found else 0
