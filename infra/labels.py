"""What the compliance desk calls the things of the apps above it: the tables that `compliance.labels` takes at
start."""

from collections.abc import Mapping
from uuid import UUID

from compliance.labels import CodeWords, Label, Terms
from contracts import purposes, rights
from datasets import queries as datasets


def _titles_like(words: str, at_most: int) -> Mapping[UUID, str]:
    return datasets.titles_like(words, at_most=at_most)


TABLE: dict[str, Label] = {
    "dataset": Label(datasets.titles, _titles_like),
    "revision": Label(datasets.numbers),
    "asset": Label(datasets.asset_names),
}
WORDS: dict[str, CodeWords] = {"purpose": rights.purpose_words}
TERMS: dict[str, Terms] = {"purpose": {code: one.iri for code, one in purposes.PURPOSES.items()}}
