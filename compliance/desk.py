"""The officer's desk: every look at it and every export is itself an Event, about the officer's
organisation."""

from collections.abc import Mapping

from django.db import transaction

from compliance.log.published import folder_of
from compliance.verifier.tiles import Tile
from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Forbidden
from exchange.participants.models import Participant


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
