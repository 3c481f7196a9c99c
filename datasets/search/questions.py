"""From what a visitor asks to the index's own queries. They are built from parts, never parsed, so that no text is a
command; a text is cut to what a person types."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from tantivy import Occur, Query

from datasets.search.documents import LANGUAGES, analyzer, composed, marks_in, schema, variant_term

LONGEST_TEXT = 200
MOST_WORDS = 10
SHORTEST_PREFIX = 3
SHORTEST_WITH_TYPO = 4

Order = Literal["match", "newest", "published", "amount"]
"""best match first; newest revision; last published; least amount"""

Wanted = Mapping[str, Collection[str]]
"""name of a mark: the values of which one must be there"""

_QUOTED = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]')
_FUNCTION_WORDS = frozenset(
    """a an and are as at be by for from in is it of on or that the this to with
    au aux avec ce ces cette dans de des du en est et il la le les leur ou par pour que qui sur un une
    c d j l m n qu s t""".split()
)


@dataclass(frozen=True)
class Question:
    """What is looked for, by somebody who may see what carries one of `tokens`. `marks` are the dataset's own;
    `variant_marks` must all hold of one variant."""

    tokens: Collection[str]
    text: str = ""
    marks: Wanted = field(default_factory=dict)
    variant_marks: Wanted = field(default_factory=dict)
    order: Order = "match"
    amounts_of: Sequence[str] = ()
    """Tokens: a document counts with the amount that it has for the first of them."""


@dataclass(frozen=True)
class Words:
    """A text as it is looked for: words, and phrases whose words must stand side by side."""

    words: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]
    may_go_on: bool  # the last word may be the beginning of a longer one

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def read(text: str) -> Words:
    """The words of a text; function words count only where there are no others."""
    given = composed(text[:LONGEST_TEXT])
    quoted = [tuple(analyzer("words").analyze(part)[:MOST_WORDS]) for part in _QUOTED.findall(given)]
    rest = analyzer("words").analyze(_QUOTED.sub(" ", given))
    words = [*(part[0] for part in quoted if len(part) == 1), *rest]
    telling = [word for word in words if word not in _FUNCTION_WORDS]
    phrases = tuple(part for part in quoted if len(part) > 1)[:MOST_WORDS]
    kept = telling or ([] if phrases else words)
    ends_in_a_word = bool(rest) and bool(kept) and kept[-1] == rest[-1]
    return Words(tuple(dict.fromkeys(kept))[:MOST_WORDS], phrases, ends_in_a_word)


def visible(question: Question) -> Query:
    """Everything that may be found by who asks."""
    return _any(_term("visible_to", token) for token in sorted(question.tokens))


def matching(words: Words, *, is_forgiving: bool) -> Query:
    """Every word and phrase is there; forgiving, a word may be one letter off."""
    last = words.words[-1] if words.words and words.may_go_on else None
    return _all(
        [
            *(_word(word, goes_on=word == last, is_forgiving=is_forgiving) for word in words.words),
            *(Query.phrase_query(schema(), "words", list(phrase)) for phrase in words.phrases),
        ]
    )


def ranks(words: Words) -> list[Query]:
    """What sets a match before others, best first: its words in the title; in title, keywords and names; some in the
    title; all of them whole, not as the beginning of others."""
    if not words.words:
        return []
    in_title = [_in("title", word) for word in words.words]
    in_tags = [_any([_in("title", word), _in("tags", word)]) for word in words.words]
    return [_all(in_title), _all(in_tags), _any(in_title), _all([_in("any", word) for word in words.words])]


def with_marks(wanted: Wanted) -> list[Query]:
    """One query for each mark that is asked for."""
    return [
        _any(_term(name, value) for value in sorted(values))
        for name, values in sorted(wanted.items())
        if values
    ]


def with_variant(tokens: Collection[str], wanted: Wanted, known: Collection[str]) -> list[Query]:
    """One variant that a token opens has a wanted value of every mark that is asked for. `known` are the terms of
    all variants that these tokens open; one mark by itself is looked up without them."""
    asked = {name: frozenset(values) for name, values in wanted.items() if values}
    if not asked:
        return []
    if len(asked) == 1:
        ((name, values),) = asked.items()
        pairs = product(sorted(tokens), sorted(values))
        return [_any(_term("variants", variant_term(token, {name: value})) for token, value in pairs)]
    terms = [term for term in known if _has_marks(marks_in(term), asked)]
    return [Query.term_set_query(schema(), "variants", terms) if terms else Query.empty_query()]


def as_written(word: str) -> Query:
    """Has this folded word itself, not only another with its stem."""
    return _term("words", word)


def both(*queries: Query) -> Query:
    return _all(queries)


def either(queries: Iterable[Query]) -> Query:
    return _any(queries)


def but(query: Query, others: Sequence[Query]) -> Query:
    """What the first finds and none of the others."""
    return Query.boolean_query([(Occur.Must, query), *((Occur.MustNot, other) for other in others)])


def _has_marks(marks: Mapping[str, str], asked: Mapping[str, Collection[str]]) -> bool:
    return all(marks.get(name) in values for name, values in asked.items())


def may_be_misspelt(word: str) -> bool:
    """Short words and numbers are meant as they are: 2013 is not 2014."""
    return len(word) >= SHORTEST_WITH_TYPO and word.isalpha()


def with_amount(token: str, amount: str = "") -> Query:
    """Has an amount for who asks with `token`, or the one that this term says."""
    return _term("amounts", amount or token)


def _word(word: str, *, goes_on: bool, is_forgiving: bool) -> Query:
    ways = [_in("any", word)]
    if goes_on and len(word) >= SHORTEST_PREFIX:
        ways.append(Query.fuzzy_term_query(schema(), "words", word, distance=0, prefix=True))
    if is_forgiving and may_be_misspelt(word):
        ways.append(Query.fuzzy_term_query(schema(), "words", word, distance=1))
        ways += [Query.fuzzy_term_query(schema(), f"any_{language}", stem) for language, stem in _stems(word)]
    return _any(ways)


def _in(part: str, word: str) -> Query:
    return _any(_term(f"{part}_{language}", stem) for language, stem in _stems(word))


def _stems(word: str) -> list[tuple[str, str]]:
    """The word's stem in each language; a word that has none there is looked for as it is."""
    return [(language, "".join(analyzer(language).analyze(word)) or word) for language in LANGUAGES]


def _term(name: str, value: str) -> Query:
    return Query.term_query(schema(), name, value, "basic")


def _all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _any(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])
