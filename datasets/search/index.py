"""Reads and writes of the index. A reader opens the generation in use and looks again after each commit; one writer
at a time is opened fresh, commits and is gone. What cannot be read is Unreadable, and never stops the exchange."""

import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from django.conf import settings
from tantivy import Index, IndexWriter, Query, Searcher

from datasets.search import folders, orders, spellings
from datasets.search import questions as ask
from datasets.search.documents import MARKS, Document, as_indexed, register_analyzers, schema, variant_term
from datasets.search.questions import Question
from datasets.search.totals import count
from exchange.kernel.errors import Unavailable

DEEPEST = 100_000
"""No page begins further down: what comes before it has to be kept in order on the way."""

_BUCKETS = 60_000  # of one facet; fewer than there are values would make counts approximate
_WRITE_BYTES, _REBUILD_BYTES = 15_000_000, 128_000_000
_REBUILD_THREADS = 2

log = logging.getLogger("exchange.search")


class Unreadable(Exception):
    """There is no index, or it is damaged: it has to be built anew."""


@dataclass(frozen=True)
class Hits:
    """A page of ids in order and how many there are in all. `is_corrected` where a word had to be one letter off;
    `correction` is a text that finds much more, where the one that was asked for finds next to nothing."""

    ids: list[UUID]
    total: int
    is_corrected: bool = False
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    correction: str = ""


@dataclass(frozen=True)
class _Opened:
    generation: Path
    index: Index
    commit: tuple[int, int]


_opened: _Opened | None = None
_opening = threading.Lock()


def is_ready() -> bool:
    """Whether the index can be read: each kind of file is looked into once, because some are opened only then."""
    probe = ask.matching(ask.read('"a phrase" and a word'), is_forgiving=False)
    try:
        with _reading() as searcher:
            count(searcher, probe)
            for _, address in searcher.search(Query.all_query(), 1, order_by_field="newest").hits:
                searcher.doc(address)
            return True
    except Unreadable:
        return False


def size() -> int:
    """How many documents the index holds; Unreadable where there is none."""
    with _reading() as searcher:
        return int(searcher.num_docs)


def turn_to_write(*, wait: bool) -> AbstractContextManager[bool]:
    """Whether the caller is the one writer now, until the block ends."""
    return folders.turn_to_write(settings.EXCHANGE_SEARCH_DIR, wait=wait)


def write(ids: Collection[UUID], documents: Collection[Document]) -> None:
    """Forget `ids` and hold `documents` instead, in one commit; the caller has the turn to write."""
    with _as_unreadable():
        generation, _ = _in_use()
        writer = _open(generation).writer(_WRITE_BYTES, 1)
        for document_id in ids:
            writer.delete_documents_by_term("id", str(document_id))
        _commit(writer, documents)


def rebuild(documents: Iterable[Document]) -> int:
    """Build the index from nothing and put it in the place of the one in use; answers how many documents it holds.
    The caller has the turn to write."""
    try:
        with _as_unreadable():
            generation = folders.fresh_generation(settings.EXCHANGE_SEARCH_DIR)
            index = _open(generation)
            _commit(index.writer(_REBUILD_BYTES * _REBUILD_THREADS, _REBUILD_THREADS), documents)
            folders.swap_in(generation)
            index.reload()
            return index.searcher().num_docs
    except Unreadable as error:
        raise Unavailable("the search index cannot be written", code="index_unwritable") from error


def find(
    question: Question,
    *,
    limit: int,
    offset: int = 0,
    facets: Collection[str] = (),
    variant_facets: Mapping[str, Mapping[str, Collection[str]]] | None = None,
) -> Hits:
    """Answer a question. `facets` are names of marks to count; `variant_facets` name for a variant's mark what to
    count, each under a name of its own and with the values that it stands for.

    A facet is counted as if nothing were asked of that facet itself, so that a reader sees what else there is.
    """
    with _reading() as searcher:
        words = ask.read(question.text)
        if not words and question.text.strip():
            return Hits([], 0)
        is_corrected, correction = _corrected(searcher, question, words)
        text = ask.matching(words, is_forgiving=is_corrected) if words else Query.all_query()
        base = _Base(question, text, _variants_known(searcher, question))
        found = base.narrowed()
        counts = _marks_counted(searcher, base, facets)
        for name, values in (variant_facets or {}).items():
            counts[name] = _variants_counted(searcher, base, name, values)
        ids: list[UUID] = []
        if offset <= DEEPEST:
            ids = orders.page(searcher, question, words, found, limit=limit, offset=offset)
        return Hits(ids, count(searcher, found), is_corrected, counts, correction)


