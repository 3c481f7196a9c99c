"""Metered use: counted once for each event of its source, weighed against the buyer's cap before it happens, and rated
when its period is over. Whoever counts or weighs holds the subscription's row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import TruncDate

from exchange.kernel import events
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.canonical import Fact
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.money import LARGEST_MINOR
from exchange.participants.members import members
from payments.models import RatedPeriod, Subscription, Usage
from payments.plans import plans, rating
from payments.plans.plans import Plan
from payments.plans.rating import Rating
from payments.subscriptions import arrears

TAKEN, RETURNED, CARRIED = "transfer", "returned", "carried"
"""Sources of usage: what left, what came back of it, and what a period was credited beyond its own use."""


@dataclass(frozen=True)
class Weighed:
    """What one more use would come to: `adds` by meter, why it is refused, and all that this follows from."""

    subscription: Subscription
    adds: Mapping[str, int]
    code: str | None
    kept: Mapping[str, Fact]


def weigh(reference: str, adds: Mapping[str, int | None]) -> Weighed:
    """Hold the subscription of `reference`, and say whether this use may follow now. None is a quantity that nobody
    knows."""
    subscription = Subscription.objects.select_for_update().get(reference=reference)
    plan = plans.parse(subscription.plan)
    counted: list[str] = [one.meter for one in plan.metering.components] if plan.metering else []
    wanted = {meter: adds.get(meter, 0) for meter in counted}
    known = {meter: quantity for meter, quantity in wanted.items() if quantity}
    before = used(subscription)
    spent = rating.rate(before, plan).total
    after = rating.rate({meter: before.get(meter, 0) + known.get(meter, 0) for meter in counted}, plan).total
    kept: Mapping[str, Fact] = {
        "is_over": subscription.state == Subscription.State.ENDED,
        "unknown": sorted(meter for meter, quantity in wanted.items() if quantity is None),
        "spent_minor": str(spent.minor),
        "would_minor": str(after.minor),
        "cap_minor": str(subscription.cap_minor or LARGEST_MINOR - 1),
    }
    return Weighed(subscription, known, refusal(kept), kept)


def refusal(kept: Mapping[str, Any]) -> str | None:
    """Why what was kept of a weighing lets nothing follow, or None: pure, so that it can be looked at again."""
    if kept["is_over"]:
        return "subscription_over"
    if kept["unknown"]:
        return "usage_unknown"
    would = int(kept["would_minor"])
    return "spend_cap_reached" if would > max(int(kept["cap_minor"]), int(kept["spent_minor"])) else None


def count(
    subscription: Subscription, adds: Mapping[str, int], *, source: str, event_id: str, at: datetime
) -> None:
    """Count a use in the period that runs, once for each event of its source. The caller holds the subscription."""
    Usage.objects.bulk_create(
        [
            Usage(
                subscription=subscription,
                source=source,
                event_id=event_id,
                meter=meter,
                quantity=quantity,
                period=subscription.number,
                used_at=at,
            )
            for meter, quantity in sorted(adds.items())
            if quantity
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def give_back(reference: str, event_id: str, *, at: datetime) -> None:
    """Take back what an event counted, in the period that runs now. Returns early when nothing was, or all is over."""
    subscription = Subscription.objects.select_for_update().filter(reference=reference).first()
    if subscription is None or subscription.state == Subscription.State.ENDED:
        return
    taken = subscription.usages.filter(source=TAKEN, event_id=event_id).values_list("meter", "quantity")
    count(
        subscription, {meter: -quantity for meter, quantity in taken}, source=RETURNED, event_id=event_id, at=at
    )


@transaction.atomic
def set_cap(subscription: Subscription, cap_minor: int | None, *, by: Actor) -> Subscription:
    """The buyer says what a period may cost at most, before tax; None takes the limit away. It may not be below what
    was spent in this period, or what is paid at least."""
    by.require(Scope.BUY)
    if not by.acts_for(subscription.buyer_id):
        raise Forbidden("only the buyer may do this", code="not_the_buyer")
    members.require_cleared(subscription.buyer_id)
    subscription = Subscription.objects.select_for_update().get(pk=subscription.pk)
    require_metered(subscription)
    if subscription.state == Subscription.State.ENDED:
        raise Conflict("this has ended; nothing more is charged", code="subscription_over")
    if cap_minor is not None and not 0 < cap_minor < LARGEST_MINOR:
        raise Invalid(
            f"a cap is from 1 to {LARGEST_MINOR - 1} minor units; it is {cap_minor}", code="absurd_amount"
        )
    if cap_minor == subscription.cap_minor:
        return subscription
    spent = current(subscription).total.minor
    if cap_minor is not None and cap_minor < spent:
        raise Conflict(
            f"{spent} {subscription.currency} (minor units) were spent in this period; a cap may not be below",
            code="cap_below_spend",
        )
    Subscription.objects.filter(pk=subscription.pk).update(cap_minor=cap_minor)
    subscription.refresh_from_db()
    events.record(
        "subscription.capped", subscription, by=by, facts={"cap_minor": str(cap_minor) if cap_minor else None}
    )
    return subscription


def close(subscription: Subscription, *, ends_at: datetime, by: Actor) -> RatedPeriod:
    """Rate the period that runs and charge what it came to; once. What came back beyond it is carried on. The caller
    holds the subscription."""
    plan, usage = plans.parse(subscription.plan), used(subscription)
    found = rating.rate(usage, plan)
    rated = subscription.rated_periods.filter(period=subscription.number).first()
    if rated is not None:
        return rated
    charge = None
    if found.total:
        charge = arrears.ask(subscription, f"usage:{subscription.number}", found.total, by=by)
    for meter, quantity in usage.items():
        if quantity < 0:
            Usage.objects.create(
                subscription=subscription,
                source=CARRIED,
                event_id=f"{subscription.pk}:{subscription.number}",
                meter=meter,
                quantity=quantity,
                period=subscription.number + 1,
                used_at=by.at,
            )
    rated = RatedPeriod.objects.create(
        subscription=subscription,
        period=subscription.number,
        starts_at=subscription.period_starts_at,
        ends_at=ends_at,
        usage=usage,
        lines=rating.to_list(found.lines),
        total_minor=found.total.minor,
        currency=found.total.currency,
        input_sha256=found.input_sha256,
        charge=charge,
        rated_at=by.at,
    )
    facts = {
        "total_minor": str(rated.total_minor),
        "currency": rated.currency,
        "input_sha256": rated.input_sha256,
    }
    events.record("subscription.rated", subscription, by=by, facts=facts)
    return rated


def used(subscription: Subscription, period: int | None = None) -> dict[str, int]:
    """What was used in a period by meter; in the one that runs where none is named."""
    rows = subscription.usages.filter(period=subscription.number if period is None else period).order_by(
        "meter"
    )
    return {meter: int(quantity) for meter, quantity in rows.values_list("meter").annotate(Sum("quantity"))}


def current(subscription: Subscription) -> Rating:
    """What the period that runs has come to so far."""
    return rating.rate(used(subscription), plans.parse(subscription.plan))


def is_reproduced(rated: RatedPeriod, plan: Plan) -> bool:
    """Whether rating a closed period again comes to the same lines, total and digest."""
    found = rating.rate(used(rated.subscription, rated.period), plan)
    return (
        rating.to_list(found.lines) == rated.lines
        and found.total == rated.total
        and found.input_sha256 == rated.input_sha256
    )


def require_metered(subscription: Subscription) -> Subscription:
    """Refuse what is not paid by use."""
    if subscription.kind != "metered":
        raise Conflict("only what is paid by use is counted", code="not_metered")
    return subscription


def by_day(subscription: Subscription) -> Sequence[tuple[date, str, int]]:
    """What was used on each day of the period that runs, by meter, for a chart."""
    rows = subscription.usages.filter(period=subscription.number).annotate(day=TruncDate("used_at"))
    found = rows.values_list("day", "meter").annotate(Sum("quantity")).order_by("day", "meter")
    return [(day, meter, int(quantity)) for day, meter, quantity in found]
