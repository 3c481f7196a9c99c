"""Did you mean: a text with the words that next to nothing has put as documents write them that the reader may see.
Every word is the index's own, and is looked up for that reader alone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from string import ascii_lowercase

from tantivy import Query, Searcher

from datasets.search import questions as ask
from datasets.search.documents import analyzer, composed, spelled_term
from datasets.search.questions import LONGEST_TEXT, Question, Words
from datasets.search.totals import count

FEW = 5
"""Who finds no more than this may have meant something else."""

_MUCH_MORE = 10
"""Times as many has a text to find that is proposed instead of one that finds something."""

_MOST_WORDS, _MOST_TRIED = 3, 8
_WORD = re.compile(r"[^\W_]+")


def corrected(searcher: Searcher, question: Question, words: Words, found: int) -> str:
    """The text with other words, one letter off, that finds much more than the `found` of the text as it is; empty
    where there is none."""
    visible, changed = ask.visible(question), dict[str, str]()
    for word in [word for word in words.words if ask.may_be_misspelt(word)]:
        if len(changed) == _MOST_WORDS:
            break
        if other := _other(searcher, visible, words, word):
            words = replace(words, words=tuple(other if one == word else one for one in words.words))
            changed[word] = other
    if not changed or _count(searcher, visible, words) < max(1, _MUCH_MORE * found):
        return ""
    spelled = {word: _spelled(searcher, visible, other) for word, other in changed.items()}
    return _written(question.text, spelled)


def _other(searcher: Searcher, visible: Query, words: Words, word: str) -> str:
    """The near word with which most is found; nothing where many have the word as it is."""
    last = words.words[-1] if words.may_go_on else None
    as_it_is = _count(searcher, visible, Words((word,), (), word == last))
    if as_it_is > FEW:
        return ""
    others = tuple(one for one in words.words if one != word)
    rest = ask.matching(
        replace(words, words=others, may_go_on=words.may_go_on and word != last), is_forgiving=True
    )
    rested = ask.both(visible, rest) if others or words.phrases else visible
    near = sorted((-searcher.doc_freq("words", one), one) for one in _one_off(word))
    tried = [one for frequency, one in near[:_MOST_TRIED] if frequency]
    counts = {one: _count(searcher, rested, Words((one,), (), False)) for one in tried}
    best = max(tried, key=lambda one: counts[one], default="")
    return best if best and counts[best] >= max(1, _MUCH_MORE * as_it_is) else ""


def _one_off(word: str) -> Iterator[str]:
    """Every text that is one letter less, more, other, or out of its place."""
    letters = sorted({*ascii_lowercase, *word})
    found = set[str]()
    for at in range(len(word) + 1):
        before, here = word[:at], word[at:]
        found.update(before + letter + here for letter in letters)
        found.update(before + letter + here[1:] for letter in letters if here)
        found.update({before + here[1:]} if here else ())
        found.update({before + here[1] + here[0] + here[2:]} if len(here) > 1 else ())
    return iter(found - {word})


def _spelled(searcher: Searcher, visible: Query, word: str) -> str:
    """The word with its accents, where at least half of those who use it write them."""
    start = spelled_term(word, "")
    ways = {
        term.removeprefix(start): times
        for term, times in searcher.terms_with_prefix("spelled", start, filter_query=visible)
    }
    best = min(ways, key=lambda way: (-ways[way], way), default=word)
    users = count(searcher, ask.both(visible, ask.as_written(word)))
    return best if ways and 2 * ways[best] >= users else word


def _count(searcher: Searcher, within: Query, words: Words) -> int:
    return count(searcher, ask.both(within, ask.matching(words, is_forgiving=False)))


def _written(text: str, changed: Mapping[str, str]) -> str:
    """The text as it was typed, but for the words that are changed."""

    def put(match: re.Match[str]) -> str:
        return changed.get("".join(analyzer("words").analyze(match[0])), match[0])

    return _WORD.sub(put, composed(text[:LONGEST_TEXT])).strip()
