"""The register of incidents with non-personal data: enter one with what the log says it reaches, look at that, then
confirm it, so that the holders are told, or drop it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from compliance import legal, queries
from compliance.desk import note
from compliance.incidents import queries as incidents
from compliance.incidents import reach
from compliance.incidents.reach import Asked
from compliance.intermediation import notification
from compliance.models import Incident, IncidentHolder
from compliance.verifier.spelling import base64_text
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Forbidden, Invalid
from exchange.kernel.states import transition

MOST_WORDS = 4_000


@dataclass(frozen=True)
class Found:
    """What is known of an incident; holders read `what` and `measures`."""

    kinds: Collection[str]
    what: str
    detected_at: datetime
    measures: str = ""


@transaction.atomic
def enter(found: Found, asked: Asked, *, by: Actor) -> Incident:
    """Enter an incident, with the holders that the log says it reaches, as of the newest signed head. Nobody is told
    yet."""
    require_officer(by)
    kinds = [kind for kind in Incident.Kind.values if kind in found.kinds]
    if not kinds or set(found.kinds) - set(kinds):
        raise Invalid(f"an incident is of {', '.join(Incident.Kind.values)}, or of several of them")
    if found.detected_at > by.at:
        raise Invalid("an incident was found out before now", code="incident_moments_wrong")
    what = text.prose(found.what, name="what", at_least=10, at_most=MOST_WORDS)
    measures = text.prose(found.measures, name="measures", at_most=MOST_WORDS)
    reach.require_sense(asked)
    coverage, personal = queries.coverage_of_records(), reach.personal_of(asked)
    reached = list(reach.holders_of(asked))
    if not reached:
        raise Invalid(
            "the log names no holder of non-personal data that this reaches", code="incident_reaches_nobody"
        )
    profile = legal.current()
    legal.keep(profile, now=by.at)
    incident = Incident.objects.create(
        kinds=kinds,
        what=what,
        measures=measures,
        detected_at=found.detected_at,
        asked=asked.facts(),
        origin=coverage.origin,
        size=coverage.size,
        root=base64_text(coverage.root),
        leaves=coverage.leaves,
        transfers=sum(one.transfers for one in reached),
        personal=personal,
        profile_version=profile.version,
        profile_sha256=profile.sha256,
        entered_at=by.at,
    )
    IncidentHolder.objects.bulk_create(IncidentHolder(incident=incident, **vars(one)) for one in reached)
    facts: dict[str, Fact] = {"holders": len(reached), "personal": str(personal)}
    events.record("incident.entered", incident, by=by, facts=facts, typed=_typed(what, measures))
    return incident


@transaction.atomic
def confirm(incident: Incident, *, by: Actor) -> Incident:
    """Let the holders be told, as they were shown."""
    require_officer(by)
    return transition(incident, "confirm", by=by, confirmed_at=by.at)


@transaction.atomic
def drop(incident: Incident, reason: str, *, by: Actor) -> Incident:
    """Leave an incident that was entered by mistake; nobody is told."""
    require_officer(by)
    given = text.reason(reason)
    return transition(incident, "drop", by=by, typed={"reason": given}, dropped_at=by.at)


@transaction.atomic
def look_at(incident_id: UUID, *, by: Actor) -> Incident:
    """Show an officer one incident; that it was looked at is an Event."""
    found = incidents.incident_visible_to(by, incident_id)
    note("officer.viewed", by, {"what": "incident", "incident": str(found.pk)})
    return found


def require_officer(by: Actor) -> None:
    """Refuse who is no officer of an operator that was notified."""
    notification.required()
    by.require(Scope.AUDIT)
    if by.participant_id is None:
        raise Forbidden("the desk is for officers of the exchange's operator", code="scope_missing")


def _typed(what: str, measures: str) -> dict[str, str]:
    return {"what": what} | ({"measures": measures} if measures else {})
