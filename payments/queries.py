"""Reads of charges and holds. What an actor may not see is not there."""

from uuid import UUID

from django.db.models import Q, QuerySet

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from payments.models import Charge, Hold


def charges_visible_to(actor: Actor) -> QuerySet[Charge]:
    """The charges that the actor pays or is paid; an officer sees all."""
    charges = Charge.objects.select_related("hold")
    if actor.is_system or actor.can(Scope.AUDIT):
        return charges
    own = actor.participant_id
    return charges.filter(Q(payer_id=own) | Q(payee_id=own)) if _reads_own(actor) else charges.none()


def charge_visible_to(actor: Actor, charge_id: UUID) -> Charge:
    """One of those charges, or NotFound."""
    if (found := charges_visible_to(actor).filter(pk=charge_id).first()) is None:
        raise NotFound("there is no such charge for you")
    return found


def holds_visible_to(actor: Actor) -> QuerySet[Hold]:
    """The holds of the actor's sales and purchases; officers and operators see all."""
    holds = Hold.objects.select_related("charge")
    if actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return holds
    own = actor.participant_id
    return holds.filter(Q(seller_id=own) | Q(buyer_id=own)) if _reads_own(actor) else holds.none()


def hold_visible_to(actor: Actor, hold_id: UUID) -> Hold:
    """One of those holds, or NotFound."""
    if (found := holds_visible_to(actor).filter(pk=hold_id).first()) is None:
        raise NotFound("there is no such hold for you")
    return found


def hold_about(actor: Actor, reference: str) -> Hold:
    """The hold on the money of what `reference` names, or NotFound."""
    if (found := holds_visible_to(actor).filter(reference=reference).first()) is None:
        raise NotFound("no money is held for this")
    return found


def charge(charge_id: UUID) -> Charge:
    """Any charge, for reactions and for the apps above; NotFound when there is none."""
    if (found := Charge.objects.filter(pk=charge_id).first()) is None:
        raise NotFound("there is no such charge")
    return found


def charge_about(reference: str) -> Charge | None:
    """The charge for what `reference` names, if one was made."""
    return Charge.objects.filter(reference=reference).first()


def knows_fee(actor: Actor, payee_id: UUID) -> bool:
    """Whether the actor may know the exchange's part of a sale: the seller and officers, never the buyer."""
    return actor.can(Scope.AUDIT) or actor.acts_for(payee_id)


def _reads_own(actor: Actor) -> bool:
    return actor.participant_id is not None and actor.can(Scope.READ)
