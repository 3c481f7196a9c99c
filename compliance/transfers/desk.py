"""The officer's desk of transfers: every look at one and every export is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from compliance import queries
from compliance.desk import note
from compliance.exports import exports
from compliance.exports.exports import Export
from compliance.models import TransferRecord
from compliance.queries import Filters
from compliance.retention import held
from exchange.kernel import pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from exchange.kernel.models import Event
from exchange.kernel.pagination import Page
from exchange.participants import vault
from exchange.participants.vault import Kept


@dataclass(frozen=True)
class Opened:
    """One row with everything behind it; leaves below `proven_leaves` are under a signed checkpoint."""

    record: TransferRecord
    events: list[Event]
    proven_leaves: int


@transaction.atomic
def look_through(filters: Filters, *, cursor: str | None, limit: int, by: Actor) -> Page[TransferRecord]:
    """A page of the rows that `filters` ask for, newest first."""
    found = pagination.page(queries.records_visible_to(by, filters), cursor=cursor, limit=limit)
    note("officer.viewed", by, {"what": "transfers", **filters.facts()})
    return found


@transaction.atomic
def open_record(record_id: UUID, *, by: Actor) -> Opened:
    """One row, its Events, and how far they are proven."""
    record = queries.record_visible_to(by, record_id)
    note("officer.viewed", by, {"what": "transfer", "transfer": str(record_id)})
    coverage = queries.coverage()
    return Opened(record, queries.events_of(record), coverage.leaves if coverage else 0)


@transaction.atomic
def take_receipt(transfer_id: UUID, *, by: Actor) -> dict[str, object]:
    """The receipt of a transfer, for an officer."""
    by.require(Scope.AUDIT)
    taken = queries.receipt(f"transfer:{transfer_id}", visible_to=by)
    note("officer.viewed", by, {"what": "receipt", "transfer": str(transfer_id)})
    return taken


@transaction.atomic
def open_address(record_id: UUID, *, by: Actor) -> dict[str, str]:
    """The network address and the program that took a transfer, opened in the vault, which records that it was."""
    sealed = _sealed(queries.events_of(queries.record_visible_to(by, record_id)))
    if sealed is None:
        raise NotFound("no address was kept for this transfer")
    return vault.open_record(sealed, by)


def kept_of(found: Sequence[Event], *, by: Actor) -> Kept | None:
    """What the vault keeps of who took the transfer that these Events are of; None where nothing ever was."""
    record_id = _sealed(found)
    return None if record_id is None else vault.kept_with(record_id, by)


@transaction.atomic
def shred(record_id: UUID, reason: str, *, by: Actor) -> int:
    """Destroy, for a reason, all that the vault keeps of who took a transfer, of all their years and transfers; answers
    how many keys. Every proof stays good."""
    sealed = _sealed(queries.events_of(queries.record_visible_to(by, record_id)))
    if sealed is None:
        raise NotFound("no address was kept for this transfer")
    held.require_person_free(sealed, at=by.at)
    return vault.shred_with(sealed, reason, by)


@transaction.atomic
def export(filters: Filters, *, form: exports.Form, by: Actor) -> Export:
    """Start an export of the rows that `filters` ask for; rows with leaves past the last checkpoint stay out of
    it, because nothing proves them yet."""
    found = queries.records_visible_to(by, filters)
    coverage = queries.coverage_of_records()
    asked = filters.facts()
    note("officer.exported", by, {"form": form, "leaves": str(coverage.leaves), **asked})
    rows = exports.rows_under(found, coverage.leaves)
    if form == "csv":
        return Export(form, coverage, exports.csv_pieces(rows))
    return Export(form, coverage, exports.jsonl_pieces(exports.meta_of(coverage, asked, by.at), rows))


def _sealed(found: Sequence[Event]) -> UUID | None:
    """The vault's record that the first of a row's Events names."""
    sealed = queries.facts_of(found).get("sealed")
    return UUID(sealed["record"]) if isinstance(sealed, dict) else None
