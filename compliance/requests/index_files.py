"""Indexes of persons that sellers filed: checked as they come, kept as files, and asked for one digest at a time. The
exchange holds no secret of a seller, so it cannot tell whose digests they are."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from compliance.models import PersonsIndex
from compliance.persons_index import digests, files
from compliance.requests import queries
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Invalid
from exchange.kernel.ids import new_id

LARGEST_BYTES = 512 * 1024**2


def file_index(revision_id: UUID, pieces: Iterable[bytes], *, by: Actor) -> PersonsIndex:
    """Keep a seller's index of the persons in one of its sealed revisions; a newer one takes its place. Invalid names
    what is wrong with the file."""
    by.require(Scope.SELL)
    revision = queries.own_revision(by, revision_id)
    index_id = new_id()
    target = path_of(index_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    try:
        size, sha256 = _write(draft, pieces)
        draft.replace(target)
        with transaction.atomic():
            index = PersonsIndex.objects.create(
                id=index_id,
                seller_id=revision.seller_id,
                dataset_id=revision.dataset_id,
                revision_id=revision.pk,
                persons=(size - len(files.FIRST_LINE)) // digests.SIZE,
                sha256=sha256,
                filed_at=by.at,
            )
            events.record("personsindex.filed", index, by=by)
    except BaseException:
        draft.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        raise
    return index


def newest_of(seller_id: UUID, revisions: Iterable[UUID]) -> dict[UUID, PersonsIndex]:
    """The newest index of each of these revisions that has one."""
    rows = PersonsIndex.objects.filter(seller_id=seller_id, revision_id__in=list(revisions)).order_by("pk")
    return {row.revision_id: row for row in rows}


def holds(index: PersonsIndex, digest: bytes) -> bool:
    """Whether a digest stands in an index."""
    with path_of(index.pk).open("rb") as file:
        return files.holds(file, digest)


def read_digest(written: str) -> bytes:
    """A digest as the tool prints it; Invalid for anything else."""
    try:
        found = bytes.fromhex(written.strip())
    except ValueError:
        found = b""
    if len(found) != digests.SIZE:
        raise Invalid(
            f"a digest is {2 * digests.SIZE} letters and figures, as the tool prints it",
            code="bad_digest",
        )
    return found


def path_of(index_id: UUID) -> Path:
    """Where the file of an index lies."""
    return Path(settings.EXCHANGE_PERSONS_DIR) / f"{index_id}.idx"


def _write(draft: Path, pieces: Iterable[bytes]) -> tuple[int, str]:
    size, sha256 = 0, hashlib.sha256()
    try:
        with draft.open("wb") as file:
            for piece in files.checked(pieces):
                size += len(piece)
                if size > LARGEST_BYTES:
                    raise Invalid(f"an index has at most {LARGEST_BYTES} bytes", code="index_too_large")
                sha256.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except digests.Unusable as fault:
        raise Invalid(str(fault), code="index_malformed") from None
    return size, sha256.hexdigest()
