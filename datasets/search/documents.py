"""What the index holds of a dataset. It is told texts, marks, variants, amounts and who may see them, and knows no
price and no audience: those are words to it."""

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

_DIGITS = 20


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
    amounts: Mapping[str, int] = field(default_factory=dict)
    """For who asks with a token, what the document is ordered by."""
    published_at: datetime | None = None
    revised_at: datetime | None = None


@cache
def schema() -> tantivy.Schema:
    """The fields of the index. Ids are raw text, because deleting by an unsigned number deletes nothing."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="words", index_option="position")
    builder.add_text_field("spelled", tokenizer_name="raw", index_option="basic")
    for part in PARTS:
        for language in LANGUAGES:
            builder.add_text_field(f"{part}_{language}", tokenizer_name=language, index_option="basic")
    for name in MARKS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("visible_to", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("variants", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("amounts", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("newest", fast=True)
    builder.add_integer_field("published", fast=True)
    return builder.build()


@cache
def analyzer(name: str) -> tantivy.TextAnalyzer:
    """How a field of this name is read: accents are folded before stemming, so that `donnees` finds `données`."""
    chain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    chain = chain.filter(tantivy.Filter.remove_long(LONGEST_WORD))
    chain = chain.filter(tantivy.Filter.lowercase())
    if name == "spelled":
        return chain.build()
    chain = chain.filter(tantivy.Filter.ascii_fold())
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
    for term in sorted({term for text in everything for term in _spelled_in(text)}):
        made.add_text("spelled", term)
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
    for term in sorted(
        {term for token, amount in document.amounts.items() for term in _terms_of_amount(token, amount)}
    ):
        made.add_text("amounts", term)
    published = int(document.published_at.timestamp()) if document.published_at else 0
    newest = int(document.revised_at.timestamp()) if document.revised_at else published
    made.add_integer("newest", _unlike_others(document.id, newest or _seconds_of(document.id)))
    made.add_integer("published", _unlike_others(document.id, published))
    return made


def _unlike_others(document_id: UUID, seconds: int) -> int:
    """The time as a key. Of those that tie, the UUIDv7 that was made later is greater: its last 24 bits of milliseconds
    and 7 of their fraction follow."""
    milliseconds, fraction = document_id.int >> 80 & (2**24 - 1), document_id.int >> 69 & (2**7 - 1)
    return seconds << 31 | milliseconds << 7 | fraction


def _seconds_of(document_id: UUID) -> int:
    """When a UUIDv7 was made."""
    return (document_id.int >> 80) // 1_000


def variant_term(token: str, marks: Mapping[str, str]) -> str:
    """How one variant, or one mark of it, stands in the index for those who ask with `token`."""
    return f"{token}|" + "".join(f"{name}={value};" for name, value in sorted(marks.items()))


@lru_cache(maxsize=4_096)
def marks_in(term: str) -> Mapping[str, str]:
    """The marks that a term of `variant_term` was written from."""
    pairs = term.partition("|")[2].split(";")[:-1]
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def spelled_term(word: str, spelling: str) -> str:
    """How a spelling of a folded word stands in the index."""
    return f"{word}={spelling}"


def amount_term(token: str, amount: int) -> str:
    """How an amount stands in the index for those who ask with `token`: a greater amount is a greater text."""
    if not 0 <= amount < 10**_DIGITS:
        raise ValueError(f"an amount has up to {_DIGITS} digits and no sign; not {amount}")
    return f"{token}|{amount:0{_DIGITS}d}"


def _terms_of_amount(token: str, amount: int) -> tuple[str, str]:
    """The amount, and that there is one."""
    if not OPAQUE.fullmatch(token):
        raise ValueError(f"a token has small letters, digits, _, : and -; not {token!r}")
    return amount_term(token, amount), token


def _spelled_in(text: str) -> Iterable[str]:
    """The words that folding changes."""
    for word, spelling in zip(analyzer("words").analyze(text), analyzer("spelled").analyze(text), strict=True):
        if word != spelling:
            yield spelled_term(word, spelling)


def _terms_of(variant: Variant) -> Iterable[str]:
    """The whole variant, for questions about several marks at once, and each mark by itself, which is quicker."""
    for word in (*variant.visible_to, *variant.marks, *variant.marks.values()):
        if not OPAQUE.fullmatch(word):
            raise ValueError(f"a token or mark has small letters, digits, _, : and -; not {word!r}")
    for token in variant.visible_to:
        yield variant_term(token, variant.marks)
        for name, value in variant.marks.items():
            yield variant_term(token, {name: value})
