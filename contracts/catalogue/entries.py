"""What the index is told of a dataset: its texts, its marks, its offers as variants, and for whom each exists. An
offer for named participants adds nothing that anybody else could find or count."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

from contracts.choices import choices
from contracts.choices.choices import Choice
from contracts.clauses import countries
from contracts.models import Offer, OfferAudience, OfferGroup
from contracts.terms import terms
from datasets.models import Asset, Dataset, Revision
from datasets.search import Document, Variant
from exchange.kernel import money
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid
from exchange.participants.models import Participant
from payments.plans import plans

PERMISSIONS = ("analyse", "combine", "train_models", "publish_results", "pass_on")
EVERYONE = "everyone"
_OFFICERS = "officers"

_Offered = tuple[Variant, int | None]
"""An offer, or one choice of it, as the index knows it, and what it costs."""


@dataclass
class _Content:
    """What a buyer would get: the files of the revision that can be had now."""

    media_types: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    sealed_at: datetime | None = None


def tokens_of(actor: Actor) -> frozenset[str]:
    """What the actor may see is what one of these opens."""
    if actor.is_system or actor.can(Scope.AUDIT):
        return frozenset({EVERYONE, _OFFICERS})
    if actor.participant_id is None or not actor.can(Scope.READ):
        return frozenset({EVERYONE})
    return frozenset({EVERYONE, _token(actor.participant_id)})


def tokens_in_turn(actor: Actor) -> tuple[str, ...]:
    """The same, what is the actor's own before what is everyone's."""
    return tuple(sorted(tokens_of(actor), key=lambda token: (token == EVERYONE, token)))


def amount_of(way: Offer | Choice) -> int | None:
    """What an offer, or one choice of it, costs, in thousandths of its currency's unit: once, for a period, or in all;
    None where that depends on the use or has to be asked for. Amounts of several currencies are compared as they are:
    no rate is true for long."""
    try:
        plan = plans.parse(way.plan)
    except Invalid:
        return None
    if plan.price is None:
        return 0 if plan.is_free else None
    thousandths: int = plan.price.minor * 10 ** (3 - money.exponent(plan.price.currency))
    return thousandths


def marks_of(offer: Offer, choice: Choice | None = None) -> dict[str, str]:
    """What an offer, or one choice of it, can be found by: price, kind of sale, and the answer to each permission."""
    way = choice or offer
    price = "free" if way.plan.get("kind") == "free" else "paid"
    sale = Offer.Sale.INSTANT if offer.sale == Offer.Sale.SIGNED else offer.sale  # both are approved at once
    return {"price": price, "sale": str(sale), **_answers(json.dumps(way.terms))}


def documents_of(datasets: Sequence[Dataset]) -> list[Document]:
    """The documents of some datasets; five queries however many there are."""
    variants, contents = _variants(datasets), _contents(datasets)
    return [_document(dataset, variants[dataset.pk], contents[dataset.pk]) for dataset in datasets]


def _variants(datasets: Sequence[Dataset]) -> dict[UUID, list[_Offered]]:
    on_market = {
        row.pk: row.is_published and row.seller.state == Participant.State.VERIFIED for row in datasets
    }
    published = Offer.objects.filter(dataset__in=datasets, state=Offer.State.PUBLISHED).order_by("pk")
    named: dict[UUID, set[str]] = defaultdict(set)
    audience = OfferAudience.objects.filter(offer__in=published).order_by()
    for offer_id, participant_id in audience.values_list("offer_id", "participant_id"):
        named[offer_id].add(_token(participant_id))
    grouped = OfferGroup.objects.filter(offer__in=published).exclude(group__members=None).order_by()
    for offer_id, participant_id in grouped.values_list("offer_id", "group__members__participant_id"):
        named[offer_id].add(_token(participant_id))
    found: dict[UUID, list[_Offered]] = defaultdict(list)
    for offer in published:
        visible_to = frozenset({_token(offer.seller_id), _OFFICERS})
        if on_market[offer.dataset_id] and offer.audience == Offer.Audience.PUBLIC:
            visible_to = frozenset({EVERYONE})
        elif on_market[offer.dataset_id]:
            visible_to |= named[offer.pk]
        found[offer.dataset_id] += [
            (Variant(visible_to, marks_of(offer, one)), amount_of(one)) for one in choices.of(offer)
        ]
    return found


def _amounts(offered: Sequence[_Offered]) -> dict[str, int]:
    """The lowest price that everyone sees and, where it is lower, that who holds another token sees."""
    least: dict[str, int] = {}
    for variant, amount in offered:
        for token in variant.visible_to if amount is not None else ():
            least[token] = min(amount or 0, least.get(token, amount or 0))
    for_all = least.get(EVERYONE)
    return {
        token: amount
        for token, amount in least.items()
        if token == EVERYONE or for_all is None or amount < for_all
    }


def _document(dataset: Dataset, offered: Sequence[_Offered], content: _Content) -> Document:
    variants = tuple(variant for variant, _ in offered)
    own = frozenset({_token(dataset.seller_id), _OFFICERS})
    codes = [place for place in dataset.spatial if is_country(place)]
    names = [countries.name(code, language) for code in codes for language in ("en", "fr")]
    return Document(
        id=dataset.pk,
        visible_to=own.union(*(variant.visible_to for variant in variants)),
        title=dataset.title,
        tags=(*dataset.keywords, dataset.seller.name),
        body=(dataset.summary, dataset.description, *dataset.spatial, *names, *sorted(content.columns)),
        marks={
            "state": [dataset.state],
            "theme": [dataset.theme],
            "language": [dataset.language],
            "seller": [str(dataset.seller_id)],
            "seller_country": [dataset.seller.verified_country],
            "personal_data": filter(None, [dataset.personal_data]),
            "frequency": filter(None, [dataset.frequency]),
            "country": codes,
            "media_type": content.media_types,
        },
        variants=variants,
        amounts=_amounts(offered),
        published_at=dataset.published_at,
        revised_at=content.sealed_at,
    )


def _contents(datasets: Sequence[Dataset]) -> dict[UUID, _Content]:
    sealed = Revision.objects.filter(dataset__in=datasets, state=Revision.State.SEALED).order_by("number")
    found: dict[UUID, _Content] = defaultdict(_Content)
    current: dict[UUID, UUID] = {}
    for dataset_id, revision_id, sealed_at in sealed.values_list("dataset_id", "pk", "sealed_at"):
        current[dataset_id], found[dataset_id].sealed_at = revision_id, sealed_at
    assets = Asset.objects.filter(revision__in=current.values())
    for dataset_id, media_type, columns in assets.values_list(
        "revision__dataset_id", "media_type", "profile__columns"
    ):
        found[dataset_id].media_types.add(media_type)
        found[dataset_id].columns.update(column["name"] for column in columns or [])
    return found


@cache
def is_country(place: str) -> bool:
    """Whether a place is named by its country's code, so that datasets can be counted by it."""
    try:
        countries.require(place)
    except Invalid:
        return False
    return True


@lru_cache(maxsize=1_024)
def _answers(written: str) -> Mapping[str, str]:
    """What terms say to each permission; those that cannot be read permit nothing."""
    try:
        return terms.permissions(terms.thaw(json.loads(written)))
    except Invalid:
        return dict.fromkeys(PERMISSIONS, "no")


def _token(participant_id: UUID) -> str:
    return f"p:{participant_id}"
