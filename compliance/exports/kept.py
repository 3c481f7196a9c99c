"""Exports that are kept as files for some days: asked for by an officer, made by a worker, taken as often as needed.
The file is made once and never changes, so a cut download goes on where it stopped and gives the same bytes."""

from collections.abc import Generator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from compliance import queries
from compliance.desk import note
from compliance.exports import exports
from compliance.exports.exports import Row
from compliance.exports.files import KEPT, claimed, placed
from compliance.models import Export
from compliance.queries import Coverage, Filters
from compliance.verifier.files import sha256_of
from compliance.verifier.spelling import base64_text
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.states import transition

State = Export.State


@transaction.atomic
def ask(filters: Filters, *, form: str, by: Actor) -> Export:
    """Ask for a file of the rows that `filters` ask for; a worker makes it. The same question, asked again before the
    file is there, is the same export."""
    by.require(Scope.AUDIT)
    if by.participant_id is None:
        raise Forbidden("the desk is for officers of the exchange's operator", code="scope_missing")
    queries.coverage_of_records()
    question = {"participant_id": by.participant_id, "form": Export.Form(form), "filters": filters.facts()}
    waiting = Export.objects.filter(state=State.REQUESTED, **question).first()
    if waiting is not None:
        return waiting
    asked = Export.objects.create(
        **question,
        asked_at=by.at,
        expires_at=by.at + KEPT,
    )
    events.record("export.requested", asked, by=by)
    return asked


def make(export_id: UUID, *, now: datetime) -> None:
    """Write the file that was asked for; returns early when it is there. A worker that ends on the way leaves a claim
    that runs out, and nothing under the file's own name."""
    waiting = Export.objects.filter(pk=export_id, state=State.REQUESTED)
    asked = waiting.first()
    if asked is None:
        return
    with claimed(waiting, "export", now=now):
        coverage = queries.coverage_of_records()
        count = _write(asked, coverage, now)
        path = _path(asked)
        head = f"{coverage.origin} {coverage.size} {base64_text(coverage.root)}"
        with transaction.atomic():
            transition(
                asked,
                "finish",
                by=Actor.system("make_export", at=now),
                rows=count,
                size_bytes=path.stat().st_size,
                sha256=sha256_of(path),
                checkpoint=head,
            )


@transaction.atomic
def take(asked: Export, *, by: Actor) -> Path:
    """The file of an export, for an officer; that they took it is an Event."""
    by.require(Scope.AUDIT)
    if asked.state == State.REQUESTED:
        raise Conflict("this export is still being made; look again in a moment", code="export_not_ready")
    if asked.state == State.EXPIRED or by.at >= asked.expires_at:
        raise Conflict("this export is no longer kept; ask for it again", code="export_expired")
    note("officer.exported", by, {"export": str(asked.pk), "form": asked.form, "sha256": asked.sha256})
    return _path(asked)


def expire(*, now: datetime, at_most: int = 100) -> int:
    """Take away the files whose days are over; answers how many."""
    over = Export.objects.filter(expires_at__lte=now).exclude(state=State.EXPIRED).order_by("pk")
    count = 0
    for asked in over[:at_most]:
        _path(asked).unlink(missing_ok=True)
        with suppress(Conflict), transaction.atomic():
            transition(asked, "expire", by=Actor.system("expire_exports", at=now))
            count += 1
    return count


def _write(asked: Export, coverage: Coverage, now: datetime) -> int:
    """Put the whole file in its place, on disk before it is seen; answers how many rows it has."""
    count = 0

    def counted() -> Generator[Row, None, None]:
        nonlocal count
        for row in exports.rows_under(queries.records_for(asked.filters), coverage.leaves):
            count += 1
            yield row

    meta, rows = exports.meta_of(coverage, asked.filters, now), counted()
    with closing(rows), placed(_path(asked)) as draft:  # a cursor of the database ends with the rows
        if asked.form == Export.Form.PARQUET:
            exports.write_parquet(draft, meta, rows)
        else:
            csv, jsonl = exports.csv_pieces, exports.jsonl_pieces
            pieces = csv(rows) if asked.form == Export.Form.CSV else jsonl(meta, rows)
            with draft.open("wb") as file:
                file.writelines(pieces)
    return count


def _path(asked: Export) -> Path:
    return Path(settings.EXCHANGE_EXPORTS_DIR) / f"{asked.pk}.{asked.form}"
