"""Audiences: for whom an offer exists. Of a private link only a hash is kept, and who opens it joins the offer's
audience; for all others the offer does not exist."""

import hashlib
import secrets

from django.db import IntegrityError, transaction

from contracts import queries
from contracts.models import Offer, OfferAudience
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, NotFound
from exchange.kernel.ids import new_id
from exchange.participants.members import members


@transaction.atomic
def link(offer: Offer, *, by: Actor) -> str:
    """A fresh link's token, answered this once; the one before opens nothing any more. Who has opened that one stays in
    the audience."""
    by.require(Scope.SELL)
    if not by.acts_for(offer.seller_id):
        raise Forbidden("only the seller may do this")
    members.require_cleared(offer.seller_id)
    if offer.audience != Offer.Audience.LINK:
        raise Conflict("this offer is not one for a private link", code="no_link_offer")
    token = secrets.token_urlsafe(32)
    live = Offer.objects.filter(pk=offer.pk).exclude(state=Offer.State.WITHDRAWN)
    if not live.update(link_hash=_hash(token)):
        raise Conflict("this offer is off the market for good", code="offer_not_published")
    offer.refresh_from_db()
    events.record("offer.linked", offer, by=by)
    return token


@transaction.atomic
def open_link(token: str, *, by: Actor) -> Offer:
    """Join the audience of the offer that a link is for; a second time changes nothing. NotFound for every link that
    opens nothing now."""
    by.require(Scope.READ)
    if by.participant_id is None:
        raise Forbidden("only an organisation that takes part may do this")
    offers = Offer.objects.select_related("dataset").filter(queries.market_at(by.at), link_hash=_hash(token))
    offer = offers.first()
    if offer is None or offer.audience != Offer.Audience.LINK:
        raise NotFound("this link opens no offer")
    if offer.seller_id == by.participant_id or offer.named.filter(participant_id=by.participant_id).exists():
        return offer
    try:
        with transaction.atomic():
            OfferAudience.objects.create(id=new_id(), offer=offer, participant_id=by.participant_id)
    except IntegrityError:
        return offer  # a colleague was quicker
    events.record("offer.joined", offer, by=by, facts={"participant": str(by.participant_id)})
    return offer


def require_in(offer: Offer, by: Actor) -> None:
    """Refuse who belongs to an offer's audience no more, though a talk about it still shows the offer."""
    if not Offer.objects.filter(queries.exists_for(by), pk=offer.pk).exists():
        raise NotFound("there is no such offer")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
