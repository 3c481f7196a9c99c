"""Entitlements: may this buyer have this revision now? Granted by an agreement, active once data and money are in
place, and ended by the clock, the seller or the operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from contracts.entitlements import reasons, successions
from contracts.models import Agreement, Entitlement, Negotiation, Succession
from contracts.odrl import frozen_forms
from exchange.kernel import events, text
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Forbidden
from exchange.kernel.events import Happening
from exchange.kernel.ids import new_id
from exchange.kernel.states import Move, transition, transition_many
from exchange.kernel.text import timestamp
from exchange.participants.members import members
from payments import queries as payments
from payments.charges import charges
from payments.plans import plans
from payments.plans.plans import Plan
from payments.subscriptions import subscriptions
from payments.subscriptions.subscriptions import Consent


@dataclass(frozen=True)
class Granted:
    """A contract that was signed, what is paid for it, and what it renews or amends."""

    agreement: Agreement
    plan: Plan
    follows: Succession | None
    by: Actor


def grant_many(granted: Sequence[Granted]) -> list[Entitlement]:
    """The rights that wait for the money of their agreements, and for the end of the rights that they follow; in the
    open transaction."""
    rights = [_granted(one) for one in granted]
    Entitlement.objects.bulk_create(rights)
    told = [Happening("entitlement.granted", row, one.by) for row, one in zip(rights, granted, strict=True)]
    events.record_many(told)
    return rights


@transaction.atomic
def activate(entitlement: Entitlement, *, by: Actor) -> Entitlement:
    """Data and money are in place: the term starts now, or when that of the right before it ends. Returns early when it
    already did, or when it is not its turn."""
    negotiations = Negotiation.objects.filter(agreement__pk=entitlement.agreement_id)
    plan = plans.parse(negotiations.values_list("plan", flat=True).get())
    activate_many([entitlement], [plan], [by])
    return entitlement


def activate_many(rights: Sequence[Entitlement], paid: Sequence[Plan], by: Sequence[Actor]) -> None:
    """The same for many, each with what is paid for it, in the open transaction."""
    moves, begun = [], []
    for right, plan, who in zip(rights, paid, by, strict=True):
        if right.state == Entitlement.State.ACTIVE or (starts := successions.begin(right, by=who)) is None:
            continue
        changes = {"activated_at": starts, "ends_at": _end(right.terms, starts=starts)}
        moves.append(Move(right, who, changes))
        begun.append((right, plan, who))
    transition_many(moves, "activate")
    for right, plan, who in begun:
        _begin_paying(right, plan, who)


@transaction.atomic
def suspend(entitlement: Entitlement, *, reason: str, by: Actor) -> Entitlement:
    """Stop every transfer under it, within a second; the right may be resumed."""
    _require_keeper(entitlement, by)
    given = text.reason(reason)
    return transition(entitlement, "suspend", by=by, typed={"reason": given}, reason=given)


@transaction.atomic
def resume(entitlement: Entitlement, *, reason: str, by: Actor) -> Entitlement:
    """Give a suspended right back, unless its term has ended, or the exchange itself keeps it back."""
    _require_keeper(entitlement, by)
    if not by.is_system and (standing := reasons.standing(locked(entitlement.pk))):
        raise Conflict(standing[0], code="entitlement_kept_back")
    if not by.can(Scope.OPERATE):
        members.require_cleared(entitlement.seller_id)
    given = text.reason(reason)
    if is_over(entitlement, by.at):
        raise Conflict(f"its term ended on {entitlement.ends_at:%Y-%m-%d}", code="entitlement_expired")
    return transition(entitlement, "resume", by=by, typed={"reason": given}, reason=given)


@transaction.atomic
def follow(entitlement_id: UUID, *, by: Actor) -> None:
    """Suspend a right for what keeps it back now, and give it back once nothing does: what ends one reason gives
    nothing back while another stands. A suspension by a person stays."""
    right = locked(entitlement_id)  # before it is asked what stands, or a rival's change would be missed
    standing = reasons.standing(right)
    is_lifted = right.reason in reasons.LIFTED and right.reason not in standing
    if right.state == Entitlement.State.SUSPENDED and is_lifted and not is_over(right, by.at):
        resume(right, reason=reasons.LIFTED[right.reason], by=by)
    if right.state == Entitlement.State.ACTIVE and standing:
        suspend(right, reason=standing[0], by=by)


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


@transaction.atomic
def end(entitlement: Entitlement, *, by: Actor) -> Entitlement:
    """End a right whose paid time is over, and stop every transfer under it, within a second."""
    ended_at = min(by.at, entitlement.ends_at or by.at)
    return transition(entitlement, "expire", by=by, ends_at=ended_at, **_with_duty(entitlement, ended_at))


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


def locked(entitlement_id: UUID) -> Entitlement:
    """The entitlement as it stands, which nobody changes before the open transaction ends."""
    return Entitlement.objects.select_for_update(of=("self",)).get(pk=entitlement_id)


def of_agreement(agreement_id: UUID) -> Entitlement:
    """The entitlement that follows from an agreement."""
    return Entitlement.objects.get(agreement_id=agreement_id)


def _granted(one: Granted) -> Entitlement:
    agreement, negotiation = one.agreement, one.agreement.negotiation
    return Entitlement(
        id=new_id(),
        agreement=agreement,
        dataset_id=agreement.dataset_id,
        revision_id=agreement.revision_id,
        seller_id=agreement.seller_id,
        buyer_id=agreement.buyer_id,
        follows=one.follows.right if one.follows else None,
        terms=negotiation.terms,
        purpose=negotiation.purpose,
        country=negotiation.country,
        copies_max=frozen_forms.limits(negotiation.terms).copies_max,
        is_metered=one.plan.kind == "metered",
        created_at=one.by.at,
    )


def _begin_paying(entitlement: Entitlement, plan: Plan, by: Actor) -> None:
    """Start the clock of what is paid over time, with the right."""
    if plan.is_over_time:
        subscriptions.begin(
            reference=f"agreement:{entitlement.agreement_id}",
            subject=f"dataset:{entitlement.dataset_id}",
            buyer_id=entitlement.buyer_id,
            seller_id=entitlement.seller_id,
            plan=plan,
            renewal=_consent(entitlement, plan),
            by=by.as_system("begin_subscription"),
        )


def _consent(entitlement: Entitlement, plan: Plan) -> Consent | None:
    """What the buyer consented to with its signature, where the plan offers further terms."""
    if plan.rhythm is None or not plan.rhythm.is_renewable:
        return None
    talk = entitlement.agreement.negotiation
    return Consent(talk.accepted_by, talk.accepted_at) if talk.renews and talk.accepted_at else None


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
    days = frozen_forms.limits(entitlement.terms).deletion_days
    return ended_at + timedelta(days=days) if days is not None and ended_at else None


def _end(raw_terms: object, *, starts: datetime) -> datetime | None:
    """The earlier of the end date (that whole day, UTC) and the duration from now."""
    limits = frozen_forms.limits(raw_terms)
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
