"""Entitlements: may this buyer have this revision now? Granted by an agreement, active once data and money are in
place, and ended by the clock, the seller or the operator."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from contracts import terms as usage_terms
from contracts.models import Agreement, Entitlement
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition
from exchange.participants import members
from payments import charges
from payments import queries as payments


@transaction.atomic
def grant(agreement: Agreement, *, by: Actor) -> Entitlement:
    """The right that waits for the money of its agreement."""
    negotiation = agreement.negotiation
    entitlement = Entitlement.objects.create(
        id=new_id(),
        agreement=agreement,
        dataset_id=agreement.dataset_id,
        revision_id=agreement.revision_id,
        seller_id=agreement.seller_id,
        buyer_id=agreement.buyer_id,
        terms=negotiation.terms,
        purpose=negotiation.purpose,
        country=negotiation.country,
        copies_max=usage_terms.limits(usage_terms.parse(negotiation.terms)).copies_max,
        created_at=by.at,
    )
    events.record("entitlement.granted", entitlement, by=by)
    return entitlement


@transaction.atomic
def activate(entitlement: Entitlement, *, by: Actor) -> Entitlement:
    """Data and money are in place: the term starts now. Returns early when it already did."""
    if entitlement.state == Entitlement.State.ACTIVE:
        return entitlement
    return transition(
        entitlement, "activate", by=by, activated_at=by.at, ends_at=_end(entitlement.terms, starts=by.at)
    )


@transaction.atomic
def suspend(entitlement: Entitlement, *, reason: str, by: Actor) -> Entitlement:
    """Stop every transfer under it, within a second; the right may be resumed."""
    _require_keeper(entitlement, by)
    given = text.reason(reason)
    return transition(entitlement, "suspend", by=by, typed={"reason": given}, reason=given)


@transaction.atomic
def resume(entitlement: Entitlement, *, reason: str, by: Actor) -> Entitlement:
    """Give a suspended right back, unless its term has ended."""
    _require_keeper(entitlement, by)
    if not by.can(Scope.OPERATE):
        members.require_cleared(entitlement.seller_id)
    given = text.reason(reason)
    if is_over(entitlement, by.at):
        raise Conflict(f"its term ended on {entitlement.ends_at:%Y-%m-%d}", code="entitlement_expired")
    return transition(entitlement, "resume", by=by, typed={"reason": given}, reason=given)


@transaction.atomic
def revoke(entitlement: Entitlement, *, reason: str, by: Actor) -> Entitlement:
    """End the right for good and stop every transfer under it, within a second; a charge that is not paid yet is
    called off."""
    _require_keeper(entitlement, by)
    given = text.reason(reason)
    charge = payments.charge_about(f"agreement:{entitlement.agreement_id}")
    if charge is not None:
        charges.fail(charge, reason="the licence was revoked before it was paid", by=by.as_system("revoke"))
    return transition(entitlement, "revoke", by=by, typed={"reason": given}, reason=given)


def expire_due(*, now: datetime, at_most: int = 500) -> int:
    """End what the clock has ended, each in a transaction of its own; answers how many."""
    by = Actor.system("expire_entitlements", at=now)
    due = Entitlement.objects.filter(
        state__in=[Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED], ends_at__lte=now
    ).order_by("ends_at")
    return sum(_expire(entitlement, by) for entitlement in due[:at_most])


def is_over(entitlement: Entitlement, now: datetime) -> bool:
    return entitlement.ends_at is not None and entitlement.ends_at <= now


def of_agreement(agreement_id: UUID) -> Entitlement:
    """The entitlement that follows from an agreement."""
    return Entitlement.objects.get(agreement_id=agreement_id)


def _expire(entitlement: Entitlement, by: Actor) -> bool:
    try:
        with transaction.atomic():
            transition(entitlement, "expire", by=by)
    except Conflict:  # a rival ended it first
        return False
    return True


def _end(raw_terms: object, *, starts: datetime) -> datetime | None:
    """The earlier of the end date (that whole day, UTC) and the duration from now."""
    limits = usage_terms.limits(usage_terms.parse(raw_terms))
    ends = []
    if limits.duration_days is not None:
        ends.append(starts + timedelta(days=limits.duration_days))
    if limits.end_date is not None:
        ends.append(datetime.combine(limits.end_date + timedelta(days=1), time.min, UTC))
    return min(ends, default=None)


def _require_keeper(entitlement: Entitlement, by: Actor) -> None:
    """The seller, or the operator of the exchange, may stop what was sold."""
    if by.can(Scope.OPERATE):
        return
    by.require(Scope.SELL)
    if not by.acts_for(entitlement.seller_id):
        raise Forbidden("only the seller or the operator may do this")
