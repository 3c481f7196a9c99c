"""Reading what a legal profile says, field by field: whatever is not as it must be is Invalid, and its field named."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import NoReturn

import pycountry

from exchange.kernel.errors import Invalid

LANGUAGES = ("en", "fr")
LONGEST_TEXT = 8_000
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31})*")


def is_country(code: object) -> bool:
    """Whether this is an assigned ISO 3166-1 alpha-2 code, in capitals."""
    return isinstance(code, str) and code in _assigned_codes()


def is_readable(code: object) -> bool:
    """Whether this is such a code, or was one until it was retired: old rows stay readable."""
    return is_country(code) or code in _retired_codes()


def fields(raw: object, expected: Iterable[str], where: str, *, also: Iterable[str] = ()) -> dict[str, object]:
    """An object with exactly these fields; those of `also` may lack, and are None then."""
    expected, also = set(expected), set(also)
    if not isinstance(raw, dict):
        malformed(where, f"must be an object; it is {raw!r:.80}")
    if missing := sorted(expected - raw.keys()):
        malformed(where, f"lacks {', '.join(missing)}")
    if unknown := sorted(raw.keys() - expected - also):
        malformed(where, f"has fields that are not known: {', '.join(unknown):.80}")
    return {**dict.fromkeys(also), **raw}


def rows(raw: object, where: str) -> list[object]:
    """A list of one or more."""
    if not isinstance(raw, list) or not raw:
        malformed(where, f"must be a list of one or more; it is {raw!r:.80}")
    return raw


def named(raw: object, where: str) -> dict[str, object]:
    """An object whose fields are names of the profile's own, such as `request.answer`."""
    if not isinstance(raw, dict) or not raw:
        malformed(where, f"must be an object of one or more fields; it is {raw!r:.80}")
    for name in raw:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            malformed(where, f"has the name {name!r:.80}, which is not made of short lower-case words")
    return raw


def country(raw: object, where: str) -> str:
    """A code of a country, in force or retired."""
    if not isinstance(raw, str) or not is_readable(raw):
        malformed(where, f"must be an ISO 3166-1 alpha-2 code in capitals; it is {raw!r:.80}")
    return raw


def words(raw: object, where: str, *, at_most: int = 200) -> str:
    """Text of some length."""
    if not isinstance(raw, str) or not 1 <= len(raw.strip()) <= at_most:
        malformed(where, f"must be text of 1 to {at_most} characters; it is {raw!r:.80}")
    return raw.strip()


def in_each_language(raw: Mapping[str, object], where: str, *, at_most: int = 200) -> Mapping[str, str]:
    """The same in each language."""
    return {name: words(raw[name], f"{where}.{name}", at_most=at_most) for name in LANGUAGES}


def whole(raw: object, where: str, *, at_least: int = 0, at_most: int = 10**12) -> int:
    """A whole number within bounds."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not at_least <= raw <= at_most:
        malformed(where, f"must be a whole number from {at_least} to {at_most}; it is {raw!r:.80}")
    return raw


def short_word(raw: object, where: str) -> str:
    """A short lower-case word, such as `dpf`."""
    if not isinstance(raw, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", raw):
        malformed(where, f"must be null or a short lower-case word; it is {raw!r:.80}")
    return raw


def day(raw: object, where: str) -> date:
    """A day, as 2026-11-21."""
    if isinstance(raw, str) and _ISO_DAY.fullmatch(raw):
        with suppress(ValueError):
            return date.fromisoformat(raw)
    return malformed(where, f"must be a date such as 2026-11-21; it is {raw!r:.80}")


def first_and_last(found: Mapping[str, object], where: str) -> tuple[date, date | None]:
    """The days `valid_from` and `valid_to`, the latter open where it is null."""
    first = day(found["valid_from"], f"{where}.valid_from")
    last = None if found["valid_to"] is None else day(found["valid_to"], f"{where}.valid_to")
    if last is not None and last < first:
        malformed(f"{where}.valid_to", f"is {last}, before valid_from, {first}")
    return first, last


def distinct(values: Iterable[object], where: str) -> None:
    """Refuse what is named twice."""
    seen: set[object] = set()
    for value in values:
        if value in seen:
            malformed(where, f"names {value!r:.80} twice")
        seen.add(value)


def distinct_fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON in which no field stands twice."""
    distinct([name for name, _ in pairs], "an object")
    return dict(pairs)


def malformed(where: str, problem: str) -> NoReturn:
    """Refuse the profile for what is wrong at one place of it."""
    raise Invalid(f"The legal profile cannot be used: {where} {problem}.", code="legal_profile_invalid")


@lru_cache(maxsize=1)
def _assigned_codes() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.countries)


@lru_cache(maxsize=1)
def _retired_codes() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.historic_countries)
