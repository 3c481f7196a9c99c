"""Reads of data requests and their answers, always for an actor. Sellers find the open ones that are for them, and
those that they have answered; of answers each side sees its own."""

import json
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from contracts import queries
from contracts.models import Agreement, DataRequest, DataRequestAnswer, DataRequestAudience, Offer
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.participants.models import Participant

MOST_WORDS = 10


def data_requests_visible_to(actor: Actor) -> QuerySet[DataRequest]:
    """An organisation's own and those that it has answered; for who may sell for a verified one, besides, the open ones
    that are for it; an officer sees all."""
    rows = DataRequest.objects.select_related("buyer")
    if actor.is_system or actor.can(Scope.AUDIT):
        return rows
    actor.require(Scope.READ)
    mine = actor.participant_id
    if mine is None:
        return rows.none()
    answered = DataRequestAnswer.objects.filter(seller_id=mine).values("data_request")
    party = Q(buyer_id=mine) | Q(pk__in=answered)
    if not actor.can(Scope.SELL):
        return rows.filter(party)
    is_cleared = Exists(Participant.objects.filter(pk=mine, state=Participant.State.VERIFIED))
    named = DataRequestAudience.objects.filter(participant_id=mine).values("data_request")
    for_me = Q(audience=DataRequest.Audience.SELLERS) | Q(pk__in=named)
    is_open = Q(state=DataRequest.State.OPEN, closes_at__gt=actor.at, buyer__state="verified")
    return rows.filter(party | (is_open & for_me & Q(is_cleared)))


def data_request_visible_to(actor: Actor, data_request_id: UUID) -> DataRequest:
    found = data_requests_visible_to(actor).filter(pk=data_request_id).first()
    if found is None:
        raise NotFound("there is no such data request")
    return found


def answered(actor: Actor) -> QuerySet[DataRequest]:
    """Those that the actor's organisation has answered, whatever became of its answers."""
    return _of_others(actor).filter(Exists(_answers_of(actor)))


def unanswered(actor: Actor) -> QuerySet[DataRequest]:
    """The open ones that the actor's organisation may answer and has not."""
    is_open = Q(state=DataRequest.State.OPEN, closes_at__gt=actor.at)
    return _of_others(actor).filter(is_open, ~Exists(_answers_of(actor)))


def waiting(actor: Actor) -> int:
    """How many open data requests the actor's organisation has not answered."""
    may_sell = actor.participant_id is not None and actor.can(Scope.SELL)
    return unanswered(actor).count() if may_sell else 0


def knows_budget(actor: Actor, row: DataRequest) -> bool:
    """Whether the actor may see what a data request may cost."""
    return row.shows_budget or actor.can(Scope.AUDIT) or actor.acts_for(row.buyer_id)


def narrowed(
    rows: QuerySet[DataRequest], *, words: str = "", theme: str = "", state: str = ""
) -> QuerySet[DataRequest]:
    """Those of `rows` with every word in their title or text, with this theme, in this state."""
    rows = rows.filter(state=state) if state else rows
    for word in words.replace("\0", " ").split()[:MOST_WORDS]:
        rows = rows.filter(Q(title__icontains=word) | Q(wanted__icontains=word))
    if not theme:
        return rows
    return rows.annotate(coded=Cast("themes", TextField())).filter(coded__contains=json.dumps(theme))


def answers_visible_to(actor: Actor, data_request_id: UUID | None = None) -> QuerySet[DataRequestAnswer]:
    """The answers that the actor's organisation has given or received; an officer sees all."""
    rows = DataRequestAnswer.objects.select_related("data_request", "offer__dataset", "seller", "buyer")
    if data_request_id is not None:
        rows = rows.filter(data_request=data_request_visible_to(actor, data_request_id))
    if actor.is_system or actor.can(Scope.AUDIT):
        return rows
    actor.require(Scope.READ)
    return rows.filter(Q(seller_id=actor.participant_id) | Q(buyer_id=actor.participant_id))


def answer_visible_to(actor: Actor, answer_id: UUID) -> DataRequestAnswer:
    found = answers_visible_to(actor).filter(pk=answer_id).first()
    if found is None:
        raise NotFound("there is no such answer")
    return found


def answers_behind(actor: Actor, agreement: Agreement) -> list[UUID]:
    """The answers by which a sale's offer came to its buyer."""
    found = answers_visible_to(actor).filter(offer=agreement.negotiation.offer_id, buyer=agreement.buyer_id)
    return list(found.values_list("pk", flat=True))


def offers_for(actor: Actor, data_request: DataRequest) -> QuerySet[Offer]:
    """The offers of the actor's organisation that it could answer a data request with now."""
    mine = queries.offers_open_to(data_request.buyer_id, actor.at).filter(seller_id=actor.participant_id)
    used = DataRequestAnswer.objects.filter(data_request=data_request, offer=OuterRef("pk"))
    return mine.exclude(Exists(used.exclude(state=DataRequestAnswer.State.WITHDRAWN))).order_by("-pk")


def answerable_with(actor: Actor, offer: Offer) -> QuerySet[DataRequest]:
    """The open data requests, of those for whom an offer was made, that it could answer and does not yet."""
    rows = _of_others(actor).filter(state=DataRequest.State.OPEN, closes_at__gt=actor.at)
    buyers = offer.named.values("participant")
    return rows.filter(buyer__in=buyers).exclude(answers__offer=offer)


def names_of_audience(data_request: DataRequest) -> list[str]:
    """The sellers for whom alone a data request exists, by name."""
    return list(data_request.named.order_by("participant__name").values_list("participant__name", flat=True))


def sellers_named_in(data_request_id: UUID) -> list[UUID]:
    """Whom a data request names; nobody where it is for all sellers."""
    rows = DataRequestAudience.objects.filter(data_request=data_request_id)
    return list(rows.values_list("participant_id", flat=True))


def sellers_who_answered(data_request_id: UUID) -> list[UUID]:
    """Whose answers to a data request stand."""
    rows = DataRequestAnswer.objects.filter(data_request=data_request_id, state=DataRequestAnswer.State.GIVEN)
    return list(rows.values_list("seller_id", flat=True).distinct())


def titles(data_request_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What data requests are called, for notices, which know them by id."""
    return dict(DataRequest.objects.filter(pk__in=data_request_ids).values_list("pk", "title"))


def _of_others(actor: Actor) -> QuerySet[DataRequest]:
    return data_requests_visible_to(actor).exclude(buyer_id=actor.participant_id)


def _answers_of(actor: Actor) -> QuerySet[DataRequestAnswer]:
    return DataRequestAnswer.objects.filter(data_request=OuterRef("pk"), seller_id=actor.participant_id)
