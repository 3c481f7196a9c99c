"""Markets of invented datasets: a few through the verbs, and many at once, as rows like those that the verbs leave."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from contracts.models import Offer, OfferAudience
from contracts.terms import terms
from datasets import datasets
from datasets.models import Asset, Dataset, Revision
from exchange.kernel.actors import Actor
from exchange.kernel.ids import new_id
from tests import dataset_makers, sales

OPEN: Sequence[dict[str, Any]] = (
    {"kind": "combination", "allowed": True},
    {"kind": "model_training", "allowed": "yes"},
    {"kind": "publication", "allowed": True},
    {"kind": "redistribution", "allowed": True},
)
CREDITED: Sequence[dict[str, Any]] = (*OPEN[2:], {"kind": "attribution", "text": "Made for a test."})
NOT_FOR_SALE: Sequence[dict[str, Any]] = ({"kind": "model_training", "allowed": "non_commercial"},)
TERMS = (OPEN, CREDITED, NOT_FOR_SALE, sales.TERMS, ())
WORDS = "flights weather forests données énergie mobilité patients rivers cities air quality prices".split()
RARE = [f"{first}{number}" for number in range(1_000) for first in ("ka", "lo", "mi")]
"""Words as names of columns and places are: some are frequent, most stand in few datasets."""

_FREQUENCIES = list(accumulate(1 / (rank + 1) for rank in range(len(RARE))))
PRICES = (90, 480, 1_200, 10_000, 12_345, 99_999, 260_000)
MEDIA_TYPES = ("text/csv", "application/vnd.apache.parquet", "application/json")
PLACES = ("FR", "DE", "NO", "BR", "Lyon")


def published(by: Actor, **described: Any) -> Dataset:
    """A published dataset, described as told, through the verbs."""
    dataset = dataset_makers.draft(by, **described)
    dataset_makers.declare_free(dataset, by)
    dataset_makers.measured(dataset, by)
    return datasets.publish(dataset, by)


def invent(count: int, sellers: Sequence[Actor], named: Sequence[Actor], at: datetime) -> None:
    """`count` datasets of these sellers, in every state, with up to three offers, some for a named participant."""
    ids = [actor.participant_id for actor in sellers], [actor.participant_id for actor in named]
    invent_for(count, *ids, at)


def invent_for(count: int, sellers: Sequence[Any], named: Sequence[Any], at: datetime) -> None:
    """The same for participants with these ids."""
    chance = random.Random(20_261_122)
    made, offers, audience = [], [], []
    for number in range(count):
        dataset = _dataset(number, chance.choice(sellers), chance, at)
        made.append(dataset)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3)) if dataset.published_at else 0):
            offer = _offer(dataset, chance, at)
            offers.append(offer)
            if offer.audience == Offer.Audience.NAMED:
                audience.append(OfferAudience(offer=offer, participant_id=chance.choice(named)))
    Dataset.objects.bulk_create(made, batch_size=1_000)
    Offer.objects.bulk_create(offers, batch_size=1_000)
    OfferAudience.objects.bulk_create(audience, batch_size=1_000)
    revisions = [_revision(dataset, chance, at) for dataset in made if dataset.published_at]
    Revision.objects.bulk_create(revisions, batch_size=1_000)
    assets = [
        Asset(revision=revision, name=f"{kind}.bin", media_type=kind, announced_at=at)
        for revision in revisions
        for kind in chance.sample(MEDIA_TYPES, chance.randint(1, 2))
    ]
    Asset.objects.bulk_create(assets, batch_size=1_000)
    Revision.objects.filter(state="open", sealed_at__isnull=False).update(state="sealed")


def _dataset(number: int, seller: UUID, chance: random.Random, at: datetime) -> Dataset:
    state = chance.choice(("draft", "published", "published", "published", "retired"))
    return Dataset(
        id=new_id(),
        seller_id=seller,
        state=state,
        title=f"{chance.choice(WORDS)} {chance.choice(WORDS)} {number}".capitalize(),
        summary=" ".join(chance.choices(WORDS, k=8)),
        description=" ".join(
            [*chance.choices(WORDS, k=6), *chance.choices(RARE, cum_weights=_FREQUENCIES, k=18)]
        ),
        keywords=chance.sample(WORDS, 2),
        theme=chance.choice(("ENVI", "TRAN", "HEAL")),
        language=chance.choice(("en", "fr")),
        spatial=chance.sample(PLACES, chance.randint(0, 2)),
        frequency=chance.choice(("", "daily", "annual")),
        personal_data=chance.choice(("none", "none", "pseudonymised", "personal")) if state != "draft" else "",
        created_at=at,
        published_at=at + timedelta(minutes=number) if state != "draft" else None,
    )


def _revision(dataset: Dataset, chance: random.Random, at: datetime) -> Revision:
    sealed_at = at + timedelta(seconds=chance.randrange(10_000_000)) if chance.random() < 0.8 else None
    return Revision(id=new_id(), dataset=dataset, number=1, opened_at=at, sealed_at=sealed_at)


def _plan(chance: random.Random) -> dict[str, Any]:
    currency = chance.choice(("EUR", "EUR", "EUR", "JPY"))
    price = {"amount_minor": chance.choice(PRICES), "currency": currency}
    return {"kind": "one_off", "price": price} if chance.random() < 0.6 else dict(sales.FREE)


def _offer(dataset: Dataset, chance: random.Random, at: datetime) -> Offer:
    return Offer(
        id=new_id(),
        dataset=dataset,
        seller_id=dataset.seller_id,
        state=chance.choice(("published", "published", "published", "withdrawn")),
        title="Licence",
        terms=terms.parse(list(chance.choice(TERMS))).to_list(),
        plan=_plan(chance),
        audience=chance.choice(("public", "public", "named")),
        sale=chance.choice(("validation", "instant")),
        created_at=at,
        published_at=at,
    )
