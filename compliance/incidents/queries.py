"""Who may see incidents: officers all of them, a holder what it was told."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from compliance.intermediation import notification
from compliance.models import Incident, IncidentHolder
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound

_CONFIRMED = Q(incident__state=Incident.State.CONFIRMED)
_WAITING = Q(state__in=IncidentHolder.OPEN)


@dataclass(frozen=True)
class Tally:
    """How many holders there are, how many have acknowledged, and how many could not be reached."""

    holders: int
    acknowledged: int
    undelivered: int

    @property
    def open(self) -> int:
        return self.holders - self.acknowledged


def incidents_visible_to(actor: Actor) -> QuerySet[Incident]:
    """The register, for officers."""
    notification.required()
    actor.require(Scope.AUDIT)
    return Incident.objects.all()


def incident_visible_to(actor: Actor, incident_id: UUID) -> Incident:
    found = incidents_visible_to(actor).filter(pk=incident_id).first()
    if found is None:
        raise NotFound("there is no such incident for you")
    return found


def holders_visible_to(actor: Actor, incident: Incident | None = None) -> QuerySet[IncidentHolder]:
    """Whom incidents reach, for officers."""
    notification.required()
    actor.require(Scope.AUDIT)
    rows = IncidentHolder.objects.select_related("incident")
    return rows if incident is None else rows.filter(incident=incident)


def holder_visible_to(actor: Actor, row_id: UUID) -> IncidentHolder:
    found = holders_visible_to(actor).filter(pk=row_id).first()
    if found is None:
        raise NotFound("there is no such holder of an incident for you")
    return found


def told_visible_to(actor: Actor) -> QuerySet[IncidentHolder]:
    """What the actor's own organisation was told as a holder."""
    notification.required()
    actor.require(Scope.READ)
    if actor.participant_id is None:
        return IncidentHolder.objects.none()
    mine = IncidentHolder.objects.filter(holder_id=actor.participant_id)
    return mine.exclude(state=IncidentHolder.State.QUEUED).select_related("incident")


def one_told_visible_to(actor: Actor, row_id: UUID) -> IncidentHolder:
    found = told_visible_to(actor).filter(pk=row_id).first()
    if found is None:
        raise NotFound("there is no such incident for you")
    return found


def waiting_for(actor: Actor) -> int:
    """How many incidents the actor's organisation has still to acknowledge."""
    if actor.participant_id is None or not actor.can(Scope.READ) or notification.current() is None:
        return 0
    return told_visible_to(actor).filter(_WAITING)[:100].count()


def open_for(actor: Actor) -> int:
    """How many incidents wait for an officer's word or for a holder's; none for anybody else."""
    if not actor.can(Scope.AUDIT) or notification.current() is None:
        return 0
    waiting = IncidentHolder.objects.filter(_CONFIRMED, _WAITING).values("incident")
    return Incident.objects.filter(Q(state=Incident.State.ENTERED) | Q(pk__in=waiting)).count()


def tallies(incidents: Iterable[Incident]) -> dict[UUID, Tally]:
    """Where the holders of these incidents stand, with one question."""
    ids = [incident.pk for incident in incidents]
    states = IncidentHolder.State
    counted = IncidentHolder.objects.filter(incident__in=ids).order_by().values("incident_id")
    rows = counted.annotate(
        holders=Count("pk"),
        acknowledged=Count("pk", filter=Q(state=states.ACKNOWLEDGED)),
        undelivered=Count("pk", filter=Q(state=states.UNDELIVERED)),
    )
    found = {row["incident_id"]: Tally(row["holders"], row["acknowledged"], row["undelivered"]) for row in rows}
    return {one: found.get(one, Tally(0, 0, 0)) for one in ids}
