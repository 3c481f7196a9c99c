"""Countries and groups of countries as terms name them: ISO 3166-1 alpha-2 codes, with names in both languages.
Who belongs to a group comes from the dated legal profile (`compliance.gates.groups_on`)."""

from collections.abc import Mapping

from compliance.destinations import destinations
from compliance.legal.readings import is_country
from exchange.kernel.errors import Invalid
from exchange.look.names import country_name

EEA = destinations.EEA
GROUPS = (EEA, destinations.ADEQUATE)


def require(code: object, *, groups: bool = False) -> str:
    """Give the code back if it is a country or, where asked for, a group; else Invalid says what it wants."""
    if isinstance(code, str) and (is_country(code) or (groups and code in GROUPS)):
        return code
    also = f", or a group: {', '.join(GROUPS)}" if groups else ""
    raise Invalid(
        f"The country must be an ISO 3166-1 code of two capitals, such as FR{also}; given {ascii(code)[:80]}.",
        code="unknown_country",
    )


def includes(place: str, country: str, groups: Mapping[str, frozenset[str]]) -> bool:
    """Whether a country is the place named, or belongs to it; KeyError for a group that nobody tells of."""
    return country in groups[place] if place in GROUPS else country == place


def name(place: str, language: str) -> str:
    """The name of a country or group in English ("en") or French ("fr")."""
    if place in GROUPS:
        return _GROUP_NAMES[place][language]
    return country_name(require(place), language)


_GROUP_NAMES = {
    EEA: {
        "en": "any country of the European Economic Area (EEA)",
        "fr": "tout pays de l’Espace économique européen (EEE)",
    },
    destinations.ADEQUATE: {
        "en": "any country that an adequacy decision of the European Commission covers without condition",
        "fr": "tout pays que couvre sans condition une décision d’adéquation de la Commission européenne",
    },
}
