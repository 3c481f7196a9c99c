"""The officer's desk: every look at it and every export is itself an Event, about the officer's
organisation."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from compliance import duties, exports, queries, received
from compliance.log.published import folder_of
from compliance.models import Duty, TransferRecord
from compliance.queries import Coverage, Filters
from compliance.received import Listed
from compliance.retention import held
from compliance.verifier.tiles import Tile
from exchange.kernel import events, pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Forbidden, NotFound
from exchange.kernel.models import Event
from exchange.kernel.pagination import Page
from exchange.participants import vault
from exchange.participants.models import Participant
from exchange.participants.vault import Kept


@dataclass(frozen=True)
class Opened:
    """One row with everything behind it; leaves below `proven_leaves` are under a signed checkpoint."""

    record: TransferRecord
    events: list[Event]
    proven_leaves: int


@dataclass(frozen=True)
class Export:
    """Rows on their way out: all that the checkpoint in `coverage` proves, as the database had them at the
    first piece."""

    form: exports.Form
    coverage: Coverage
    pieces: Iterator[bytes]


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
def look_at_recipients(
    dataset_id: UUID, revision_id: UUID | None, *, cursor: str | None, limit: int, by: Actor
) -> Listed:
    """A page of who received a dataset, or one revision of it, even in part."""
    found = received.page(dataset_id, revision_id, cursor=cursor, limit=limit, visible_to=by)
    asked: dict[str, Fact] = {"what": "recipients", "dataset": str(dataset_id)}
    note("officer.viewed", by, asked | ({"revision": str(revision_id)} if revision_id else {}))
    return found


@transaction.atomic
def look_at_duties(
    *, overdue: bool, cursor: str | None, limit: int = pagination.PAGE_SIZE, by: Actor
) -> Page[Duty]:
    """A page of deletions that are owed, the newest licence first."""
    found = pagination.page(duties.duties_visible_to(by, overdue=overdue), cursor=cursor, limit=limit)
    note("officer.viewed", by, {"what": "duties", "overdue": overdue})
    return found


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


@transaction.atomic
def read_entries(log: str, tile: Tile, *, by: Actor) -> bytes | None:
    """A bundle of raw leaves of the published log, for an officer; None where there is none."""
    by.require(Scope.AUDIT)
    folder = folder_of(log)
    bundle = folder.read(tile.path) if folder.shows(tile) else None
    if bundle is not None:
        note("officer.viewed", by, {"what": "entries", "log": log, "bundle": str(tile.index)})
    return bundle


def note(name: str, by: Actor, facts: Mapping[str, Fact]) -> None:
    """Record that an officer looked, or took something along."""
    if by.participant_id is None:
        raise Forbidden("the desk is for officers of the exchange's operator", code="scope_missing")
    events.record(name, Participant.objects.get(pk=by.participant_id), by=by, facts=facts)


def _sealed(found: Sequence[Event]) -> UUID | None:
    """The vault's record that the first of a row's Events names."""
    sealed = queries.facts_of(found).get("sealed")
    return UUID(sealed["record"]) if isinstance(sealed, dict) else None
