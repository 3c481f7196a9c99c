"""Transfers and exports of them as a page shows them: names beside ids, codes in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance import labels, words
from compliance.models import Export, TransferRecord
from compliance.rows import Names, asked, organisations
from compliance.words import Mark, Words
from exchange.kernel.actors import Actor
from exchange.look.names import country_name

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
