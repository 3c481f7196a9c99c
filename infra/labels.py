"""What the compliance desk calls the things of the apps above it: the tables that `compliance.labels` takes at
start."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from compliance.labels import CodeWords, Label, Terms
from contracts.clauses import purposes
from contracts.terms import rights
from datasets import queries as datasets


def _titles_like(words: str, at_most: int) -> Mapping[UUID, str]:
    return datasets.titles_like(words, at_most=at_most)


def _purpose_of_others(code: str) -> str:
    """A purpose as it is said of somebody else: the words of contracts speak to the buyer."""
    if code == "internal_analytics":
        return _("Analysis to improve its own operations")
    return rights.purpose_words(code)


TABLE: dict[str, Label] = {
    "dataset": Label(datasets.titles, _titles_like),
    "revision": Label(datasets.numbers),
    "asset": Label(datasets.asset_names),
}
WORDS: dict[str, CodeWords] = {"purpose": _purpose_of_others}
TERMS: dict[str, Terms] = {"purpose": {code: one.iri for code, one in purposes.PURPOSES.items()}}
