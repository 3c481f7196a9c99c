"""Countries and groups of countries as terms name them: ISO 3166-1 alpha-2 codes, with names in both languages.
Who belongs to a group comes from the dated legal profile."""

from compliance import destinations
from exchange.kernel.errors import Invalid
from exchange.look.names import country_name

EEA = "EEA"


def require(code: object, *, groups: bool = False) -> str:
    """Give the code back if it is a country or, where asked for, a group; else Invalid says what it wants."""
    if isinstance(code, str) and (destinations.is_country(code) or (groups and code == EEA)):
        return code
    also = f", or the group {EEA}" if groups else ""
    raise Invalid(
        f"The country must be an ISO 3166-1 code of two capitals, such as FR{also}; given {ascii(code)[:80]}.",
        code="unknown_country",
    )


def includes(place: str, country: str) -> bool:
    """Whether a country is the place named, or belongs to it."""
    return country == place or (place == EEA and country in destinations.load().eea)


def name(place: str, language: str) -> str:
    """The name of a country or group in English ("en") or French ("fr")."""
    if place == EEA:
        return _EEA_NAMES[language]
    return country_name(require(place), language)


_EEA_NAMES = {
    "en": "any country of the European Economic Area (EEA)",
    "fr": "tout pays de l’Espace économique européen (EEE)",
}
