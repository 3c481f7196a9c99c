"""What a visitor looks for, and how the database answers it by itself: without ranking, without counts, and slowly;
but never out of date, and there while the index is not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Literal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from contracts.catalogue.entries import PERMISSIONS, is_country
from datasets import search
from datasets.models import Asset, Dataset, Revision

MOST_WORDS = 10
LONGEST_TEXT = 200
ALLOWED = "allowed"
"""As a value of a permission: yes, or if."""

Order = Literal["match", "newest", "published", "price"]
"""match: the best first and, of those that match alike, the newest; newest: by the date of the newest sealed revision,
before there is one by that of publication; published: put on the market last; price: the lowest that the reader sees
first, free before all, and what has none last."""

Values = tuple[str, ...]
_OF_OFFERS = ("price", "sale", *PERMISSIONS)
_COLUMNS = {
    "seller": "seller_id",
    "state": "state",
    "theme": "theme",
    "language": "language",
    "seller_country": "seller__verified_country",
    "personal_data": "personal_data",
    "frequency": "frequency",
}


@dataclass(frozen=True)
class Search:
    """What a visitor looks for. An empty field does not narrow; of several values one must hold, of several fields
    all. Price, sale and permissions must hold of one and the same offer."""

    q: str = ""
    theme: Values = ()
    language: Values = ()
    seller: tuple[UUID, ...] = ()
    seller_country: Values = ()
    personal_data: Values = ()
    state: Values = ()
    frequency: Values = ()
    country: Values = ()  # that the data is about
    media_type: Values = ()
    price: Values = ()  # free, paid
    sale: Values = ()  # validation, instant
    analyse: Values = ()  # yes, if, no; or allowed: yes or if
    combine: Values = ()
    train_models: Values = ()
    publish_results: Values = ()
    pass_on: Values = ()
    order: Order = "match"

    def text(self) -> str:
        """The words, without what no database and no index takes."""
        return self.q[:LONGEST_TEXT].encode(errors="ignore").decode().replace("\0", " ").strip()

    def marks(self) -> dict[str, Values]:
        """What is asked of the dataset. A value with characters that cannot be shown is nowhere."""
        asked = {name: tuple(map(str, getattr(self, name))) for name in (*_COLUMNS, "country", "media_type")}
        return {name: _shown(values) for name, values in asked.items() if values}

    def offer_marks(self) -> dict[str, Values]:
        """What is asked of one offer on it."""
        asked = {name: getattr(self, name) for name in _OF_OFFERS}
        return {name: _shown(stands_for(values)) for name, values in asked.items() if values}

    def order_of_index(self) -> search.Order:
        """The order as the index calls it."""
        return "amount" if self.order == "price" else self.order


def stands_for(values: Values) -> Values:
    """The answers that are meant, where some are meant together."""
    return tuple(
        dict.fromkeys(v for value in values for v in (("yes", "if") if value == ALLOWED else (value,)))
    )


def holds(asked: Mapping[str, Values], marks: Mapping[str, str]) -> bool:
    """Whether an offer with these marks is one that is asked for."""
    return all(marks[name] in values for name, values in asked.items())


def _shown(values: Values) -> Values:
    return tuple(value if value.isprintable() else "" for value in values)


def narrowed(datasets: QuerySet[Dataset], search: Search) -> QuerySet[Dataset]:
    """Those of `datasets` with the words and marks that are looked for; what is asked of offers is not looked at."""
    for name, values in search.marks().items():
        datasets = _with_mark(datasets, name, values)
    words = search.text().split()[:MOST_WORDS]
    if words:
        datasets = datasets.annotate(keyword_text=Cast("keywords", TextField()))
    for word in words:
        datasets = datasets.filter(
            Q(title__icontains=word)
            | Q(summary__icontains=word)
            | Q(description__icontains=word)
            | Q(keyword_text__icontains=json.dumps(word, ensure_ascii=False)[1:-1])  # as PostgreSQL keeps JSON
            | Q(keyword_text__icontains=json.dumps(word)[1:-1])  # as SQLite does
        )
    return datasets


def _with_mark(datasets: QuerySet[Dataset], name: str, values: Values) -> QuerySet[Dataset]:
    if name == "media_type":
        sealed = Revision.objects.filter(dataset=OuterRef(OuterRef("pk")), state=Revision.State.SEALED)
        current = Subquery(sealed.order_by("-number").values("pk")[:1])
        return datasets.filter(Exists(Asset.objects.filter(revision=current, media_type__in=values)))
    if name == "country":
        datasets = datasets.annotate(places=Cast("spatial", TextField()))
        named = (Q(places__contains=json.dumps(code)) for code in values if is_country(code))
        return datasets.filter(reduce(or_, named, Q(pk__in=())))
    return datasets.filter(**{f"{_COLUMNS[name]}__in": values})
