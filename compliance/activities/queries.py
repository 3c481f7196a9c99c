"""Who may read which register of processing: each organisation its own, and officers that of the operator."""

from compliance.activities import register
from compliance.activities.shape import Activity, Register
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Forbidden, NotFound
from exchange.participants import queries as participant_queries


def register_visible_to(actor: Actor) -> Register:
    """The register of the actor's own organisation, as it follows from the log now."""
    actor.require(Scope.READ)
    if actor.participant_id is None:
        raise Forbidden("a register belongs to an organisation", code="scope_missing")
    return register.build(participant_queries.participant(actor.participant_id), now=actor.at)


def activity_of(found: Register, key: str) -> Activity:
    """One activity of a register."""
    activity = next((one for one in found.activities if one.key == key), None)
    if activity is None:
        raise NotFound("this register has no such activity")
    return activity
