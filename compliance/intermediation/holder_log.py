"""The log of intermediation of one data holder (Art. 12(c) and 12(o)): every Event that it is a party to and a signed
head proves, in constant memory. A holder takes its own; an officer takes anybody's, and that is an Event."""

import json
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from compliance import desk, queries
from compliance.exports import exports
from compliance.exports.exports import Row
from compliance.intermediation import notification
from compliance.proofs import receipts
from compliance.queries import Coverage
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, NotFound
from exchange.kernel.models import Event
from exchange.participants import queries as participant_queries

COLUMNS = ("leaf_index", "at", "name", "leaf_hash", "leaf")
PROVEN_COLUMNS = (*COLUMNS, "proof", "key")
FORMAT = "comptoir.intermediation/1"
_AT_ONCE = 500
_LOOKS = "officer."


@transaction.atomic
def take(participant_id: UUID | None, *, form: exports.Form, by: Actor) -> exports.Export:
    """Start the log of an organisation, None for the actor's own; what no signed head proves yet stays out of it."""
    notification.required()
    by.require(Scope.READ)
    holder_id = participant_id or by.participant_id
    if holder_id is None:
        raise NotFound("there is no such organisation for you")
    if not by.acts_for(holder_id):
        by.require(Scope.AUDIT)
        if not participant_queries.participants_visible_to(by).filter(pk=holder_id).exists():
            raise NotFound("there is no such organisation for you")
        desk.note("officer.exported", by, {"what": "intermediation", "of": str(holder_id), "form": form})
    coverage = queries.coverage()
    if coverage is None:
        raise Conflict("the log has no checkpoint yet, so nothing is proven; try again", code="not_sealed_yet")
    found = _proven_events(holder_id, coverage)
    if form == "csv":
        return exports.Export(form, coverage, exports.csv_pieces(_rows(found), COLUMNS))
    meta = exports.meta_of(coverage, {"participant": str(holder_id)}, by.at) | {"format": FORMAT}
    return exports.Export(form, coverage, exports.jsonl_pieces(meta, _proven_rows(found), PROVEN_COLUMNS))


def _proven_events(holder_id: UUID, coverage: Coverage) -> QuerySet[Event]:
    """In the order of the log; that officers looked is no part of what happened between the parties."""
    own = Event.objects.filter(parties__participant_id=holder_id, leaf_index__lt=coverage.leaves)
    return own.exclude(name__startswith=_LOOKS).order_by("leaf_index")


def _rows(found: QuerySet[Event]) -> Iterator[Row]:
    return (_row(event) for event in found.iterator(chunk_size=_AT_ONCE))


def _proven_rows(found: QuerySet[Event]) -> Iterator[Row]:
    """Each with its proof, which holds the leaf as well: `comptoir-verify proof` reads it."""
    remaining = found.iterator(chunk_size=_AT_ONCE)
    while some := list(islice(remaining, _AT_ONCE)):
        proofs = receipts.self_contained(
            (event.leaf_index, bytes(event.leaf)) for event in some if event.leaf_index is not None
        )
        for event in some:
            assert event.leaf_index is not None, "only sealed ones were asked for"
            yield (*_row(event), *proofs.get(event.leaf_index, ("", "")))


def _row(event: Event) -> Row:
    leaf = bytes(event.leaf)
    return event.leaf_index, json.loads(leaf)["ts"], event.name, bytes(event.leaf_hash).hex(), leaf.decode()
