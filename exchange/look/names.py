"""Countries and languages by name, in English and French."""

import gettext
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import pycountry

from exchange.look.formats import is_french


def country_name(code: str, language: str = "") -> str:
    """The name of an ISO 3166-1 alpha-2 code, in the reader's language where none is named; the code itself where it
    is none."""
    return _countries(_is_french(language)).get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """Every country, by name."""
    return in_order(_countries(is_french()).items())


def language_name(code: str) -> str:
    """The name of an ISO 639-1 code, in the reader's language; the code itself where it is none."""
    return _languages(is_french()).get(code, code)


def language_choices() -> list[tuple[str, str]]:
    """Every language, by name."""
    return in_order(_languages(is_french()).items())


def in_order(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Codes and their words, in the order of the words; accents and capitals change nothing."""
    return sorted(choices, key=lambda choice: _plain(choice[1]))


def _is_french(language: str) -> bool:
    return language == "fr" if language else is_french()


@lru_cache(maxsize=2)
def _countries(french: bool) -> dict[str, str]:
    words = _words("iso3166-1", french)
    return {
        country.alpha_2: words.gettext(str(getattr(country, "common_name", None) or country.name))
        for country in pycountry.countries
    }


@lru_cache(maxsize=2)
def _languages(french: bool) -> dict[str, str]:
    words = _words("iso639-3", french)
    named = {
        language.alpha_2: words.gettext(str(language.name))
        for language in pycountry.languages
        if hasattr(language, "alpha_2")
    }
    return {code: name[:1].upper() + name[1:] for code, name in named.items()}


def _words(standard: str, french: bool) -> gettext.NullTranslations:
    if not french:
        return gettext.NullTranslations()
    return gettext.translation(standard, pycountry.LOCALES_DIR, languages=["fr"])


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().casefold()
