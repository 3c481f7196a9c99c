"""The routes of subscriptions: what is charged over time, its use, and what the buyer decides about it."""

from uuid import UUID

from ninja import Query, Router

from exchange.kernel.pagination import page
from exchange.kernel.schemas import PageOut, PageQuery
from exchange.participants.actors.auth import ApiRequest
from payments.subscriptions import meters, subscriptions
from payments.subscriptions.queries import rated_of, subscription_visible_to, subscriptions_visible_to
from payments.subscriptions.schemas import CapIn, ConsumptionOut, RatedPeriodOut, RenewalIn, SubscriptionOut

router = Router(tags=["payments"])


@router.get("/subscriptions", response=PageOut[SubscriptionOut])
def list_subscriptions(request: ApiRequest, asked: Query[PageQuery]) -> PageOut[SubscriptionOut]:
    """What you pay or are paid over time, newest first."""
    return SubscriptionOut.page_of(
        page(subscriptions_visible_to(request.auth), cursor=asked.cursor, limit=asked.limit)
    )


@router.get("/subscriptions/{uuid:subscription_id}", response=SubscriptionOut)
def show_subscription(request: ApiRequest, subscription_id: UUID) -> SubscriptionOut:
    """One subscription, with the plan that was signed."""
    return SubscriptionOut.of(subscription_visible_to(request.auth, subscription_id))


@router.get("/subscriptions/{uuid:subscription_id}/consumption", response=ConsumptionOut)
def show_consumption(request: ApiRequest, subscription_id: UUID) -> ConsumptionOut:
    """What was used in the period that runs, and what it has come to so far; for metered plans."""
    found = meters.require_metered(subscription_visible_to(request.auth, subscription_id))
    return ConsumptionOut.of(found, request.auth)


@router.get("/subscriptions/{uuid:subscription_id}/periods", response=list[RatedPeriodOut])
def list_rated_periods(request: ApiRequest, subscription_id: UUID) -> list[RatedPeriodOut]:
    """The periods of metered use that are closed, newest first, at most a hundred."""
    found = subscription_visible_to(request.auth, subscription_id)
    return [RatedPeriodOut.of(row) for row in rated_of(found)[:100]]


@router.post("/subscriptions/{uuid:subscription_id}/cancel", response=SubscriptionOut)
def cancel_subscription(request: ApiRequest, subscription_id: UUID) -> SubscriptionOut:
    """The buyer lets no further period follow; the data stays open until this one ends."""
    found = subscription_visible_to(request.auth, subscription_id)
    return SubscriptionOut.of(subscriptions.cancel(found, by=request.auth))


@router.post("/subscriptions/{uuid:subscription_id}/keep-on", response=SubscriptionOut)
def keep_subscription_on(request: ApiRequest, subscription_id: UUID) -> SubscriptionOut:
    """The buyer takes a cancellation back before it takes effect."""
    found = subscription_visible_to(request.auth, subscription_id)
    return SubscriptionOut.of(subscriptions.keep_on(found, by=request.auth))


@router.post("/subscriptions/{uuid:subscription_id}/renewal", response=SubscriptionOut)
def renew_subscription(request: ApiRequest, subscription_id: UUID, given: RenewalIn) -> SubscriptionOut:
    """The buyer consents that another term follows this one, or takes that back."""
    found = subscription_visible_to(request.auth, subscription_id)
    return SubscriptionOut.of(subscriptions.renew(found, is_wanted=given.is_wanted, by=request.auth))


@router.post("/subscriptions/{uuid:subscription_id}/cap", response=ConsumptionOut)
def cap_subscription(request: ApiRequest, subscription_id: UUID, given: CapIn) -> ConsumptionOut:
    """The buyer sets the most that a period of use may cost; the gateway keeps to it."""
    found = meters.set_cap(
        subscription_visible_to(request.auth, subscription_id), given.cap_minor, by=request.auth
    )
    return ConsumptionOut.of(found, request.auth)
