"""What a seller may write about a dataset: each field cleaned, or refused by name. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pycountry

from exchange.kernel import text
from exchange.kernel.canonical import encode
from exchange.kernel.errors import Invalid

THEMES = frozenset("AGRI ECON EDUC ENER ENVI GOVE HEAL INTR JUST REGI SOCI TECH TRAN".split())
"""The EU's data themes."""

FREQUENCIES = frozenset(
    """never irregular continuous hourly daily weekly biweekly monthly bimonthly quarterly semiannual annual
    biennial""".split()
)
MOST_KEYWORDS = 20
MOST_PLACES = 300
_COUNTRY = re.compile(r"[A-Z]{2}")


def clean(given: Mapping[str, object]) -> dict[str, Any]:
    """The given fields as they are stored; Invalid names the first that cannot be."""
    unknown = given.keys() - _CLEANERS.keys()
    if unknown:
        raise TypeError(f"a dataset has no {', '.join(sorted(unknown))}")
    return {field: _CLEANERS[field](value) for field, value in given.items()}


def require_period(start: date | None, end: date | None) -> None:
    """Refuse a coverage in time that ends before it starts."""
    if start and end and end < start:
        raise Invalid(f"temporal_end ({end}) is before temporal_start ({start})", code="bad_period")


def as_typed(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields as an Event keeps what was typed; the empty ones are left out."""
    return {field: _written(value) for field, value in fields.items() if value}


def _written(value: object) -> str:
    if isinstance(value, list):
        return encode(value).decode()
    return str(value)


def _keywords(words: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(text.line(word, name="a keyword", at_most=50) for word in words))
    if len(found) > MOST_KEYWORDS:
        raise Invalid(f"a dataset has at most {MOST_KEYWORDS} keywords; there are {len(found)}")
    return found


def _theme(word: str) -> str:
    if word not in THEMES:
        raise Invalid(f"theme must be one of {', '.join(sorted(THEMES))}", code="unknown_theme")
    return word


def _language(code: str) -> str:
    known = len(code) == 2 and code.islower() and pycountry.languages.get(alpha_2=code) is not None
    if not known:
        raise Invalid(
            "language must be an ISO 639-1 code of two small letters, such as en or fr", code="unknown_language"
        )
    return code


def _places(places: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(_place(place) for place in places))
    if len(found) > MOST_PLACES:
        raise Invalid(f"spatial names at most {MOST_PLACES} places; there are {len(found)}")
    return found


def _place(place: str) -> str:
    if _COUNTRY.fullmatch(place) and pycountry.countries.get(alpha_2=place) is None:
        raise Invalid(f"{place} is not an ISO 3166-1 country code", code="unknown_country")
    return text.line(place, name="a place", at_most=100)


def _frequency(word: str) -> str:
    if word and word not in FREQUENCIES:
        raise Invalid(
            f"frequency must be one of {', '.join(sorted(FREQUENCIES))}, or empty", code="unknown_frequency"
        )
    return word


def _day(day: date | None) -> date | None:
    return day


_CLEANERS: Mapping[str, Callable[[Any], Any]] = {
    "title": lambda value: text.line(value, name="title"),
    "summary": lambda value: text.line(value, name="summary", at_most=500),
    "description": lambda value: text.prose(value, name="description"),
    "keywords": _keywords,
    "theme": _theme,
    "language": _language,
    "spatial": _places,
    "temporal_start": _day,
    "temporal_end": _day,
    "frequency": _frequency,
}
FIELDS = tuple(_CLEANERS)
"""What a description has."""
