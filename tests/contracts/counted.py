"""What the catalogue must answer, counted one by one over the rows of the database, with nothing of the index."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any
from uuid import UUID

from contracts import queries
from contracts.catalogue import catalogue, searches
from contracts.catalogue.catalogue import FACETS, OFFER_FACETS, Search
from contracts.catalogue.entries import marks_of
from contracts.models import Offer
from datasets.models import Asset, Dataset, Revision
from exchange.kernel.actors import Actor
from exchange.kernel.money import exponent

WANTED = [
    Search(),
    Search(q="flights"),
    Search(theme=("ENVI", "TRAN"), train_models=("allowed",)),
    Search(q="weather air", country=("FR",), price=("free",), combine=("yes",), personal_data=("none",)),
    Search(media_type=("text/csv",), theme=("HEAL",), price=("paid",), sale=("instant",)),
]


@dataclass(frozen=True)
class Seen:
    """What one actor may see: its datasets, what their words and files are, and the published offers on each."""

    rows: list[Dataset]
    media_types: Mapping[UUID, set[str]]
    sealed_at: Mapping[UUID, Any]
    offers: Mapping[UUID, list[Offer]]
    marks: Mapping[UUID, list[dict[str, str]]]

    def matching(self, wanted: Search, without: str = "") -> list[Dataset]:
        """Those that are looked for, what is asked of one facet, or of offers, left out."""
        marks = {name: values for name, values in wanted.marks().items() if name != without}
        asked = {} if without == "offers" else wanted.offer_marks()
        words = {word.lower() for word in wanted.text().split()}
        return [
            row
            for row in self.rows
            if all(not self.values(row, name).isdisjoint(values) for name, values in marks.items())
            and has_offer(self.marks.get(row.pk, ()), asked)
            and words <= self.words[row.pk]
        ]

    @cached_property
    def words(self) -> dict[UUID, set[str]]:
        texts = {row.pk: [row.title, row.summary, row.description, *row.keywords] for row in self.rows}
        return {key: set(" ".join(parts).lower().split()) for key, parts in texts.items()}

    def values(self, row: Dataset, name: str) -> set[str]:
        if name == "country":
            return {place for place in row.spatial if len(place) == 2}
        if name == "media_type":
            return self.media_types.get(row.pk, set())
        if name == "seller_country":
            return {row.seller.verified_country}
        if name == "seller":
            return {str(row.seller_id)}
        value = getattr(row, name)
        return {value} if value else set()

    def facets(self, wanted: Search) -> dict[str, dict[str, int]]:
        """Every facet, each as if nothing were asked of itself; values that nothing has left out."""
        found: dict[str, dict[str, int]] = {}
        for name in FACETS:
            here = self.matching(wanted, without=name)
            found[name] = dict(Counter(value for row in here for value in self.values(row, name)))
        marked = self.matching(wanted, without="offers")
        for name, values in OFFER_FACETS.items():
            others = {key: asked for key, asked in wanted.offer_marks().items() if key != name}
            had = [self.answers(row, name, others) for row in marked]
            counts = {
                value: sum(not one.isdisjoint(searches.stands_for((value,))) for one in had) for value in values
            }
            found[name] = {value: count for value, count in counts.items() if count}
        return found

    def answers(self, row: Dataset, name: str, others: Mapping[str, tuple[str, ...]]) -> set[str]:
        """What the offers that are asked for otherwise have as this mark."""
        return {marks[name] for marks in self.marks.get(row.pk, ()) if searches.holds(others, marks)}

    def newest_key(self, row: Dataset) -> Any:
        """What newer datasets have a greater one of: by their revision, else publication, else making."""
        made = row.pk.int >> 80
        at = self.sealed_at.get(row.pk) or row.published_at
        return (int(at.timestamp()) if at else made // 1_000), row.pk.int >> 69

    def price_key(self, row: Dataset) -> Any:
        """Cheapest first, without a price last, then the newest."""
        prices = [price_of(offer) for offer in self.offers.get(row.pk, ())]
        return not prices, min(prices, default=0), *(-part for part in self.newest_key(row))


def seen_by(actor: Actor) -> Seen:
    """Read it all."""
    offers: dict[UUID, list[Offer]] = {}
    for offer in queries.offers_visible_to(actor).filter(state=Offer.State.PUBLISHED).iterator():
        offers.setdefault(offer.dataset_id, []).append(offer)
    media_types: dict[UUID, set[str]] = {}
    sealed = Revision.objects.filter(state="sealed")
    for dataset_id, kind in Asset.objects.filter(revision__in=sealed).values_list(
        "revision__dataset_id", "media_type"
    ):
        media_types.setdefault(dataset_id, set()).add(kind)
    rows = list(catalogue.datasets_visible_to(actor))
    marks = {key: [marks_of(offer) for offer in found] for key, found in offers.items()}
    return Seen(rows, media_types, dict(sealed.values_list("dataset_id", "sealed_at")), offers, marks)


def counts_of(found: catalogue.Found) -> dict[str, dict[str, int]]:
    """The facets that the catalogue answered, values at 0 left out."""
    assert found.facets is not None
    return {
        name: {one.value: one.count for one in counts if one.count} for name, counts in found.facets.items()
    }


def has_offer(offers: Iterable[Mapping[str, str]], asked: Mapping[str, tuple[str, ...]]) -> bool:
    return not asked or any(searches.holds(asked, marks) for marks in offers)


def price_of(offer: Offer) -> Fraction:
    price = offer.plan.get("price", {"amount_minor": 0, "currency": "EUR"})
    return Fraction(price["amount_minor"], 10 ** exponent(price["currency"]))


def expect_equal(actor: Actor, seen: Seen) -> tuple[int, int]:
    """Every total, count and order of WANTED as the database has them; answers how many counts and how many places
    in a list were compared."""
    counts = places = 0
    for wanted in WANTED:
        found = catalogue.search(actor, wanted, with_facets=True)
        expected = seen.facets(wanted)
        assert counts_of(found) == expected, wanted
        matching = seen.matching(wanted)
        assert found.total == len(matching)
        counts += 1 + sum(map(len, expected.values()))
        places += expect_orders(actor, seen, wanted, matching)
    return counts, places


def expect_orders(actor: Actor, seen: Seen, wanted: Search, matching: list[Dataset]) -> int:
    """Three pages of each order that words have no part in."""
    by_price = sorted(matching, key=seen.price_key)
    by_date = sorted(matching, key=seen.newest_key, reverse=True)
    for order, rows in (("price", by_price), ("newest", by_date)):
        ids, cursor = [], None
        for _ in range(3):
            asked = Search(**{**vars(wanted), "order": order})
            found = catalogue.search(actor, asked, cursor=cursor, limit=30)
            ids += [entry.dataset.pk for entry in found.items]
            cursor = found.next_cursor
            if cursor is None:
                break
        assert ids == [row.pk for row in rows[:90]], (wanted, order)
    return 2 * min(90, len(matching))
