"""Reads of charges, holds, refunds and disputes. What an actor may not see is not there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import NotFound
from payments.models import Charge, Dispute, Hold, Refund


@dataclass(frozen=True)
class Whereabouts:
    """Where the money of a sale is: with the buyer's bank for now, lost to it, all on its way back, or all back."""

    is_disputed: bool
    is_lost: bool
    is_returning: bool
    is_returned: bool


def charges_visible_to(actor: Actor) -> QuerySet[Charge]:
    """The charges that the actor pays or is paid; officers and operators see all."""
    charges = Charge.objects.select_related("hold")
    if actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return charges
    own = actor.participant_id
    return charges.filter(Q(payer_id=own) | Q(payee_id=own)) if reads_own(actor) else charges.none()


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
    return holds.filter(Q(seller_id=own) | Q(buyer_id=own)) if reads_own(actor) else holds.none()


def hold_visible_to(actor: Actor, hold_id: UUID) -> Hold:
    """One of those holds, or NotFound."""
    if (found := holds_visible_to(actor).filter(pk=hold_id).first()) is None:
        raise NotFound("there is no such hold for you")
    return found


def hold_about(actor: Actor, reference: str, occasion: str = "first") -> Hold:
    """The hold on the money of one occasion of what `reference` names, or NotFound."""
    found = holds_visible_to(actor).filter(reference=reference, occasion=occasion).first()
    if found is None:
        raise NotFound("no money is held for this")
    return found


def waiting_holds() -> QuerySet[Hold]:
    """What is held at this moment."""
    return Hold.objects.filter(state__in=[Hold.State.OPEN, Hold.State.CONTESTED])


def due_holds(now: datetime) -> QuerySet[Hold]:
    """The open holds that nothing stands in the way of any more: delivered, inspected, not disputed."""
    over = Hold.objects.filter(state=Hold.State.OPEN, releases_at__lte=now)
    delivered = over.filter(Q(awaits_delivery=False) | Q(checked_at__isnull=False))
    disputed = Dispute.objects.filter(charge=OuterRef("charge"), state=Dispute.State.OPEN)
    return delivered.exclude(Exists(disputed))


def waits_for(hold: Hold, now: datetime) -> list[str]:
    """What stands between a hold and its release: nothing, once it is closed."""
    if hold.state not in (Hold.State.OPEN, Hold.State.CONTESTED):
        return []
    is_undelivered = hold.awaits_delivery and hold.checked_at is None
    reasons = {
        "settlement": hold.state == Hold.State.CONTESTED,
        "bank": Dispute.objects.filter(charge=hold.charge_id, state=Dispute.State.OPEN).exists(),
        "inspection": now < hold.releases_at,
        "delivery": is_undelivered and now >= hold.releases_at,
    }
    return [word for word, is_so in reasons.items() if is_so]


def undelivered_holds() -> QuerySet[Hold]:
    """The open holds that wait until what was sold was delivered whole, and compared with its warranty."""
    return Hold.objects.filter(state=Hold.State.OPEN, awaits_delivery=True, checked_at=None)


def refunds_visible_to(actor: Actor) -> QuerySet[Refund]:
    """The refunds of the charges that the actor pays or is paid; officers and operators see all."""
    refunds = Refund.objects.select_related("charge")
    if actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return refunds
    own = actor.participant_id
    mine = Q(charge__payer_id=own) | Q(charge__payee_id=own)
    return refunds.filter(mine) if reads_own(actor) else refunds.none()


def refund_visible_to(actor: Actor, refund_id: UUID) -> Refund:
    """One of those refunds, or NotFound."""
    if (found := refunds_visible_to(actor).filter(pk=refund_id).first()) is None:
        raise NotFound("there is no such refund for you")
    return found


def disputes_visible_to(actor: Actor) -> QuerySet[Dispute]:
    """The disputes about the charges that the actor pays or is paid; officers and operators see all."""
    disputes = Dispute.objects.select_related("charge")
    if actor.is_system or actor.can(Scope.AUDIT) or actor.can(Scope.OPERATE):
        return disputes
    own = actor.participant_id
    mine = Q(charge__payer_id=own) | Q(charge__payee_id=own)
    return disputes.filter(mine) if reads_own(actor) else disputes.none()


def dispute_visible_to(actor: Actor, dispute_id: UUID) -> Dispute:
    """One of those disputes, or NotFound."""
    if (found := disputes_visible_to(actor).filter(pk=dispute_id).first()) is None:
        raise NotFound("there is no such dispute for you")
    return found


def refund(refund_id: UUID) -> Refund:
    """Any refund, for reactions and for the apps above; NotFound when there is none."""
    if (found := Refund.objects.select_related("charge").filter(pk=refund_id).first()) is None:
        raise NotFound("there is no such refund")
    return found


def dispute(dispute_id: UUID) -> Dispute:
    """Any dispute, for reactions and for the apps above; NotFound when there is none."""
    if (found := Dispute.objects.select_related("charge").filter(pk=dispute_id).first()) is None:
        raise NotFound("there is no such dispute")
    return found


def charge(charge_id: UUID) -> Charge:
    """Any charge, for reactions and for the apps above; NotFound when there is none."""
    if (found := Charge.objects.filter(pk=charge_id).first()) is None:
        raise NotFound("there is no such charge")
    return found


def undisturbed(charge_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of these charges the paid ones that a sale waited for and of which nothing went back, or is about to: what each
    is for."""
    rows = Charge.objects.filter(pk__in=charge_ids, occasion="first", state=Charge.State.PAID)
    return dict(rows.filter(refunds=None, disputes=None).values_list("pk", "reference"))


def charge_about(reference: str, occasion: str = "first") -> Charge | None:
    """The charge for one occasion of what `reference` names, if one was made."""
    return Charge.objects.filter(reference=reference, occasion=occasion).first()


def money_of(reference: str) -> Whereabouts:
    """Where the money of all that was charged for `reference` is."""
    charges = Charge.objects.filter(reference=reference, state=Charge.State.PAID)
    all_back = charges.exists() and not charges.exclude(refunded_minor=F("gross_minor")).exists()
    disputes = Dispute.objects.filter(charge__reference=reference)
    on_its_way = Refund.objects.filter(
        charge__reference=reference, state__in=[Refund.State.CREATED, Refund.State.SUBMITTED]
    )
    return Whereabouts(
        is_disputed=disputes.filter(state=Dispute.State.OPEN).exists(),
        is_lost=disputes.filter(state=Dispute.State.LOST).exists(),
        is_returning=all_back,
        is_returned=all_back and not on_its_way.exists(),
    )


def knows_fee(actor: Actor, payee_id: UUID) -> bool:
    """Whether the actor may know the exchange's part of a sale: the seller and officers, never the buyer."""
    return actor.can(Scope.AUDIT) or actor.acts_for(payee_id)


def reads_own(actor: Actor) -> bool:
    """Whether the actor may see what its own organisation is a party to."""
    return actor.participant_id is not None and actor.can(Scope.READ)
