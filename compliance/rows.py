"""The desk's records as a page shows them: names beside ids, codes in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance import labels, words
from compliance.desk_words import CARRIERS
from compliance.models import Duty, Export, Review, TransferRecord
from compliance.reviews.words import CAUSES
from compliance.words import Mark, Words
from exchange.kernel.actors import Actor
from exchange.look.formats import moment, short
from exchange.look.names import country_name
from exchange.participants import queries as participant_queries

_CLASSES_WITHOUT_BASIS = ("none",)


@dataclass(frozen=True)
class Row:
    """One transfer, or one refused attempt, in a table."""

    record: TransferRecord
    title: str
    revision: str
    file: str
    seller: str
    buyer: str
    country: str
    mark: Mark
    note: Words
    data_class: Words
    needs_basis: bool
    basis: Words
    purpose: str
    is_proven: bool


@dataclass(frozen=True)
class ShownExport:
    export: Export
    form: Words
    mark: Mark
    asked: list[tuple[Words, Words]]


@dataclass(frozen=True)
class ShownReview:
    review: Review
    title: str
    seller: str
    mark: Mark
    kinds: list[Words]
    causes: list[Words]


@dataclass(frozen=True)
class ShownDuty:
    duty: Duty
    title: str
    revision: str
    seller: str
    buyer: str


@dataclass(frozen=True)
class Names:
    """The names of everything that some rows mention; an id stands for what has none."""

    organisations: dict[UUID, str]
    datasets: dict[UUID, str]
    revisions: dict[UUID, str]
    assets: dict[UUID, str]

    def organisation(self, found: UUID | None) -> str:
        return _name(self.organisations, found)

    def dataset(self, found: UUID | None) -> str:
        return _name(self.datasets, found)

    def revision(self, found: UUID | None) -> str:
        return _name(self.revisions, found)

    def asset(self, found: UUID | None) -> str:
        return _name(self.assets, found)


def organisations(ids: Iterable[UUID | None], *, by: Actor) -> dict[UUID, str]:
    """What organisations are called."""
    wanted = {found for found in ids if found is not None}
    if not wanted:
        return {}
    rows = participant_queries.participants_visible_to(by).filter(pk__in=wanted)
    return dict(rows.values_list("pk", "name"))


def of(records: Sequence[TransferRecord], *, proven_leaves: int, by: Actor) -> list[Row]:
    """The rows of a table of transfers; one question for each kind of name."""
    names = Names(
        organisations([one for row in records for one in (row.seller_id, row.buyer_id)], by=by),
        labels.names("dataset", [row.dataset_id for row in records]),
        labels.names("revision", [row.revision_id for row in records]),
        labels.names("asset", [row.asset_id for row in records]),
    )
    return [_row(record, names, proven_leaves) for record in records]


def exports(found: Sequence[Export], *, by: Actor) -> list[ShownExport]:
    """Exports with what was asked, in words."""
    return [
        ShownExport(one, words.FORMS[one.form], words.EXPORTS[one.state], asked(one.filters, by=by))
        for one in found
    ]


def asked(facts: Mapping[str, object], *, by: Actor) -> list[tuple[Words, Words]]:
    """What was asked of the desk: each filter and its value in words."""
    return [(words.FILTERS[name], _value(name, str(value), by)) for name, value in facts.items()]


def _value(name: str, value: str, by: Actor) -> Words:
    if name in ("seller", "buyer"):
        return _name(organisations([UUID(value)], by=by), UUID(value))
    if name in ("dataset", "revision", "asset"):
        return _name(labels.names(name, [UUID(value)]), UUID(value))
    if name in ("since", "until"):
        return moment(datetime.fromisoformat(value))
    if name == "country":
        return country_name(value)
    if name == "mechanism":
        return CARRIERS.get(value, value)
    return words.RESULTS[value].words if name == "result" else words.CLASSES.get(value, value)


def duties(found: Sequence[Duty], *, by: Actor) -> list[ShownDuty]:
    """Deletions that are owed, by name."""
    names = Names(
        organisations([one for row in found for one in (row.seller_id, row.buyer_id)], by=by),
        labels.names("dataset", [row.dataset_id for row in found]),
        labels.names("revision", [row.revision_id for row in found]),
        {},
    )
    return [
        ShownDuty(
            row,
            names.dataset(row.dataset_id),
            names.revision(row.revision_id),
            names.organisation(row.seller_id),
            names.organisation(row.buyer_id),
        )
        for row in found
    ]


def reviews(found: Sequence[Review], *, by: Actor) -> list[ShownReview]:
    """Reviews with what they are about."""
    names = organisations([review.seller_id for review in found], by=by)
    subjects = {review.pk: _subject_id(review) for review in found}
    titles = labels.names("dataset", subjects.values())
    return [
        ShownReview(
            review,
            titles.get(subject) or short(subject) if (subject := subjects[review.pk]) else review.subject,
            _name(names, review.seller_id),
            words.REVIEWS[review.state],
            _kinds(review),
            [CAUSES.get(cause, cause) for cause in review.causes],
        )
        for review in found
    ]


def _kinds(review: Review) -> list[Words]:
    return [words.KINDS.get(kind, kind) for kind in sorted({found["kind"] for found in review.contradictions})]


def _subject_id(review: Review) -> UUID | None:
    noun, _, text = review.subject.partition(":")
    try:
        return UUID(text) if noun == "dataset" else None
    except ValueError:
        return None


def _row(record: TransferRecord, names: Names, proven_leaves: int) -> Row:
    return Row(
        record=record,
        title=names.dataset(record.dataset_id),
        revision=names.revision(record.revision_id),
        file=names.asset(record.asset_id),
        seller=names.organisation(record.seller_id),
        buyer=names.organisation(record.buyer_id),
        country=country_name(record.country_to),
        mark=words.RESULTS[record.result],
        note=words.reason_words(record.reason) if record.reason else "",
        data_class=words.CLASSES.get(record.personal_data, record.personal_data),
        needs_basis=record.personal_data not in _CLASSES_WITHOUT_BASIS,
        basis=words.BASES.get(record.legal_basis, record.legal_basis),
        purpose=labels.word("purpose", record.purpose),
        is_proven=record.last_leaf < proven_leaves,
    )


def _name(names: dict[UUID, str], found: UUID | None) -> str:
    return "–" if found is None else names.get(found) or short(found)