@dataclass(frozen=True)
class _Base:
    """A question, the query of its text, and the terms of all variants that may be seen."""

    question: Question
    text: Query
    variants: Collection[str]

    def narrowed(self, *more: Query) -> Query:
        asked = self.question
        narrowing = [
            *ask.with_marks(asked.marks),
            *ask.with_variant(asked.tokens, asked.variant_marks, self.variants),
        ]
        return ask.both(self.text, ask.visible(asked), *narrowing, *more)

    def without(self, facets: Collection[str]) -> "_Base":
        asked = self.question
        marks = {name: values for name, values in asked.marks.items() if name not in facets}
        return replace(self, question=replace(asked, marks=marks))

    def with_variant(self, facet: str, values: Collection[str]) -> "_Base":
        asked = self.question
        return replace(
            self, question=replace(asked, variant_marks={**asked.variant_marks, facet: tuple(values)})
        )


def _corrected(searcher: Searcher, question: Question, words: ask.Words) -> tuple[bool, str]:
    """Whether the text has to be read forgivingly, because nothing that may be seen has it as it is; and the text
    that may have been meant instead."""
    if not words:
        return False, ""
    exactly = count(searcher, ask.both(ask.matching(words, is_forgiving=False), ask.visible(question)))
    if exactly > spellings.FEW:
        return False, ""
    correction = spellings.corrected(searcher, question, words, exactly)
    if exactly:
        return False, correction
    forgivingly = ask.both(ask.matching(words, is_forgiving=True), ask.visible(question))
    return bool(count(searcher, forgivingly)), correction


def _marks_counted(searcher: Searcher, base: _Base, names: Collection[str]) -> dict[str, dict[str, int]]:
    """One pass for all that nothing is asked of, and one for each of the others."""
    if unknown := set(names) - set(MARKS):
        raise KeyError(f"there is no mark {', '.join(sorted(unknown))}")
    alone = [[name] for name in names if base.question.marks.get(name)]
    together = [name for name in names if [name] not in alone]
    counts: dict[str, dict[str, int]] = {}
    for group in (together, *alone):
        wanted = {name: _terms(name) for name in group}
        answer = searcher.aggregate(base.without(group).narrowed(), wanted) if wanted else {}
        for name in group:
            counts[name] = {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["buckets"]}
    return counts


def _terms(name: str) -> dict[str, object]:
    return {"terms": {"field": name, "size": _BUCKETS, "segment_size": _BUCKETS}}


def _variants_known(searcher: Searcher, question: Question) -> list[str]:
    """Only questions about several marks of a variant need them."""
    tokens = sorted(question.tokens) if question.variant_marks else ()
    return [
        term for token in tokens for term, _ in searcher.terms_with_prefix("variants", variant_term(token, {}))
    ]


def _variants_counted(
    searcher: Searcher, base: _Base, name: str, values: Mapping[str, Collection[str]]
) -> dict[str, int]:
    counted = {
        shown: count(searcher, base.with_variant(name, stands_for).narrowed())
        for shown, stands_for in values.items()
    }
    return {shown: count for shown, count in counted.items() if count}


def _in_use() -> tuple[Path, tuple[int, int]]:
    """The generation in use, and what changes with every commit to it."""
    generation = folders.generation_in_use(settings.EXCHANGE_SEARCH_DIR)
    if generation is None:
        raise Unreadable("there is no index")
    status = (generation / "meta.json").stat()  # where it is missing, opening would begin an empty index
    return generation, (status.st_ino, status.st_mtime_ns)


def _open(generation: Path) -> Index:
    index = Index(schema(), str(generation))
    register_analyzers(index)
    return index


def _commit(writer: IndexWriter, documents: Iterable[Document]) -> None:
    for document in documents:
        writer.add_document(as_indexed(document))
    writer.commit()
    writer.wait_merging_threads()  # what is dropped while it merges leaves more and more small segments


@contextmanager
def _reading() -> Iterator[Searcher]:
    with _as_unreadable():
        try:
            searcher = _searcher()
        except (ValueError, OSError):
            searcher = _searcher()  # a rebuild may have taken the generation away between two looks
        yield searcher


def _searcher() -> Searcher:
    """A view of the last commit. To look at the file that names it costs less than to be told of a new one."""
    global _opened
    generation, commit = _in_use()
    with _opening:
        if _opened is None or _opened.generation != generation:
            _opened = _Opened(generation, _open(generation), commit)
        elif _opened.commit != commit:
            _opened.index.reload()
            _opened = replace(_opened, commit=commit)
        return _opened.index.searcher()


@contextmanager
def _as_unreadable() -> Iterator[None]:
    try:
        yield
    except Unreadable:
        raise
    except (ValueError, OSError) as error:
        raise _logged(error) from error
    except BaseException as error:  # the engine's panics are not Exceptions
        if type(error).__name__ != "PanicException":
            raise
        raise _logged(error) from error


def _logged(error: BaseException) -> Unreadable:
    log.warning("the search index cannot be read: %s", error)
    return Unreadable(str(error))
