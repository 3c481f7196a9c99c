"""On what grounds requests are judged that are decided together: offers, parties, data and earlier talks, each read
once. The offers are held, as they are now, until the transaction ends."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from compliance.notices import queries as notices
from contracts.models import Negotiation, Offer
from contracts.negotiations import deadlines
from contracts.offers import audiences, offers
from datasets import datasets
from datasets.datasets import OnSale
from datasets.models import Dataset
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.participants.members import members
from exchange.participants.models import Participant


@dataclass
class Grounds:
    """`cleared` are the parties that are verified now, `talks` the buyers' open talks about the offers, `unanswered`
    the datasets with the buyers that owe an answer about them."""

    offers: dict[UUID, Offer]
    cleared: dict[UUID, Participant]
    talks: dict[tuple[UUID, UUID], list[Negotiation]]
    unanswered: set[tuple[UUID, UUID]]
    _on_sale: dict[UUID, OnSale | ExchangeError] = field(default_factory=dict)

    def buyer(self, by: Actor) -> Participant:
        """Who buys, if it may."""
        by.require(Scope.BUY)
        if by.participant_id is None:
            raise Forbidden("only an organisation that takes part may buy")
        return self.cleared.get(by.participant_id) or members.require_cleared(by.participant_id)

    def require_audience(self, offer: Offer, by: Actor) -> None:
        """Refuse who belongs to an offer's audience no more, though a talk about it still shows the offer."""
        if offer.audience != Offer.Audience.PUBLIC:
            audiences.require_in(offer, by)

    def require_answered(self, dataset_id: UUID, buyer_id: UUID) -> None:
        """Refuse who owes an answer about the data: its rights to them are suspended, and a new one would be."""
        if (dataset_id, buyer_id) in self.unanswered:
            raise _owes_an_answer()

    def on_sale(self, dataset: Dataset) -> OnSale:
        """What is sold of a dataset; the refusal where nothing may be."""
        found = self._on_sale.get(dataset.pk)
        if found is None:
            found = self._on_sale[dataset.pk] = _on_sale(dataset)
        if isinstance(found, ExchangeError):
            raise found
        return found

    def overdue(self, offer: Offer, buyer: Participant, at: datetime) -> list[Negotiation]:
        """The buyer's talks about an offer whose deadline has passed; Conflict while one is open."""
        earlier = self.talks.get((offer.pk, buyer.pk), [])
        if any(not deadlines.has_passed(talk, at) for talk in earlier):
            raise Conflict("you have an open request for this offer already", code="already_requested")
        return earlier


def read(offer_ids: Collection[UUID], buyer_ids: Collection[UUID]) -> Grounds:
    """Hold the offers, and read what requests of these buyers for them are judged by."""
    held = offers.hold_many(offer_ids)
    parties = {*buyer_ids, *(offer.seller_id for offer in held.values())}
    talks = defaultdict(list)
    for talk in Negotiation.objects.filter(
        offer__in=held, buyer__in=list(buyer_ids), state__in=Negotiation.OPEN
    ):
        talks[talk.offer_id, talk.buyer_id].append(talk)
    datasets_asked = {offer.dataset_id for offer in held.values()}
    unanswered = notices.unanswered(datasets_asked, buyer_ids)
    return Grounds(held, members.cleared(parties), dict(talks), unanswered)


def require_answered(dataset_id: UUID, buyer_id: UUID) -> None:
    """The same for one buyer that is about to sign."""
    if notices.is_unanswered(dataset_id, buyer_id):
        raise _owes_an_answer()


def _owes_an_answer() -> Conflict:
    return Conflict(
        "your organisation has not answered a notice about this dataset; answer it first",
        code="notice_unanswered",
    )


def _on_sale(dataset: Dataset) -> OnSale | ExchangeError:
    try:
        return datasets.on_sale(dataset)
    except ExchangeError as refusal:
        return refusal
