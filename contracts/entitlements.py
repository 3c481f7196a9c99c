"""Entitlements: may this buyer have this revision now? Granted by an agreement, active once data and money are in
place, and ended by the clock, the seller or the operator."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from contracts import successions
from contracts import terms as usage_terms
from contracts.models import Agreement, Entitlement
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.ids import new_id
from exchange.kernel.states import transition
from exchange.kernel.text import timestamp
from exchange.participants import members
from payments import charges
from payments import queries as payments


@transaction.atomic
def grant(agreement: Agreement, *, by: Actor) -> Entitlement:
    """The right that waits for the money of its agreement, and for the end of the right that it follows."""
    negotiation = agreement.negotiation
    succession = successions.of(negotiation)
    entitlement = Entitlement.objects.create(
        id=new_id(),
        agreement=agreement,
        dataset_id=agreement.dataset_id,
        revision_id=agreement.revision_id,
        seller_id=agreement.seller_id,
        buyer_id=agreement.buyer_id,
        follows=succession.right if succession else None,
        terms=negotiation.terms,
        purpose=negotiation.purpose,
        country=negotiation.country,
        copies_max=usage_terms.limits(usage_terms.thaw(negotiation.terms)).copies_max,
        created_at=by.at,
    )
    events.record("entitlement.granted", entitlement, by=by)
    return entitlement


@transaction.atomic
def activate(entitlement: Entitlement, *, by: Actor) -> Entitlement:
    """Data and money are in place: the term starts now, or when that of the right before it ends. Returns early when it
    already did, or when it is not its turn."""
    if (
        entitlement.state == Entitlement.State.ACTIVE
        or (starts := successions.begin(entitlement, by=by)) is None
    ):
        return entitlement
    return transition(
        entitlement, "activate", by=by, activated_at=starts, ends_at=_end(entitlement.terms, starts=starts)
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
    ended_at = min(by.at, entitlement.ends_at or by.at)
    return transition(
        entitlement, "revoke", by=by, typed={"reason": given}, reason=given, **_with_duty(entitlement, ended_at)
    )


def expire_due(*, now: datetime, at_most: int = 500) -> int:
    """End what the clock has ended, each in a transaction of its own; answers how many."""
    by = Actor.system("expire_entitlements", at=now)
    due = Entitlement.objects.filter(
        state__in=[Entitlement.State.ACTIVE, Entitlement.State.SUSPENDED], ends_at__lte=now
    ).order_by("ends_at")
    return sum(_expire(entitlement, by) for entitlement in due[:at_most])


def is_over(entitlement: Entitlement, now: datetime) -> bool:
    return entitlement.ends_at is not None and entitlement.ends_at <= now


def deletion_due(entitlement: Entitlement) -> datetime | None:
    """Until when the buyer must have deleted its copies and said so; None where the terms ask for no deletion, or
    have no end yet."""
    if entitlement.state in (Entitlement.State.EXPIRED, Entitlement.State.REVOKED):
        return entitlement.delete_by
    return _delete_by(entitlement, entitlement.ends_at)


def of_agreement(agreement_id: UUID) -> Entitlement:
    """The entitlement that follows from an agreement."""
    return Entitlement.objects.get(agreement_id=agreement_id)


def _expire(entitlement: Entitlement, by: Actor) -> bool:
    try:
        with transaction.atomic():
            transition(entitlement, "expire", by=by, **_with_duty(entitlement, entitlement.ends_at))
    except Conflict:  # a rival ended it first
        return False
    return True


def _with_duty(entitlement: Entitlement, ended_at: datetime | None) -> dict[str, Any]:
    """What an end writes besides the state: the day of the deletion, also into the log."""
    due = None if successions.is_carried_over(entitlement) else _delete_by(entitlement, ended_at)
    return {"delete_by": due, "facts": {"delete_by": timestamp(due)}} if due else {}


def _delete_by(entitlement: Entitlement, ended_at: datetime | None) -> datetime | None:
    days = usage_terms.limits(usage_terms.thaw(entitlement.terms)).deletion_days
    return ended_at + timedelta(days=days) if days is not None and ended_at else None


def _end(raw_terms: object, *, starts: datetime) -> datetime | None:
    """The earlier of the end date (that whole day, UTC) and the duration from now."""
    limits = usage_terms.limits(usage_terms.thaw(raw_terms))
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
