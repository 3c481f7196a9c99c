"""What a reader narrows the catalogue by, as its address says it: in the names and values of the API, so that every
state of the page is a plain link. What the catalogue does not know is left out, and told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from compliance.words import CLASSES
from contracts.catalogue.catalogue import Count, Order, Search
from contracts.catalogue.entries import PERMISSIONS, is_country
from contracts.catalogue.searches import ALLOWED, LONGEST_TEXT
from datasets import words
from datasets.models import PersonalData
from exchange.look.names import country_name, language_choices, language_name

Words = str | Promise
Facets = Mapping[str, list[Count]]

USE = "use"
MOST_VALUES = 20
"""Of each name; what follows in an address is left out."""

_LONGEST_SHOWN = 40
_USES: Mapping[str, Words] = {
    "analyse": gettext_lazy("Analyse"),
    "combine": gettext_lazy("Combine with other data"),
    "train_models": gettext_lazy("Train models"),
    "publish_results": gettext_lazy("Publish results"),
    "pass_on": gettext_lazy("Pass on"),
}
_ANSWERS: Mapping[str, Words] = {
    "yes": pgettext_lazy("answer", "Yes"),
    "if": pgettext_lazy("answer", "If"),
    "no": pgettext_lazy("answer", "No"),
}
_PERSONAL_DATA: Mapping[str, Words] = {
    "none": gettext_lazy("None declared"),
    "pseudonymised": gettext_lazy("Declared, pseudonymised"),
    "personal": gettext_lazy("Declared, direct"),
    "special": gettext_lazy("Declared, special categories"),
}
_PRICES: Mapping[str, Words] = {
    "free": gettext_lazy("Free"),
    "paid": gettext_lazy("One payment"),
}
_SALES: Mapping[str, Words] = {
    "validation": gettext_lazy("Seller approves each buyer"),
    "instant": gettext_lazy("At once"),
}
ORDERS: Mapping[Order, Words] = {
    "match": gettext_lazy("Best match"),
    "newest": gettext_lazy("Newest revision"),
    "published": gettext_lazy("Newest on the market"),
    "price": gettext_lazy("Price, low first"),
}
_GROUPS: Mapping[str, tuple[Words, bool]] = {
    USE: (gettext_lazy("Use allowed"), True),
    "personal_data": (gettext_lazy("Personal data"), True),
    "theme": (gettext_lazy("Subject"), True),
    "price": (gettext_lazy("Price"), True),
    "sale": (gettext_lazy("Sale"), True),
    "media_type": (gettext_lazy("Format"), False),
    "seller_country": (gettext_lazy("Seller’s country"), False),
}
"""The groups of the page in their order, and whether each begins open."""

_KNOWN: Mapping[str, Mapping[str, Words]] = {
    "personal_data": _PERSONAL_DATA,
    "theme": words.THEMES,
    "price": _PRICES,
    "sale": _SALES,
    "media_type": words.KINDS,
    "frequency": words.FREQUENCIES,
}
_NAMES = (*PERMISSIONS, *_KNOWN, "seller_country", "country", "language", "seller")
_FIXED = (USE, "personal_data", "price", "sale")  # their values stand in an order of their own

Pair = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """A search, the page of it, and what the address asked for besides that the catalogue does not know."""

    search: Search
    cursor: str | None = None
    left_out: list[str] = field(default_factory=list)
    is_plain: bool = True
    is_cut: bool = False

    @property
    def pairs(self) -> list[Pair]:
        """Each filter that is on, in a fixed order."""
        found = ((name, str(value)) for name in _NAMES for value in getattr(self.search, name))
        return list(found)

    def address(self, pairs: Iterable[Pair] | None = None, **changes: str) -> str:
        """The query of a link to this search, with other filters, another `q`, `order` or `cursor`."""
        fields = {"q": self.search.text(), "order": self.search.order, "cursor": "", **changes}
        order = "" if fields["order"] == "match" else fields["order"]
        ends = [("order", order), ("cursor", fields["cursor"])]
        asked = [("q", fields["q"]), *(self.pairs if pairs is None else pairs), *ends]
        return urlencode([(name, value) for name, value in asked if value])

    def without(self, pair: Pair) -> str:
        """The query of a link to the same search without one of its filters."""
        return self.address(one for one in self.pairs if one != pair)


@dataclass(frozen=True)
class Option:
    """A box to tick; `count` is None where nothing was counted."""

    name: str
    value: str
    label: Words
    count: int | None
    is_on: bool


@dataclass(frozen=True)
class Group:
    name: str
    title: Words
    options: list[Option]
    is_open: bool


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the query of the link that removes it."""

    words: str
    without: str


