"""Countries by name, in the reader's language."""

import gettext
import unicodedata
from functools import lru_cache

import pycountry

from exchange.look.formats import is_french


def country_name(code: str) -> str:
    """The name of an ISO 3166-1 alpha-2 code; the code itself where it is none."""
    return _names(is_french()).get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """Every country, by name."""
    return sorted(_names(is_french()).items(), key=lambda pair: _without_accents(pair[1]))


@lru_cache(maxsize=2)
def _names(french: bool) -> dict[str, str]:
    words = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"]) if french else None
    english = {
        country.alpha_2: str(getattr(country, "common_name", None) or country.name)
        for country in pycountry.countries
    }
    return {code: words.gettext(name) if words else name for code, name in english.items()}


def _without_accents(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
