"""The catalogue: what a visitor may find. A dataset that has no offer for an actor is nowhere: not in the list, not
by search, not at its address."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from contracts import queries
from contracts.models import Agreement, Offer
from datasets.models import Dataset
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound

MOST_WORDS = 10


@dataclass(frozen=True)
class Search:
    """What a visitor looks for; an empty field does not narrow."""

    q: str = ""
    theme: str = ""
    language: str = ""
    seller: UUID | None = None
    personal_data: str = ""
    state: str = ""


def datasets_visible_to(actor: Actor, search: Search | None = None) -> QuerySet[Dataset]:
    """On the market with an offer for the actor, or its own; officers find all."""
    datasets = Dataset.objects.select_related("seller")
    if not (actor.is_system or actor.can(Scope.AUDIT)):
        datasets = datasets.filter(_on_market_for(actor) | Q(seller_id=actor.participant_id))
    return _narrowed(datasets, search or Search())


def dataset_visible_to(actor: Actor, dataset_id: UUID) -> Dataset:
    """One dataset; who holds an agreement on it goes on seeing it after it was retired."""
    datasets = Dataset.objects.select_related("seller").filter(pk=dataset_id)
    if not (actor.is_system or actor.can(Scope.AUDIT)):
        holds = Exists(Agreement.objects.filter(dataset=OuterRef("pk"), buyer_id=actor.participant_id))
        datasets = datasets.filter(_on_market_for(actor) | Q(seller_id=actor.participant_id) | holds)
    found = datasets.first()
    if found is None:
        raise NotFound("there is no such dataset")
    return found


def offers_of(actor: Actor, dataset: Dataset) -> list[Offer]:
    """The dataset's offers that the actor may see, newest first."""
    return list(queries.offers_visible_to(actor).filter(dataset=dataset).order_by("-pk"))


def _on_market_for(actor: Actor) -> Q:
    offers = queries.offers_visible_to(actor).filter(state=Offer.State.PUBLISHED, dataset=OuterRef("pk"))
    return Q(Exists(offers), state=Dataset.State.PUBLISHED, seller__state="verified")


def _narrowed(datasets: QuerySet[Dataset], search: Search) -> QuerySet[Dataset]:
    exact = {
        "theme": search.theme,
        "language": search.language,
        "seller_id": search.seller,
        "personal_data": search.personal_data,
        "state": search.state,
    }
    datasets = datasets.filter(**{field: value for field, value in exact.items() if value})
    if search.q:
        datasets = datasets.annotate(keyword_text=Cast("keywords", TextField()))
    for word in search.q.split()[:MOST_WORDS]:
        datasets = datasets.filter(
            Q(title__icontains=word)
            | Q(summary__icontains=word)
            | Q(description__icontains=word)
            | Q(keyword_text__icontains=word)
        )
    return datasets
