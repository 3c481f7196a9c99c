"""How many documents a query finds."""

from tantivy import Query, Searcher, SearchResult


def count(searcher: Searcher, query: Query) -> int:
    """How many, without ranking them."""
    return total(searcher.search(Query.const_score_query(query, 1.0), 1))  # a limit of 0 is a panic


def total(result: SearchResult) -> int:
    """How many were found in all, whatever the limit was."""
    counted: int = result.count  # type: ignore[attr-defined]  # left out of the engine's stubs
    return counted
