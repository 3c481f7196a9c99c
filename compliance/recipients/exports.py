"""Recipients as CSV and JSON Lines, streamed in constant memory: a line for each right and ground under which one of
them received some of the dataset."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from compliance import queries
from compliance.desk import note
from compliance.exports import exports
from compliance.exports.exports import Export, Form, Row
from compliance.recipients import received
from compliance.recipients.received import Received, Under
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.text import timestamp

COLUMNS = (
    *("dataset_id", "buyer_id", "received", "revisions", "sent_bytes", "first_at", "last_at", "transfers"),
    *("entitlement_id", "agreement_id", "personal_data", "legal_basis", "purpose", "country", "mechanism"),
    *("right_stands", "right_stands_since", "delete_by", "deletion_stated_at", "notices"),
)


@transaction.atomic
def export(dataset_id: UUID, revision_id: UUID | None, *, form: Form, by: Actor) -> Export:
    """Start an export of all recipients of a dataset, or of one revision of it."""
    asked: dict[str, Fact] = {"dataset": str(dataset_id)}
    if revision_id is not None:
        asked["revision"] = str(revision_id)
    found = received.each(dataset_id, revision_id, visible_to=by)
    coverage = queries.coverage_of_records()
    read = queries.followed()
    note("officer.exported", by, {"what": "recipients", "form": form, "leaves": str(read), **asked})
    rows = (row for one in found for row in _rows(dataset_id, one))
    if form == "csv":
        return Export(form, coverage, exports.csv_pieces(rows, COLUMNS))
    meta = exports.meta_of(coverage, asked, by.at) | {"format": "comptoir.recipients/1", "leaves_read": read}
    return Export(form, coverage, exports.jsonl_pieces(meta, rows, COLUMNS))


def _rows(dataset_id: UUID, one: Received) -> Iterator[Row]:
    for under in one.rights:
        yield _row(dataset_id, one, under)


def _row(dataset_id: UUID, one: Received, under: Under) -> Row:
    return (
        str(dataset_id),
        str(one.buyer_id),
        "whole" if one.is_whole else "in part",
        " ".join(_revision(of.revision_id, is_whole=of.is_whole) for of in one.revisions),
        one.sent_bytes,
        timestamp(under.first_at),
        timestamp(under.last_at),
        under.transfers,
        _text(under.entitlement_id),
        _text(under.agreement_id),
        under.personal_data,
        under.legal_basis,
        under.purpose,
        under.country,
        under.mechanism,
        under.standing,
        _moment(under.stands_since),
        _moment(under.delete_by),
        _moment(under.deletion_stated_at),
        " ".join(f"{told.notice_id}:{told.kind}:{told.state}" for told in one.told),
    )


def _revision(found: UUID | None, *, is_whole: bool) -> str:
    return f"{found}:{'whole' if is_whole else 'in-part'}"


def _text(found: UUID | None) -> str | None:
    return str(found) if found else None


def _moment(found: datetime | None) -> str | None:
    return timestamp(found) if found else None
