"""Columns that tell nobody alone and somebody together, such as age, sex and postcode: a hint where rows have a
combination of them that hardly any other row has (k-anonymity below five)."""

from collections.abc import Iterable, Sequence

from compliance.classification.classification import Confidence, Evidence, Finding
from compliance.classification.header_words import words_of

SMALLEST_GROUP = 5
MOST_TOGETHER = 6

_HEADERS = """
    age; alter; edad; sex; sexe; sexo; geschlecht; gender; genre; genero; postcode; post code; postal
    code; zip; zip code; zipcode; plz; postleitzahl; code postal; codigo postal; city; town; ville;
    stadt; ort; wohnort; ciudad; municipality; commune; gemeinde; municipio; province; provincia;
    departement; nationality; nationalite; nationalitat; nacionalidad; citizenship; occupation;
    profession; beruf; profesion; job title; education; education level; marital status; etat civil;
    familienstand; estado civil; year of birth; birth year; household size; salary; income; gehalt"""
_PHRASES = frozenset(tuple(phrase.split()) for phrase in _HEADERS.split(";"))


def among(columns: Iterable[str]) -> list[str]:
    """The columns whose headers name such things, at most as many as are looked at together."""
    return [column for column in columns if words_of(column) in _PHRASES][:MOST_TOGETHER]


def hints(columns: Sequence[str], rare: int, rows: int) -> dict[str, Finding]:
    """What to say of these columns, of whose `rows` so many are rare; nothing where none is."""
    if not rare:
        return {}
    hint = Finding("rare_combination", "personal", Confidence.HINT, Evidence(rare, rows), "values")
    return dict.fromkeys(columns, hint)
