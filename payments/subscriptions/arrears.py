"""What a subscription has asked for and not got yet: reminders after 1, 3, 5 and 7 days, then it is past due, and two
weeks later it ends. Money that comes sets it right at any time."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from exchange.kernel import events
from exchange.kernel.actors import Actor
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import ExchangeError
from exchange.kernel.money import Money
from exchange.kernel.states import transition
from payments import queries
from payments.charges import charges
from payments.models import Arrear, Charge, Subscription
from payments.plans import plans

REMINDER_DAYS = (1, 3, 5, 7)
"""After how many days a buyer is reminded; with the last one the subscription is past due."""
END_DAYS = 21

_STATE = Subscription.State

log = logging.getLogger("exchange.subscriptions")


def ask(subscription: Subscription, occasion: str, price: Money, *, by: Actor) -> Charge:
    """Charge one occasion of a subscription, and remind the buyer of it until it is paid."""
    before = queries.charge_about(subscription.reference)
    charge = charges.create(
        reference=subscription.reference,
        occasion=occasion,
        subject=subscription.subject,
        title=before.title if before else "",
        payer=subscription.buyer,
        payee=subscription.seller,
        price=price,
        refund_policy=plans.parse(subscription.plan).refund,
        by=by.as_system("payments.ask"),
    )
    first = by.at + timedelta(days=REMINDER_DAYS[0])
    Arrear.objects.create(charge=charge, subscription=subscription, asked_at=by.at, next_at=first)
    return charge


def remind_due(now: datetime) -> int:
    """Take the next step for every charge that is late, each on its own; answers how many."""
    due = Arrear.objects.filter(closed_at=None, next_at__lte=now).order_by("next_at", "pk")
    stepped = 0
    for charge_id in list(due.values_list("pk", flat=True)):
        try:
            remind(charge_id, now=now)
        except ExchangeError as refusal:
            log.info("nobody is reminded of charge %s: %s", charge_id, refusal.code)
        except Exception:
            log.exception("nobody could be reminded of charge %s", charge_id)
        else:
            stepped += 1
    return stepped


@transaction.atomic
def remind(charge_id: UUID, *, now: datetime) -> Subscription:
    """Remind the buyer of one charge; the last reminder makes its subscription past due, and after that it ends.
    Returns early when it is paid, or when it is not time yet."""
    subscription = _subscription_of(charge_id)
    arrear = Arrear.objects.select_related("charge").get(pk=charge_id)
    if arrear.closed_at is not None or arrear.next_at is None or arrear.next_at > now:
        return subscription
    by = Actor.system("payments.remind", at=now)
    if arrear.charge.state == Charge.State.PAID:
        return _close(arrear, subscription, by)
    if subscription.state == _STATE.ENDED:  # still owed; the operator is who asks now
        Arrear.objects.filter(pk=charge_id).update(next_at=None)
        return subscription
    if arrear.reminders == len(REMINDER_DAYS):
        return _give_up(arrear, subscription, by)
    reminders = arrear.reminders + 1
    steps = (*REMINDER_DAYS, END_DAYS)
    wait = timedelta(
        days=steps[reminders] - steps[reminders - 1]
    )  # from now: a clock that stood still skips nothing
    Arrear.objects.filter(pk=charge_id).update(reminders=reminders, next_at=now + wait)
    facts: Mapping[str, Fact] = {"charge": str(charge_id), "reminder": reminders}
    events.record("subscription.reminded", subscription, by=by, facts=facts)
    if arrear.charge.state == Charge.State.DECLINED:
        charges.try_again(arrear.charge, by=by)
    if reminders == len(REMINDER_DAYS) and subscription.state == _STATE.ACTIVE:
        return transition(subscription, "fall_behind", by=by, facts={"charge": str(charge_id)})
    return subscription


@transaction.atomic
def settle(charge_id: UUID, *, by: Actor) -> None:
    """Money has come: nobody is reminded of it any more, and a subscription with nothing overdue goes on. Returns early
    for a charge of no subscription."""
    if not Arrear.objects.filter(pk=charge_id, closed_at=None).exists():
        return
    subscription = _subscription_of(charge_id)
    arrear = Arrear.objects.select_related("charge").get(pk=charge_id)
    if arrear.closed_at is None and arrear.charge.state == Charge.State.PAID:
        _close(arrear, subscription, by)


def settle_all(charge_ids: Collection[UUID], *, by: Actor) -> None:
    """What settle() does, for each of these charges that belongs to a subscription."""
    for charge_id in Arrear.objects.filter(pk__in=charge_ids, closed_at=None).values_list("pk", flat=True):
        settle(charge_id, by=by)


def call_off(subscription: Subscription, *, reason: str, by: Actor) -> None:
    """Fail the charges of a subscription that are not paid yet."""
    for arrear in subscription.arrears.filter(closed_at=None).select_related("charge"):
        charges.fail(arrear.charge, reason=reason, by=by.as_system("payments.call_off"))
        Arrear.objects.filter(pk=arrear.pk).update(closed_at=by.at, next_at=None)


def _close(arrear: Arrear, subscription: Subscription, by: Actor) -> Subscription:
    Arrear.objects.filter(pk=arrear.pk).update(closed_at=by.at, next_at=None)
    waiting = subscription.arrears.filter(closed_at=None)
    plan = plans.parse(subscription.plan)
    if subscription.state == _STATE.ENDED:
        return subscription
    if plan.parts and subscription.number == len(plan.parts) and not waiting.exists():
        return transition(subscription, "complete", by=by, ended_at=by.at, next_at=None)
    if subscription.state == _STATE.PAST_DUE and not waiting.filter(reminders=len(REMINDER_DAYS)).exists():
        return transition(subscription, "recover", by=by)
    return subscription


def _give_up(arrear: Arrear, subscription: Subscription, by: Actor) -> Subscription:
    """End a subscription that stays unpaid. A period that nobody had is called off; use and agreed parts stay owed."""
    Arrear.objects.filter(pk=arrear.pk).update(next_at=None)
    if subscription.kind == "subscription":
        call_off(subscription, reason="the subscription ended unpaid", by=by)
    return transition(subscription, "end", by=by, ended_at=by.at, next_at=None)


def _subscription_of(charge_id: UUID) -> Subscription:
    """The subscription of a charge as it is now, held until the end of the transaction."""
    return Subscription.objects.select_for_update().get(arrears__pk=charge_id)
