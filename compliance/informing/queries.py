"""Reads of duties to inform: a buyer its own, officers all."""

from uuid import UUID

from django.db.models import QuerySet

from compliance.models import InformingDuty
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound


def duties_visible_to(actor: Actor, *, is_open: bool = False) -> QuerySet[InformingDuty]:
    """The buyer's own duties, all of them for an officer; `is_open` leaves those that nobody has answered."""
    asked = {"answered_at": None} if is_open else {}
    if actor.can(Scope.AUDIT):
        return InformingDuty.objects.filter(**asked)
    actor.require(Scope.READ)
    if actor.participant_id is None:
        return InformingDuty.objects.none()
    return InformingDuty.objects.filter(buyer_id=actor.participant_id, **asked)


def duty_visible_to(actor: Actor, duty_id: UUID) -> InformingDuty:
    """One duty to inform."""
    found = duties_visible_to(actor).filter(pk=duty_id).first()
    if found is None:
        raise NotFound("there is no such duty to inform")
    return found


def own_visible_to(actor: Actor) -> QuerySet[InformingDuty]:
    """The duties of the actor's own organisation."""
    if actor.participant_id is None or not actor.can(Scope.READ):
        return InformingDuty.objects.none()
    return InformingDuty.objects.filter(buyer_id=actor.participant_id)


def own_open(actor: Actor) -> int:
    """How many of these nobody has answered."""
    return own_visible_to(actor).filter(answered_at=None).count()
