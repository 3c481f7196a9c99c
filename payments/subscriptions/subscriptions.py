"""Subscriptions: what is charged over time under one agreement, whatever its plan. The exchange keeps their clock
itself; each period or part is a charge of its own occasion, and none follows that the buyer has not agreed to."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, ExchangeError, Forbidden
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from exchange.kernel.text import timestamp
from exchange.participants.members import members
from payments.models import Subscription
from payments.plans import months, plans
from payments.plans import words as plan_words
from payments.plans.plans import Plan
from payments.subscriptions import arrears, meters

_STATE = Subscription.State
_RUNNING = (_STATE.TRIALING, _STATE.ACTIVE)

log = logging.getLogger("exchange.subscriptions")


@dataclass(frozen=True)
class Consent:
    """That a buyer let further terms follow, with its signature."""

    by: str
    at: datetime


@transaction.atomic
def begin(
    *,
    reference: str,
    subject: str,
    buyer_id: UUID,
    seller_id: UUID,
    plan: Plan,
    renewal: Consent | None = None,
    by: Actor,
) -> Subscription:
    """Start the clock of a plan that is paid over time, in the transaction that opens the data; once for `reference`.

    What is due at the signature was charged by then as the occasion "first"; `renewal` is what was consented to then.
    """
    if (found := Subscription.objects.filter(reference=reference).first()) is not None:
        return found
    trial_days = plan.rhythm.trial_days if plan.rhythm else 0
    anchor, number = by.at + timedelta(days=trial_days), 0 if trial_days else 1
    subscription = Subscription.objects.create(
        reference=reference,
        subject=subject,
        buyer_id=buyer_id,
        seller_id=seller_id,
        kind=plan.kind,
        plan=plan.to_dict(),
        currency=plan.currency or "",
        state=_STATE.TRIALING if trial_days else _STATE.ACTIVE,
        number=number,
        anchored_at=anchor,
        period_starts_at=by.at,
        next_at=_ends(plan, anchor, number),
        last_period=plan.rhythm.periods if plan.rhythm else None,
        cap_minor=plan.metering.cap_minor if plan.metering else None,
        renewed_by=renewal.by if renewal else "",
        renewed_at=renewal.at if renewal else None,
        began_at=by.at,
    )
    facts = {"renewal_agreed_at": timestamp(renewal.at)} if renewal else None
    events.record("subscription.begun", subscription, by=by, facts=facts)
    return subscription


@transaction.atomic
def cancel(subscription: Subscription, *, by: Actor) -> Subscription:
    """The buyer lets no further period follow: the data stays open until the end of this one, and closes then."""
    subscription = _of_buyer(subscription, by)
    if subscription.kind == "instalments":
        raise Conflict("the parts of an agreed price are owed to the last one", code="parts_are_owed")
    if subscription.cancelled_at is not None:
        return subscription
    subscription = _changed(subscription, cancelled_at=by.at, renewed_by="", renewed_at=None)
    events.record("subscription.cancelled", subscription, by=by, facts=_next_of(subscription))
    return subscription


@transaction.atomic
def keep_on(subscription: Subscription, *, by: Actor) -> Subscription:
    """The buyer takes a cancellation back before it has taken effect."""
    subscription = _of_buyer(subscription, by)
    members.require_cleared(subscription.buyer_id)
    if subscription.cancelled_at is None:
        return subscription
    subscription = _changed(subscription, cancelled_at=None)
    events.record("subscription.kept_on", subscription, by=by, facts=_next_of(subscription))
    return subscription


@transaction.atomic
def renew(subscription: Subscription, *, is_wanted: bool, by: Actor) -> Subscription:
    """The buyer consents that another term follows this one, at the same price and on the same terms, or takes that
    back. Nothing renews itself without it."""
    subscription = _of_buyer(subscription, by)
    if is_wanted:
        members.require_cleared(subscription.buyer_id)
    plan = plans.parse(subscription.plan)
    require_renewable(plan)
    if is_wanted and subscription.cancelled_at is not None:
        raise Conflict("this subscription was cancelled; take that back first", code="subscription_cancelled")
    if is_wanted == (subscription.renewed_at is not None):
        return subscription
    if is_wanted:
        subscription = _changed(subscription, renewed_by=by.name, renewed_at=by.at)
        facts = {**_next_of(subscription), **consented_to(plan)}
        events.record("subscription.renewal_agreed", subscription, by=by, facts=facts)
        return subscription
    subscription = _changed(subscription, renewed_by="", renewed_at=None)
    events.record("subscription.renewal_withdrawn", subscription, by=by, facts=_next_of(subscription))
    return subscription


def require_renewable(plan: Plan) -> None:
    """Refuse a consent where the plan offers no other term."""
    if plan.rhythm is None or not plan.rhythm.is_renewable:
        raise Conflict("this plan ends with its term; ask for another licence then", code="renewal_not_offered")


def term_ends(plan: Plan, begins_at: datetime) -> datetime | None:
    """When the first term of a plan is over that begins then, its trial included; None where it has no term."""
    if plan.rhythm is None:
        return None
    trial = timedelta(days=plan.rhythm.trial_days)
    return months.later(begins_at + trial, plan.rhythm.periods * plan.rhythm.months)


def this_term_ends(subscription: Subscription) -> datetime | None:
    """When the term that runs is over; None where there is no term."""
    plan = plans.parse(subscription.plan)
    if plan.rhythm is None or subscription.last_period is None:
        return None
    return months.later(subscription.anchored_at, subscription.last_period * plan.rhythm.months)


def consented_to(plan: Plan) -> Mapping[str, Fact]:
    """What stood before a buyer that consents to further terms, for the log: the words, in both languages."""
    shown: dict[str, Fact] = {code: plan_words.renewing(plan, code) for code in ("en", "fr")}
    return {"shown": shown}


@transaction.atomic
def stop(reference: str, *, calls_off: bool, by: Actor) -> Subscription | None:
    """The right has ended: what was used is charged, nothing new follows, and where it was revoked what is not paid yet
    is called off. Parts of a price stay owed otherwise. Returns early when nothing runs."""
    found = Subscription.objects.select_for_update().filter(reference=reference).first()
    if found is None or found.state == _STATE.ENDED:
        return found
    if found.kind == "instalments" and not calls_off:
        return found
    if found.kind == "metered":
        meters.close(found, ends_at=by.at, by=by)
    if calls_off:
        arrears.call_off(found, reason="the licence was revoked before it was paid", by=by)
    return _end(found, by)


def advance_due(now: datetime) -> int:
    """Let every period follow whose time has come, each on its own; answers how many. One that fails is logged and
    tried again the next time; it never stands in the way of others."""
    due = Subscription.objects.filter(state__in=_RUNNING, next_at__lte=now).order_by("next_at", "pk")
    advanced = 0
    for subscription_id in list(due.values_list("pk", flat=True)):
        try:
            advance(subscription_id, now=now)
        except ExchangeError as refusal:
            log.info("subscription %s does not advance: %s", subscription_id, refusal.code)
        except Exception:
            log.exception("subscription %s could not be advanced", subscription_id)
        else:
            advanced += 1
    return advanced


@transaction.atomic
def advance(subscription_id: UUID, *, now: datetime) -> Subscription:
    """Close the period that is over, and begin and charge the next one if there is one. Returns early when it is not
    time yet, so of two workers one advances."""
    subscription = Subscription.objects.select_for_update().get(pk=subscription_id)
    if subscription.state not in _RUNNING or subscription.next_at is None or subscription.next_at > now:
        return subscription
    by, plan = Actor.system("payments.advance_subscriptions", at=now), plans.parse(subscription.plan)
    if plan.metering is not None:
        meters.close(subscription, ends_at=subscription.next_at, by=by)
    if subscription.cancelled_at is not None:
        return _end(subscription, by)
    if _is_last(subscription) and subscription.renewed_at is None:
        return _end(subscription, by)
    return _next(subscription, plan, by)


def _next(subscription: Subscription, plan: Plan, by: Actor) -> Subscription:
    number = subscription.number + 1
    changes: dict[str, Any] = {
        "number": number,
        "period_starts_at": subscription.next_at,
        "next_at": _ends(plan, subscription.anchored_at, number),
    }
    if plan.rhythm and subscription.last_period is not None and number > subscription.last_period:
        changes["last_period"] = subscription.last_period + plan.rhythm.periods
    if subscription.state == _STATE.TRIALING:
        subscription = transition(subscription, "convert", by=by, **changes)
    else:
        subscription = _changed(subscription, **changes)
        events.record("subscription.advanced", subscription, by=by, facts=_next_of(subscription))
    occasion, price = _due(plan, number)
    if price is not None:
        arrears.ask(subscription, occasion, price, by=by)
    return subscription


def _is_last(subscription: Subscription) -> bool:
    """Whether the term that was agreed is over with this period."""
    return subscription.last_period is not None and subscription.number >= subscription.last_period


def _due(plan: Plan, number: int) -> tuple[str, Money | None]:
    """What is charged when a period or a part begins; use is charged when its period is over."""
    if plan.price is None:
        return "", None
    if plan.parts:
        return f"instalment:{number}", Money(plan.parts[number - 1].amount_minor, plan.price.currency)
    return f"period:{number}", plan.price


def _ends(plan: Plan, anchor: datetime, number: int) -> datetime | None:
    """When the period of that number is over, or the next part is due; None after the last part."""
    if plan.parts:
        return anchor + timedelta(days=plan.parts[number].after_days) if number < len(plan.parts) else None
    span = plan.rhythm or plan.metering
    assert span is not None, "what is paid over time has periods or parts"
    return months.later(anchor, number * span.months)


def _end(subscription: Subscription, by: Actor) -> Subscription:
    return transition(subscription, "end", by=by, ended_at=by.at, next_at=None)


def _changed(subscription: Subscription, **changes: object) -> Subscription:
    """Write a change that moves no state."""
    Subscription.objects.filter(pk=subscription.pk).update(**changes)
    subscription.refresh_from_db()
    return subscription


def _next_of(subscription: Subscription) -> Mapping[str, Fact]:
    return {"next_at": timestamp(subscription.next_at) if subscription.next_at else None}


def _of_buyer(subscription: Subscription, by: Actor) -> Subscription:
    """The row as it is now, held until the end of the transaction, for its buyer alone, while it runs."""
    by.require(Scope.BUY)
    if not by.acts_for(subscription.buyer_id):
        raise Forbidden("only the buyer may do this", code="not_the_buyer")
    subscription = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if subscription.state == _STATE.ENDED:
        raise Conflict("this has ended; nothing more is charged", code="subscription_over")
    return subscription
