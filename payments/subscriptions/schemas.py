"""What the API shows of subscriptions, their use and what it came to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import StrictInt

from exchange.kernel.actors import Actor
from exchange.kernel.pagination import Page
from exchange.kernel.schemas import In, MoneyOut, PageOut
from payments.models import RatedPeriod, Subscription
from payments.plans import rating
from payments.subscriptions import further_terms, meters, queries


class RenewalIn(In):
    is_wanted: bool


class CapIn(In):
    """The most that a period may cost, before tax; null takes the limit away."""

    cap_minor: StrictInt | None


class LineOut(Schema):
    meter: str
    tier: int
    quantity: int
    price_minor: int
    per: int
    amount_minor: int


class ConsumptionOut(Schema):
    """The use of the period that runs and what it has come to so far; the cap is the buyer's own."""

    period: int
    starts_at: datetime
    ends_at: datetime | None
    usage: dict[str, int]
    lines: list[LineOut]
    total: MoneyOut
    cap: MoneyOut | None

    @classmethod
    def of(cls, subscription: Subscription, actor: Actor) -> "ConsumptionOut":
        """What was used until now, as this actor may see it."""
        found = meters.current(subscription)
        shows_cap = subscription.cap is not None and queries.shows_cap(actor, subscription)
        return cls(
            period=subscription.number,
            starts_at=subscription.period_starts_at,
            ends_at=subscription.next_at,
            usage=meters.used(subscription),
            lines=[LineOut.model_validate(line) for line in rating.to_list(found.lines)],
            total=MoneyOut.of(found.total),
            cap=MoneyOut.of(subscription.cap) if shows_cap and subscription.cap else None,
        )


class SubscriptionOut(Schema):
    """`renews_at`: when another term begins, which the buyer has agreed to; null where none follows as things stand."""

    id: UUID
    reference: str
    subject: str
    buyer_id: UUID
    seller_id: UUID
    kind: str
    plan: Mapping[str, Any]
    state: str
    number: int
    period_starts_at: datetime
    next_at: datetime | None
    last_period: int | None
    renewal_agreed_at: datetime | None
    renews_at: datetime | None
    cancelled_at: datetime | None
    began_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Subscription) -> "SubscriptionOut":
        """A subscription, the same for both sides."""
        names = ["reference", "subject", "buyer_id", "seller_id", "kind", "plan", "state", "number"]
        names += ["period_starts_at", "next_at", "last_period", "cancelled_at", "began_at", "ended_at"]
        shown = {name: getattr(row, name) for name in names}
        following = further_terms.coming(row)
        renews_at = following.begins_at if following else None
        return cls(id=row.pk, renewal_agreed_at=row.renewed_at, renews_at=renews_at, **shown)

    @classmethod
    def page_of(cls, page: Page[Subscription]) -> "PageOut[SubscriptionOut]":
        """A page of subscriptions."""
        return PageOut(items=[cls.of(row) for row in page.items], next_cursor=page.next_cursor)


class RatedPeriodOut(Schema):
    """What a closed period came to, and what it can be rated again from."""

    period: int
    starts_at: datetime
    ends_at: datetime
    usage: dict[str, int]
    lines: list[LineOut]
    total: MoneyOut
    input_sha256: str
    charge_id: UUID | None

    @classmethod
    def of(cls, row: RatedPeriod) -> "RatedPeriodOut":
        """A closed period, the same for both sides."""
        return cls(
            period=row.period,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            usage=row.usage,
            lines=[LineOut.model_validate(line) for line in row.lines],
            total=MoneyOut.of(row.total),
            input_sha256=row.input_sha256,
            charge_id=row.charge_id,
        )
