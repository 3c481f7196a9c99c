"""The catalogue: what a visitor may find. A dataset that has no offer for an actor is nowhere: not in the list, not
by search, not in a count, not at its address."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from contracts import queries
from contracts.catalogue.entries import PERMISSIONS, marks_of, tokens_in_turn, tokens_of
from contracts.catalogue.searches import ALLOWED, Order, Search, Values, holds, narrowed, stands_for
from contracts.choices import choices
from contracts.models import Agreement, Offer
from datasets import search as index
from datasets.models import Dataset
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid, NotFound
from exchange.kernel.pagination import LARGEST_PAGE, PAGE_SIZE, page
from exchange.participants.models import Participant

__all__ = [
    "Count",
    "Entry",
    "Found",
    "Order",
    "Search",
    "dataset_visible_to",
    "datasets_visible_to",
    "offers_of",
    "search",
]

FACETS = (
    *("theme", "personal_data", "seller", "seller_country"),
    *("language", "country", "frequency", "media_type"),
)
OFFER_FACETS: Mapping[str, tuple[str, ...]] = {
    "price": ("free", "paid"),
    "sale": ("validation", "instant"),
    **dict.fromkeys(PERMISSIONS, ("yes", "if", "no", ALLOWED)),
}
MOST_COUNTS = 100
"""Of each facet, the values that most datasets have."""

MOST_LOOKED_AT = 2_000
"""Datasets whose offers one page of a list may look at while the index is away."""

_CURSOR = re.compile(r"from-([0-9]{1,6})")


@dataclass(frozen=True)
class Entry:
    """A dataset in the catalogue, with its offers on the market that the actor may see."""

    dataset: Dataset
    offers: list[Offer]


@dataclass(frozen=True)
class Count:
    """How many datasets have a value; `label` is the name of a participant."""

    value: str
    count: int
    label: str = ""


@dataclass(frozen=True)
class Found:
    """A page of the catalogue. `total` and `facets` are None where nobody asked for them, and while the index is
    being rebuilt; then the list is not ranked and finds words only as they are written. `start` is how many stand
    before this page. `correction` is another text that finds much more, where next to nothing has the words that were
    asked for."""

    items: list[Entry]
    next_cursor: str | None
    total: int | None = None
    facets: Mapping[str, list[Count]] | None = None
    is_corrected: bool = False
    is_rebuilding: bool = False
    start: int = 0
    correction: str = ""

    @property
    def previous_cursor(self) -> str | None:
        """Of the page before; None where that is the first."""
        return f"from-{self.start - PAGE_SIZE}" if self.start > PAGE_SIZE else None


def search(
    actor: Actor,
    wanted: Search,
    *,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
    with_facets: bool = False,
) -> Found:
    """A page of what the actor may find. A plain list, newest dataset first, comes from the database and is never out
    of date; words, offers, counts and other orders come from the index, which follows within seconds."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise Invalid(f"limit must be from 1 to {LARGEST_PAGE}; it is {limit}")
    if not (with_facets or wanted.text() or wanted.offer_marks() or wanted.order != "match"):
        rows = page(narrowed(datasets_visible_to(actor), wanted), cursor=cursor, limit=limit)
        return Found(_entries(actor, rows.items), rows.next_cursor)
    start = _start(cursor)
    try:
        return _indexed(actor, wanted, start, limit, with_facets)
    except index.Unreadable:
        return _listed(actor, wanted, start, limit)


def datasets_visible_to(actor: Actor) -> QuerySet[Dataset]:
    """On the market with an offer for the actor, or its own; officers find all."""
    datasets = Dataset.objects.select_related("seller")
    if actor.is_system or actor.can(Scope.AUDIT):
        return datasets
    return datasets.filter(_on_market_for(actor) | Q(seller_id=_reads_for(actor)))


def dataset_visible_to(actor: Actor, dataset_id: UUID) -> Dataset:
    """One dataset; who holds an agreement on it goes on seeing it after it was retired."""
    datasets = Dataset.objects.select_related("seller").filter(pk=dataset_id)
    if not (actor.is_system or actor.can(Scope.AUDIT)):
        holds = Exists(Agreement.objects.filter(dataset=OuterRef("pk"), buyer_id=_reads_for(actor)))
        datasets = datasets.filter(_on_market_for(actor) | Q(seller_id=_reads_for(actor)) | holds)
    found = datasets.first()
    if found is None:
        raise NotFound("there is no such dataset")
    return found


def offers_of(actor: Actor, dataset: Dataset) -> list[Offer]:
    """The dataset's offers that the actor may see, newest first; of those on the market, what exists for it now."""
    is_open = ~Q(state=Offer.State.PUBLISHED) | queries.exists_for(actor)
    return list(queries.offers_visible_to(actor).filter(is_open, dataset=dataset).order_by("-pk"))


def _reads_for(actor: Actor) -> UUID | None:
    """The participant for which the actor may read; none without the scope."""
    return actor.participant_id if actor.can(Scope.READ) else None


