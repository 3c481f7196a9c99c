"""What the publish gate shows on a page: each column with its standing in words, what the seller states, and who said
what of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from compliance import labels, legal
from compliance.models import Review, Verdict
from compliance.reviews import words
from compliance.reviews.examination import ColumnLine
from compliance.rows import called, organisations
from compliance.words import BASES, CLASSES, KINDS, REVIEWS, Mark, Words
from exchange.kernel.actors import Actor
from exchange.kernel.errors import ExchangeError
from exchange.look import formats
from exchange.look.formats import short

_DIGESTS = ("ground_sha256", "notice_sha256")
_DAYS = ("dpia_on", "notice_on")


@dataclass(frozen=True)
class ShownColumn:
    """One column, declared beside found."""

    name: str
    declared: Words
    found: Words
    kind: Words
    how: Words
    matched: int
    sampled: int
    by_values: bool
    mark: Mark
    is_special: bool

    @property
    def counts(self) -> bool:
        """Whether values were held against a shape: a header alone says nothing of them."""
        return bool(self.sampled) and (bool(self.matched) or self.by_values)


@dataclass(frozen=True)
class Answer:
    """One thing that the seller states: as text, as an address or as a digest."""

    title: Words
    values: list[Words]
    form: str


@dataclass(frozen=True)
class ShownVerdict:
    """What one officer said."""

    verdict: Verdict
    mark: Mark


def columns(lines: Sequence[ColumnLine] | Sequence[Mapping[str, Any]]) -> list[ShownColumn]:
    """Columns as a table shows them, in their order."""
    return [_column(one if isinstance(one, ColumnLine) else ColumnLine(**one)) for one in lines]


def answers(stated: Mapping[str, Any]) -> list[Answer]:
    """What the seller states, in the order of the page; what is not stated is left out."""
    return [_answer(name, title, stated[name]) for name, title in words.FIELDS.items() if stated.get(name)]


def verdicts(found: Sequence[Verdict]) -> list[ShownVerdict]:
    """Verdicts with their words."""
    return [ShownVerdict(one, _APPROVAL if one.is_approval else _REFUSAL) for one in found]


def causes(found: Sequence[str]) -> list[Words]:
    """Why something waits, in words."""
    return [words.CAUSES.get(one, one) for one in found]


def _column(line: ColumnLine) -> ShownColumn:
    how = words.METHODS.get(line.method, "")
    return ShownColumn(
        name=line.column,
        declared=CLASSES.get(line.declared, line.declared),
        found=CLASSES.get(line.found, line.found),
        kind=KINDS.get(line.kind, line.kind),
        how=f"{words.CONFIDENCES[line.confidence]}, {how}" if line.confidence else "",
        matched=line.matched,
        sampled=line.sampled,
        by_values="values" in line.method,
        mark=words.STANDINGS[line.standing],
        is_special=line.found == "special",
    )


def _answer(name: str, title: Words, value: Any) -> Answer:
    if name in _DIGESTS:
        return Answer(title, [value], "digest")
    if name == "notice_url":
        return Answer(title, [value], "address")
    if name == "rights_stated":
        return Answer(title, [words.YES], "text")
    if name == "article_9_ground":
        return Answer(title, [_ground(value)], "text")
    table = _TABLES.get(name, {})
    several = value if isinstance(value, list) else [value]
    if name in _DAYS:
        return Answer(title, [formats.day(date.fromisoformat(value))], "text")
    if isinstance(value, int):
        return Answer(title, [formats.number(value)], "text")
    return Answer(title, [table.get(str(one), one) for one in several], "text")


def _ground(code: str) -> Words:
    """A ground of Article 9(2) in the words of the law in force; its number alone where the law cannot be read."""
    written = f"9(2)({code[-1]})"
    try:
        found = {one.code: one.words for one in legal.current().grounds("9(2)")}
    except ExchangeError:
        return written
    said = found.get(written, {})
    language = (get_language() or "en").partition("-")[0]
    return f"{written}, {said.get(language) or said['en']}" if said else written


_TABLES: Mapping[str, Mapping[str, Words]] = {
    "personal_data": CLASSES,
    "legal_basis": BASES,
    "screening": words.CRITERIA,
    "dpia_outcome": words.OUTCOMES,
    "origin": words.ORIGINS,
    "notice_exemption": words.EXEMPTIONS,
    "rights": words.RIGHTS,
}
_APPROVAL = words.VERDICTS["approved"]
_REFUSAL = words.VERDICTS["refused"]


@dataclass(frozen=True)
class ShownReview:
    review: Review
    title: str
    seller: str
    mark: Mark
    kinds: list[Words]
    causes: list[Words]


def reviews(found: Sequence[Review], *, by: Actor) -> list[ShownReview]:
    """Reviews with what they are about."""
    names = organisations([review.seller_id for review in found], by=by)
    subjects = {review.pk: _subject_id(review) for review in found}
    titles = labels.names("dataset", subjects.values())
    return [
        ShownReview(
            review,
            titles.get(subject) or short(subject) if (subject := subjects[review.pk]) else review.subject,
            called(names, review.seller_id),
            REVIEWS[review.state],
            _kinds(review),
            [words.CAUSES.get(cause, cause) for cause in review.causes],
        )
        for review in found
    ]


def _kinds(review: Review) -> list[Words]:
    return [KINDS.get(kind, kind) for kind in sorted({found["kind"] for found in review.contradictions})]


def _subject_id(review: Review) -> UUID | None:
    noun, _, text = review.subject.partition(":")
    try:
        return UUID(text) if noun == "dataset" else None
    except ValueError:
        return None
