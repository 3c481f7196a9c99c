"""Totals and facets are those of a count by hand, over invented datasets: 5,000 in every run, 100,000 in a slow one."""

import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from statistics import quantiles
from typing import Any

import pytest

from datasets import search
from datasets.search import Document, Question
from tests.datasets.search_makers import ANSWERS, index, invented

FACETS = ("theme", "seller", "country", "personal_data")
ANSWERS_SHOWN = {value: (value,) for value in ANSWERS} | {"allowed": ("yes", "if")}
VARIANT_FACETS: dict[str, Any] = {
    "price": {"free": ("free",), "paid": ("paid",)},
    **dict.fromkeys("abc", ANSWERS_SHOWN),
}
ASKED: list[tuple[str, dict[str, list[str]], dict[str, list[str]]]] = [
    ("", {}, {}),
    ("w20 w3", {}, {}),
    ("", {"theme": ["ENVI"]}, {"price": ["free"]}),
    ("w0", {"theme": ["ENVI", "TRAN"], "country": ["FR"]}, {"a": ["yes", "if"], "b": ["no"]}),
    ("w900", {"personal_data": ["none"]}, {}),
]


@pytest.mark.parametrize(
    "count", [5_000, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(1_800)])]
)
def test_counts_are_those_of_a_count_by_hand(count: int) -> None:
    documents = list(invented(count))
    began = time.perf_counter()
    index(*documents)
    print(f"\nbuilt {count} in {time.perf_counter() - began:.1f} s")
    (me,) = documents[0].marks["seller"]
    for text, marks, variant_marks in ASKED:
        expect_as_by_hand(documents, Question({"everyone", f"p:{me}"}, text, marks, variant_marks))
    for text, marks, variant_marks in ASKED:
        question = Question({"everyone", f"p:{me}"}, text, marks, variant_marks)
        plain = timed(lambda: search.find(question, limit=20))  # noqa: B023
        whole = timed(lambda: search.find(question, limit=20, facets=FACETS, variant_facets=VARIANT_FACETS))  # noqa: B023
        print(f"{text!r:9} {marks} {variant_marks}: {plain}; with facets {whole}")


def timed(ask: Callable[[], object]) -> str:
    taken = []
    for _ in range(30):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1_000)
    return f"p50 {quantiles(taken, n=100)[49]:.1f} p99 {quantiles(taken, n=100)[98]:.1f} ms"


def expect_as_by_hand(documents: list[Document], question: Question) -> None:
    found = search.find(question, limit=50, facets=FACETS, variant_facets=VARIANT_FACETS)
    able = [one for one in documents if may_see(one, question) and has_words(one, question)]
    matching = [one for one in able if has_marks(one, question.marks) and has_variant(one, question)]
    assert found.total == len(matching)
    if not question.text:
        assert found.ids == [one.id for one in reversed(matching)][:50]
    offered = [one for one in able if has_variant(one, question)]
    for name in FACETS:
        others = {key: values for key, values in question.marks.items() if key != name}
        counted = Counter(value for one in offered if has_marks(one, others) for value in one.marks[name])
        assert found.counts[name] == counted
    marked = [one for one in able if has_marks(one, question.marks)]
    for name, values in VARIANT_FACETS.items():
        for shown, stands_for in values.items():
            asked = Question(question.tokens, variant_marks={**question.variant_marks, name: stands_for})
            assert found.counts[name].get(shown, 0) == sum(has_variant(one, asked) for one in marked)


def may_see(one: Document, question: Question) -> bool:
    return bool(one.visible_to & set(question.tokens))


def has_words(one: Document, question: Question) -> bool:
    """The last word may be the beginning of one."""
    *words, last = question.text.split() or [""]
    return words_of(one).issuperset(words) and (
        not last or last in words_of(one) or (len(last) > 2 and any(w.startswith(last) for w in words_of(one)))
    )


def words_of(one: Document) -> frozenset[str]:
    return words_in(one.title, *one.body)


@cache
def words_in(*texts: str) -> frozenset[str]:
    return frozenset(" ".join(texts).split())


def has_marks(one: Document, wanted: Any) -> bool:
    return all(set(one.marks[name]) & set(values) for name, values in wanted.items())


def has_variant(one: Document, question: Question) -> bool:
    return not question.variant_marks or any(
        variant.visible_to & set(question.tokens)
        and all(variant.marks[name] in values for name, values in question.variant_marks.items())
        for variant in one.variants
    )
