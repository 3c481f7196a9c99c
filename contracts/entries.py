"""What the index is told of a dataset: its texts, its marks, its offers as variants, and for whom each exists. An
offer for named participants adds nothing that anybody else could find or count."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from uuid import UUID

from contracts import countries, terms
from contracts.models import Offer, OfferAudience
from datasets.models import Asset, Dataset, Revision
from datasets.search import Document, Variant
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid
from exchange.participants.models import Participant

PERMISSIONS = ("analyse", "combine", "train_models", "publish_results", "pass_on")
EVERYONE = "everyone"
_OFFICERS = "officers"


@dataclass
class _Content:
    """What a buyer would get: the files of the revision that can be had now."""

    media_types: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)


def tokens_of(actor: Actor) -> frozenset[str]:
    """What the actor may see is what one of these opens."""
    if actor.is_system or actor.can(Scope.AUDIT):
        return frozenset({EVERYONE, _OFFICERS})
    if actor.participant_id is None or not actor.can(Scope.READ):
        return frozenset({EVERYONE})
    return frozenset({EVERYONE, _token(actor.participant_id)})


def marks_of(offer: Offer) -> dict[str, str]:
    """What an offer can be found by: price, kind of sale, and its answer to each permission."""
    price = "free" if offer.plan.get("kind") == "free" else "paid"
    return {"price": price, "sale": offer.sale, **_answers(json.dumps(offer.terms))}


def documents_of(datasets: Sequence[Dataset]) -> list[Document]:
    """The documents of some datasets; four queries however many there are."""
    variants, contents = _variants(datasets), _contents(datasets)
    return [_document(dataset, variants[dataset.pk], contents[dataset.pk]) for dataset in datasets]


def _variants(datasets: Sequence[Dataset]) -> dict[UUID, list[Variant]]:
    on_market = {
        row.pk: row.is_published and row.seller.state == Participant.State.VERIFIED for row in datasets
    }
    published = Offer.objects.filter(dataset__in=datasets, state=Offer.State.PUBLISHED).order_by("pk")
    named: dict[UUID, set[str]] = defaultdict(set)
    audience = OfferAudience.objects.filter(offer__in=published).order_by()
    for offer_id, participant_id in audience.values_list("offer_id", "participant_id"):
        named[offer_id].add(_token(participant_id))
    found: dict[UUID, list[Variant]] = defaultdict(list)
    for offer in published:
        visible_to = frozenset({_token(offer.seller_id), _OFFICERS})
        if on_market[offer.dataset_id] and offer.audience == Offer.Audience.PUBLIC:
            visible_to = frozenset({EVERYONE})
        elif on_market[offer.dataset_id]:
            visible_to |= named[offer.pk]
        found[offer.dataset_id].append(Variant(visible_to, marks_of(offer)))
    return found


def _document(dataset: Dataset, variants: Sequence[Variant], content: _Content) -> Document:
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
        variants=tuple(variants),
        published_at=dataset.published_at,
    )


def _contents(datasets: Sequence[Dataset]) -> dict[UUID, _Content]:
    sealed = Revision.objects.filter(dataset__in=datasets, state=Revision.State.SEALED).order_by("number")
    current = dict(sealed.values_list("dataset_id", "pk"))
    found: dict[UUID, _Content] = defaultdict(_Content)
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
        return terms.permissions(terms.parse(json.loads(written)))
    except Invalid:
        return dict.fromkeys(PERMISSIONS, "no")


def _token(participant_id: UUID) -> str:
    return f"p:{participant_id}"
