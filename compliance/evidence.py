"""What a party or an officer takes away to show elsewhere: the proof of one Event as a file, and a bundle of all Events
about one thing."""

import io
from contextlib import closing
from uuid import UUID

from compliance import bundle, receipts
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, NotFound
from exchange.participants import queries as participants


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