def read(given: QueryDict) -> Asked:
    """What an address asks for. Nothing that it can say is an error."""
    found: dict[str, Any] = {}
    left_out: list[str] = []
    for name in _NAMES:
        values = [value for value in dict.fromkeys(given.getlist(name)) if value]
        known = [value for value in values if _is_known(name, value)][:MOST_VALUES]
        left_out += [_shown(f"{name}={value}") for value in values if value not in known]
        found[name] = tuple(UUID(value) for value in known) if name == "seller" else tuple(known)
    named = given.get("order", "")
    order: Order = next((one for one in ORDERS if one == named), "match")
    if named and order != named:
        left_out.append(_shown(f"order={named}"))
    search = Search(q=given.get("q", ""), order=order, **found)
    return Asked(
        replace(search, q=search.text()),
        given.get("cursor") or None,
        left_out[:MOST_VALUES],
        is_plain=named != "match" and not any(value == "" for _, one in given.lists() for value in one),
        is_cut=len(given.get("q", "")) > LONGEST_TEXT,
    )


def groups(asked: Asked, facets: Facets | None) -> list[Group]:
    """The groups of boxes, each with what was counted."""
    return [
        Group(name, title, options, is_open or any(option.is_on for option in options))
        for name, (title, is_open) in _GROUPS.items()
        for options in [list(_options(name, asked, facets))]
    ]


def kept(asked: Asked, shown: Iterable[Group]) -> list[Pair]:
    """The filters that are on and have no box on the page: a form carries them along."""
    boxes = {(option.name, option.value) for group in shown for option in group.options}
    return [pair for pair in asked.pairs if pair not in boxes]


def chips(asked: Asked, facets: Facets | None) -> list[Chip]:
    """The filters that are on, in words."""
    sellers = {one.value: one.label for one in (facets or {}).get("seller", [])}
    return [Chip(_words(pair, sellers), asked.without(pair)) for pair in asked.pairs]


def in_words(asked: Asked) -> list[str]:
    """The filters that are on, where nothing was counted."""
    return [_words(pair, {}) for pair in asked.pairs]


def _is_known(name: str, value: str) -> bool:
    if name in PERMISSIONS:
        return value == ALLOWED or value in _ANSWERS
    if name in ("seller_country", "country"):
        return is_country(value)
    if name == "language":
        return value in dict(language_choices())
    if name == "seller":
        return _is_id(value)
    return value in _KNOWN[name]


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def _options(name: str, asked: Asked, facets: Facets | None) -> Iterator[Option]:
    if name == USE:
        for use, label in _USES.items():
            count = _counted(facets, use).get(ALLOWED, 0) if facets is not None else None
            yield Option(use, ALLOWED, label, count, ALLOWED in getattr(asked.search, use))
        return
    counted, on = _counted(facets, name), getattr(asked.search, name)
    if name in _FIXED or (facets is None and name in _KNOWN):
        values = list(_KNOWN[name])
    else:
        values = [
            *list(counted)[:MOST_VALUES],
            *(value for value in on if value not in list(counted)[:MOST_VALUES]),
        ]
    for value in values:
        count = counted.get(value, 0) if facets is not None else None
        yield Option(name, value, _label(name, value), count, value in on)


def _counted(facets: Facets | None, name: str) -> dict[str, int]:
    return {one.value: one.count for one in (facets or {}).get(name, [])}


def _label(name: str, value: str) -> Words:
    if name in ("seller_country", "country") and is_country(value):
        return country_name(value)
    return _KNOWN.get(name, {}).get(value, value)


def _words(pair: Pair, sellers: Mapping[str, str]) -> str:
    name, value = pair
    if name in PERMISSIONS:
        use = str(_USES[name])
        return use if value == ALLOWED else _("%(use)s: %(answer)s") % {"use": use, "answer": _ANSWERS[value]}
    if name == "seller":
        return _("Seller: %(name)s") % {"name": sellers.get(value) or _("one organisation")}
    if name == "seller_country":
        return _("Seller’s country: %(country)s") % {"country": _label(name, value)}
    if name == "country":
        return _("About: %(country)s") % {"country": _label(name, value)}
    if name == "language":
        return _("Language: %(language)s") % {"language": language_name(value)}
    if name == "personal_data":
        return str(CLASSES[PersonalData(value)])
    return str(_label(name, value))


def _shown(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: _LONGEST_SHOWN + 1])
    return printable if len(text) <= _LONGEST_SHOWN else f"{printable[:_LONGEST_SHOWN]}…"
