"""The look at the transfer map, which is an Event as every look of an officer."""

from django.db import transaction

from compliance.desk import note
from compliance.flows import queries
from compliance.flows.drawing import Way
from compliance.flows.queries import Asked
from exchange.kernel.actors import Actor


@transaction.atomic
def look(asked: Asked, *, by: Actor) -> list[Way]:
    """Where data went, by country and mechanism."""
    found = queries.ways(by, asked)
    note("officer.viewed", by, {"what": "map", **asked.facts()})
    return found
