"""The order of what is found, and a page of it: group after group, in each by one key that no two documents share, so
that the order does not depend on how the index happens to be laid out on disk."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from uuid import UUID

from tantivy import Query, Searcher

from datasets.search import questions as ask
from datasets.search.documents import amount_term
from datasets.search.questions import Question, Words
from datasets.search.totals import total

Group = tuple[int | None, Callable[[], Query]]
"""How many it has, where that is known, and what finds them."""


def page(
    searcher: Searcher, question: Question, words: Words, found: Query, *, limit: int, offset: int
) -> list[UUID]:
    """The ids from `offset` on, in the order that is asked for; of equals, the newest first."""
    key = "published" if question.order == "published" else "newest"
    ids: list[UUID] = []
    for size, query in _groups(searcher, question, words, found):
        if size is not None and size <= offset:
            offset -= size
            continue
        hits = searcher.search(query(), limit - len(ids), offset=offset, order_by_field=key)
        ids += [UUID(searcher.doc(address)["id"][0]) for _, address in hits.hits]
        if len(ids) == limit:
            break
        offset = max(0, offset - total(hits))
    return ids


def _groups(searcher: Searcher, question: Question, words: Words, found: Query) -> Iterator[Group]:
    if question.order == "amount":
        yield from _amounts(searcher, question, found)
        return
    ranks = ask.ranks(words) if question.order == "match" else []
    for position, rank in enumerate([*ranks, Query.all_query()]):
        yield None, lambda rank=rank, better=ranks[:position]: ask.but(ask.both(found, rank), better)  # type: ignore[misc]


def _amounts(searcher: Searcher, question: Question, found: Query) -> Iterator[Group]:
    """From the least amount up, and at last what has none."""
    sizes: dict[str, int] = defaultdict(int)
    queries: dict[str, list[Query]] = defaultdict(list)
    told: list[Query] = []  # by a token that comes before
    for token in question.amounts_of:
        here = ask.but(found, told)
        first = amount_term(token, 0).rstrip("0")
        for term, size in searcher.terms_with_prefix("amounts", first, filter_query=here):
            amount = term.removeprefix(first)
            sizes[amount] += size
            queries[amount].append(ask.but(ask.both(found, ask.with_amount(token, term)), told))
        told = [*told, ask.with_amount(token)]
    for amount in sorted(sizes):
        yield sizes[amount], lambda amount=amount: ask.either(queries[amount])  # type: ignore[misc]
    yield None, lambda: ask.but(found, told)
