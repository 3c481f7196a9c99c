"""The search index, and tantivy's only door: texts in English and French, exact marks, counts. It can be built anew
from the database at any time, so nothing is true because the index says so."""

from datasets.search.documents import Document, Variant
from datasets.search.index import (
    DEEPEST,
    Hits,
    Unreadable,
    find,
    is_ready,
    rebuild,
    size,
    turn_to_write,
    write,
)
from datasets.search.questions import Order, Question

__all__ = [
    "DEEPEST",
    "Document",
    "Hits",
    "Order",
    "Question",
    "Unreadable",
    "Variant",
    "find",
    "is_ready",
    "rebuild",
    "size",
    "turn_to_write",
    "write",
]
