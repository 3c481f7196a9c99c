"""Words for what the log knows by id alone: titles of datasets, numbers of revisions, names of files. The apps that
own them hand their reads over at start; labels are shown beside what the log proves, and never exported with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

MOST_FOUND = 20

Names = Callable[[Iterable[UUID]], Mapping[UUID, str]]
Find = Callable[[str, int], Mapping[UUID, str]]
CodeWords = Callable[[str], str]
Terms = Mapping[str, str]
"""The codes of a vocabulary, each with its address on the web."""


@dataclass(frozen=True)
class Label:
    """How things of one noun are called; `find` answers those whose name holds some words, at most so many."""

    names: Names
    find: Find | None = None


_known: dict[str, Label] = {}
_words: dict[str, CodeWords] = {}
_terms: dict[str, Terms] = {}


def register(
    table: Mapping[str, Label], words: Mapping[str, CodeWords], terms: Mapping[str, Terms] | None = None
) -> None:
    """Take the whole tables: noun -> how it is called, vocabulary -> the words of its codes, and vocabulary -> its
    codes; once, at start."""
    _known.clear()
    _known.update(table)
    _words.clear()
    _words.update(words)
    _terms.clear()
    _terms.update(terms or {})


def word(vocabulary: str, code: str) -> str:
    """A code of a vocabulary in the reader's words; the code itself where none are known."""
    return _words[vocabulary](code) if code and vocabulary in _words else code


def terms(vocabulary: str) -> Terms:
    """The codes of a vocabulary with their addresses; none where it is not known."""
    return _terms.get(vocabulary, {})


def names(noun: str, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of these things, of those that have one."""
    wanted = {one for one in ids if one is not None}
    label = _known.get(noun)
    return dict(label.names(wanted)) if label and wanted else {}


def find(noun: str, words: str) -> dict[UUID, str]:
    """The things of a noun whose name holds these words, or whose id they are."""
    try:
        return {UUID(words): words}
    except ValueError:
        label = _known.get(noun)
        return dict(label.find(words, MOST_FOUND)) if label and label.find else {}
