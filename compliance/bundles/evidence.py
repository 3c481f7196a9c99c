"""What a party or an officer takes away to show elsewhere: the proof of one Event as a file, and a bundle of all Events
about one thing."""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any
from uuid import UUID

from compliance.bundles import bundle
from compliance.proofs import receipts
from compliance.proofs.receipts import Entry
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, NotFound
from exchange.kernel.models import Event, EventDetail
from exchange.participants import queries as participants

_AT_ONCE = 500


def proof_of(event_id: UUID, *, visible_to: Actor) -> str:
    """The tlog-proof of an Event, with its leaf inside, as `comptoir-verify proof` reads it."""
    event = participants.events_visible_to(visible_to).filter(pk=event_id).first()
    if event is None:
        raise NotFound("there is no such event for you")
    entries = [] if event.leaf_index is None else [(event.leaf_index, bytes(event.leaf))]
    for text, _ in receipts.self_contained(entries).values():
        return text
    raise Conflict(
        "this event is not in the signed log yet; the log is sealed every second", code="not_sealed_yet"
    )


def bundle_about(subject: str, *, visible_to: Actor) -> bytes:
    """The evidence bundle of all Events about one thing that the actor may see, as `comptoir-verify bundle` reads
    it."""
    found = participants.events_visible_to(visible_to).filter(subject=subject)
    if not found.exists():
        raise NotFound("the log holds nothing of it that you may see")
    sealed = found.exclude(leaf_index=None).order_by("leaf_index").values_list("leaf_index", "leaf")
    file = io.BytesIO()
    leaves = ((index, bytes(leaf)) for index, leaf in sealed.iterator() if index is not None)
    with closing(leaves):  # one that is refused half way leaves no cursor behind
        bundle.write(leaves, file)
    return file.getvalue()


def leaves_of(event_ids: Iterable[UUID]) -> list[Entry]:
    """The sealed leaves of Events that their reader was found to see, in the order of the log."""
    found: list[Entry] = []
    for some in _in_pieces(event_ids):
        rows = Event.objects.filter(pk__in=some).exclude(leaf_index=None).values_list("leaf_index", "leaf")
        found += [(index, bytes(leaf)) for index, leaf in rows if index is not None]
    return sorted(found)


def details_of(event_ids: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What may be shown of these Events beyond their leaves, where it was not erased."""
    for some in _in_pieces(UUID(event_id) for event_id in event_ids):
        for event_id, body in EventDetail.objects.filter(pk__in=some).values_list("pk", "body"):
            yield str(event_id), body


def _in_pieces(event_ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    rest = iter(event_ids)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
