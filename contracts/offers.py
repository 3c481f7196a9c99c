"""Offers: a dataset on terms, at a price, for an audience. Once published, what an offer says never changes;
another offer takes its place."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from contracts import terms as usage_terms
from contracts.models import Offer, OfferAudience
from datasets import datasets
from datasets.models import Dataset
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition
from exchange.participants import members
from exchange.participants import queries as participants
from payments import plans

MOST_NAMED = 500


@transaction.atomic
def draft(
    dataset: Dataset,
    *,
    title: str,
    terms: object,
    plan: object,
    named: Collection[UUID] | None = None,
    sale: str = Offer.Sale.VALIDATION,
    by: Actor,
) -> Offer:
    """Write an offer that nobody sees yet; `named` are the only participants it will exist for, None is all."""
    _require_seller(dataset.seller_id, by)
    if sale not in Offer.Sale.values:
        raise Invalid(f"sale must be one of {', '.join(Offer.Sale.values)}; it is {sale!r}")
    offer = Offer.objects.create(
        id=new_id(),
        dataset=dataset,
        seller_id=dataset.seller_id,
        title=text.line(title, name="title"),
        terms=usage_terms.parse(terms).to_list(),
        plan=plans.parse(plan).to_dict(),
        audience=Offer.Audience.PUBLIC if named is None else Offer.Audience.NAMED,
        sale=sale,
        created_at=by.at,
    )
    if named is not None:
        _name_audience(offer, named, by)
    events.record("offer.drafted", offer, by=by, typed={"title": offer.title})
    return offer


@transaction.atomic
def publish(offer: Offer, *, by: Actor) -> Offer:
    """Put a draft offer on the market, so any cleared buyer of its audience may request it."""
    _require_seller(offer.seller_id, by)
    if not offer.dataset.is_published:
        raise Conflict("the dataset must be published before its offers", code="dataset_not_published")
    if offer.sale == Offer.Sale.INSTANT and datasets.has_personal_data(offer.dataset):
        raise Conflict(
            "instant sale is only for datasets without personal data; choose sale by validation",
            code="personal_data_needs_validation",
        )
    return transition(offer, "publish", by=by, published_at=by.at)


@transaction.atomic
def withdraw(offer: Offer, *, by: Actor) -> Offer:
    """Take an offer off the market; requests in flight and agreements keep their terms."""
    by.require(Scope.SELL)
    if not by.acts_for(offer.seller_id):
        raise Forbidden("only the seller may do this")
    return transition(offer, "withdraw", by=by)


def _require_seller(seller_id: UUID, by: Actor) -> None:
    by.require(Scope.SELL)
    if not by.acts_for(seller_id):
        raise Forbidden("only the seller may do this")
    members.require_cleared(seller_id)


def _name_audience(offer: Offer, named: Collection[UUID], by: Actor) -> None:
    wanted = set(named)
    if not 1 <= len(wanted) <= MOST_NAMED:
        raise Invalid(f"name from 1 to {MOST_NAMED} participants; there are {len(wanted)}")
    for participant_id in wanted:
        participants.participant_visible_to(by, participant_id)
    OfferAudience.objects.bulk_create(
        OfferAudience(offer=offer, participant_id=participant_id) for participant_id in sorted(wanted)
    )