def _on_market_for(actor: Actor) -> Q:
    offers = _offers_for(actor).filter(dataset=OuterRef("pk"))
    return Q(Exists(offers), state=Dataset.State.PUBLISHED, seller__state="verified")


def _offers_for(actor: Actor) -> QuerySet[Offer]:
    """What is on the market and exists for the actor now."""
    on_market = queries.offers_visible_to(actor).filter(state=Offer.State.PUBLISHED)
    return on_market.filter(queries.exists_for(actor))


def _indexed(actor: Actor, wanted: Search, start: int, limit: int, with_facets: bool) -> Found:
    question = index.Question(
        tokens=tokens_of(actor),
        text=wanted.text(),
        marks=wanted.marks(),
        variant_marks=wanted.offer_marks(),
        order=wanted.order_of_index(),
        amounts_of=tokens_in_turn(actor),
    )
    offer_facets = {
        name: {value: stands_for((value,)) for value in values} for name, values in OFFER_FACETS.items()
    }
    hits = index.find(
        question,
        limit=limit,
        offset=start,
        facets=FACETS if with_facets else (),
        variant_facets=offer_facets if with_facets else None,
    )
    rows = datasets_visible_to(actor).in_bulk(hits.ids)  # the index may be a moment behind what may be seen
    following = start + limit
    return Found(
        _entries(actor, [rows[dataset_id] for dataset_id in hits.ids if dataset_id in rows]),
        f"from-{following}" if following < min(hits.total, index.DEEPEST) else None,
        hits.total,
        _facets(actor, wanted, hits.counts) if with_facets else None,
        hits.is_corrected,
        start=start,
        correction=hits.correction,
    )


def _listed(actor: Actor, wanted: Search, start: int, limit: int) -> Found:
    """The same from the database alone, newest first."""
    rows = narrowed(datasets_visible_to(actor), wanted).order_by("-pk")
    asked, following = wanted.offer_marks(), start + limit
    if not asked:
        entries = _entries(actor, list(rows[start : following + 1]))
        return replace(_cut(entries, 0, limit, following), start=start)
    entries = []
    for first in range(0, MOST_LOOKED_AT, LARGEST_PAGE):
        batch = _entries(actor, list(rows[first : first + LARGEST_PAGE]))
        entries += [entry for entry in batch if any(_holds_of(asked, offer) for offer in entry.offers)]
        if len(entries) > following or len(batch) < LARGEST_PAGE:
            break
    return _cut(entries, start, limit, following)


def _holds_of(asked: Mapping[str, Values], offer: Offer) -> bool:
    return any(holds(asked, marks_of(offer, one)) for one in choices.of(offer))


def _cut(entries: list[Entry], start: int, limit: int, following: int) -> Found:
    more = len(entries) > start + limit
    return Found(
        entries[start : start + limit], f"from-{following}" if more else None, is_rebuilding=True, start=start
    )


def _entries(actor: Actor, datasets: Collection[Dataset]) -> list[Entry]:
    offers: dict[UUID, list[Offer]] = defaultdict(list)
    published = _offers_for(actor).filter(dataset__in=datasets)
    for offer in published.order_by("-pk"):
        offers[offer.dataset_id].append(offer)
    return [Entry(dataset, offers[dataset.pk]) for dataset in datasets]


def _facets(actor: Actor, wanted: Search, counts: Mapping[str, Mapping[str, int]]) -> dict[str, list[Count]]:
    """What was counted, the values that are asked for at 0 included, so that what was ticked can be unticked."""
    asked = {**wanted.marks(), **{name: getattr(wanted, name) for name in OFFER_FACETS}}
    shown = {
        name: [*(_most(counted) if name in FACETS else counted), *asked.get(name, ())]
        for name, counted in counts.items()
    }
    names = _names_of_sellers(actor, counts.get("seller", {}), asked.get("seller", ()))
    return {
        name: [
            Count(value, counts[name].get(value, 0), names.get(value, "") if name == "seller" else "")
            for value in dict.fromkeys(values)
            if value
        ]
        for name, values in shown.items()
    }


def _names_of_sellers(actor: Actor, counted: Mapping[str, int], asked: Collection[str]) -> dict[str, str]:
    """By their ids; nothing is told of who has nothing that the actor may find."""
    ids = {UUID(value) for value in _most(counted)}
    if others := [UUID(value) for value in asked if value not in counted]:
        theirs = datasets_visible_to(actor).filter(seller__in=others)
        ids.update(theirs.order_by().values_list("seller_id", flat=True).distinct())
    return {str(row.pk): row.name for row in Participant.objects.filter(pk__in=ids)}


def _most(counted: Mapping[str, int]) -> list[str]:
    return sorted(counted, key=lambda value: (-counted[value], value))[:MOST_COUNTS]


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if (read := _CURSOR.fullmatch(cursor)) is None:
        raise Invalid(
            "this cursor is not one that this search answered; start again without", code="bad_cursor"
        )
    return int(read[1])
