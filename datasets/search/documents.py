"""What the index holds of a dataset. It is told texts, marks, variants and who may see them, and knows no price and
no audience: those are words to it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

import tantivy

MARKS = (
    *("state", "theme", "language", "seller", "seller_country"),
    *("personal_data", "frequency", "country", "media_type"),
)
LANGUAGES = {"en": "english", "fr": "french"}
PARTS = ("title", "tags", "any")
"""Where a word may stand; `any` is everywhere, title and tags included."""

LONGEST_WORD = 40
OPAQUE = re.compile("[a-z0-9_:-]+")
"""What tokens and the marks of variants are written in."""


@dataclass(frozen=True)
class Variant:
    """One way to have a dataset, which `visible_to` may know of."""

    visible_to: frozenset[str]
    marks: Mapping[str, str]


@dataclass(frozen=True)
class Document:
    """A dataset as it can be found. `visible_to` are opaque tokens: who asks with one of them may find it."""

    id: UUID
    visible_to: frozenset[str]
    title: str
    tags: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    marks: Mapping[str, Iterable[str]] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    published_at: datetime | None = None


@cache
def schema() -> tantivy.Schema:
    """The fields of the index. Ids are raw text, because deleting by an unsigned number deletes nothing."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="words", index_option="position")
    for part in PARTS:
        for language in LANGUAGES:
            builder.add_text_field(f"{part}_{language}", tokenizer_name=language, index_option="basic")
    for name in MARKS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("visible_to", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("variants", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("newest", fast=True)
    builder.add_integer_field("published", fast=True)
    return builder.build()


@cache
def analyzer(name: str) -> tantivy.TextAnalyzer:
    """How a field of this name is read: accents are folded before stemming, so that `donnees` finds `données`."""
    chain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    chain = chain.filter(tantivy.Filter.remove_long(LONGEST_WORD))
    chain = chain.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    return (chain.filter(tantivy.Filter.stemmer(LANGUAGES[name])) if name in LANGUAGES else chain).build()


def register_analyzers(index: tantivy.Index) -> None:
    """Every opened index has to be told them."""
    for name in ("words", *LANGUAGES):
        index.register_tokenizer(name, analyzer(name))


def composed(text: str) -> str:
    """One spelling for letters that Unicode can write in several ways; an accent by itself would end a word. Halves
    of characters are left out."""
    return unicodedata.normalize("NFKC", text.encode(errors="ignore").decode())


def as_indexed(document: Document) -> tantivy.Document:
    """The document in the index's own form."""
    title, tags = composed(document.title), [composed(text) for text in document.tags]
    everything = [title, *tags, *(composed(text) for text in document.body)]
    made = tantivy.Document()
    made.add_text("id", str(document.id))
    for text in everything:
        made.add_text("words", text)
    for part, texts in zip(PARTS, ([title], tags, everything), strict=True):
        for language in LANGUAGES:
            for text in texts:
                made.add_text(f"{part}_{language}", text)
    for name, values in document.marks.items():
        for value in sorted(set(values)):
            made.add_text(name, value)
    for token in sorted(document.visible_to):
        made.add_text("visible_to", token)
    for term in sorted({term for variant in document.variants for term in _terms_of(variant)}):
        made.add_text("variants", term)
    published = int(document.published_at.timestamp()) if document.published_at else 0
    made.add_integer(
        "newest", (document.id.int >> 64) - 2**63
    )  # of a UUIDv7, the time to a part of a millisecond
    made.add_integer(
        "published", published << 28 | document.id.int & (2**28 - 1)
    )  # the id's end parts those that tie
    return made


def variant_term(token: str, marks: Mapping[str, str]) -> str:
    """How one variant, or one mark of it, stands in the index for those who ask with `token`."""
    return f"{token}|" + "".join(f"{name}={value};" for name, value in sorted(marks.items()))


@lru_cache(maxsize=4_096)
def marks_in(term: str) -> Mapping[str, str]:
    """The marks that a term of `variant_term` was written from."""
    pairs = term.partition("|")[2].split(";")[:-1]
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _terms_of(variant: Variant) -> Iterable[str]:
    """The whole variant, for questions about several marks at once, and each mark by itself, which is quicker."""
    for word in (*variant.visible_to, *variant.marks, *variant.marks.values()):
        if not OPAQUE.fullmatch(word):
            raise ValueError(f"a token or mark has small letters, digits, _, : and -; not {word!r}")
    for token in variant.visible_to:
        yield variant_term(token, variant.marks)
        for name, value in variant.marks.items():
            yield variant_term(token, {name: value})
