"""What the price of a negotiation must be before somebody signs it: a quote is named first, and a change within a term
is paid at once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.agreements import agreements
from contracts.choices import choices
from contracts.choices.choices import Choice
from contracts.entitlements import successions
from contracts.models import Agreement, Negotiation, Offer
from exchange.kernel.actors import Actor
from exchange.kernel.errors import Conflict, Forbidden, Invalid
from exchange.kernel.money import Money
from exchange.participants.models import Participant
from payments import providers
from payments.charges import coupons, methods
from payments.charges.coupons import Discounted
from payments.plans import plans
from payments.plans.plans import Plan
from payments.subscriptions import queries as subscription_queries
from payments.subscriptions import subscriptions


def require_signable(
    negotiation: Negotiation, coupon: str | UUID = "", *, keeps_method: bool = False, renews: bool = False
) -> None:
    """Refuse a round that nobody can sign: without a price, or a change within a term that is paid over time; a coupon
    where nothing is due; a way to pay that is kept for nothing; and further terms where none are offered."""
    plan = require_named(negotiation.plan)
    if plan.is_over_time and successions.is_amendment(negotiation):
        raise _over_time()
    if coupon and plan.due_first is None:
        raise _nothing_due()
    if renews:
        subscriptions.require_renewable(plan)
    if keeps_method and not may_keep_method(plan):
        raise Conflict(
            "nothing falls due later, or the provider keeps no way to pay", code="method_kept_for_nothing"
        )


def may_keep_method(plan: Plan) -> bool:
    """Whether the buyer may let its way to pay be kept with the signature, for what falls due later."""
    return plan.is_over_time and providers.keep_methods()


def keep_method(is_wanted: bool, plan: Plan, buyer: Participant, *, by: Actor) -> None:
    """Have the provider ask for a way to pay, where there is no first payment with which it could keep one."""
    if is_wanted and plan.currency and methods.usable(buyer.pk, providers.provider().name) is None:
        methods.ask_to_keep(buyer, currency=plan.currency, by=by)


def require_named(raw: Mapping[str, Any]) -> Plan:
    """Refuse a quote: the seller has still to say what it costs."""
    plan = plans.parse(raw)
    if plan.is_quote:
        raise Conflict("no price was named yet; the seller counters with one first", code="price_missing")
    return plan


def require_amendable(agreement: Agreement, price: Plan) -> None:
    """Refuse to change, within its term, what is paid over time, or to have a change paid so."""
    if price.is_over_time or subscription_queries.runs_about(agreements.reference(agreement)):
        raise _over_time()
    if price.is_quote:
        raise Invalid("a change of a contract names its price", code="price_missing")


def due(
    negotiation: Negotiation, plan: Plan, coupon: str | UUID, *, reference: str, by: Actor
) -> Discounted | None:
    """What is charged at the signature, less what a `coupon` takes off it, and what the exchange keeps of it then; None
    where nothing is."""
    price = plan.due_first
    if price is None or not coupon:
        return None if price is None else Discounted(price, None)
    return coupons.use(
        coupon,
        price,
        reference=reference,
        offer_id=negotiation.offer_id,
        seller_id=negotiation.seller_id,
        buyer_id=negotiation.buyer_id,
        by=by,
    )


def weigh(offer: Offer, plan: Plan, coupon: str | UUID, *, buyer_id: UUID, by: Actor) -> Discounted:
    """What a `coupon` would take off the first charge of a plan, if it were signed now."""
    if plan.due_first is None:
        raise _nothing_due()
    return coupons.weigh(
        coupon, plan.due_first, offer_id=offer.pk, seller_id=offer.seller_id, buyer_id=buyer_id, by=by
    )


def due_first(offer: Offer, choice: Choice, coupon: str, *, by: Actor) -> Money | None:
    """What is charged first of one way to take an offer, with a `coupon` where one is given, if it were signed now."""
    plan = plans.parse(choice.plan)
    if not coupon:
        return plan.due_first
    if by.participant_id is None:
        raise Forbidden("only an organisation that takes part uses coupons")
    return weigh(offer, plan, coupon, buyer_id=by.participant_id, by=by).price


def is_private(negotiation: Negotiation) -> bool:
    """Whether the price of the round that stands is this buyer's alone, or of the few for whom the offer exists: it was
    named in the talk, or the offer is not on the public market."""
    offer = negotiation.offer
    listed = [choice.plan for choice in choices.of(offer)]
    return offer.audience != Offer.Audience.PUBLIC or negotiation.plan not in listed


def _nothing_due() -> Conflict:
    return Conflict("nothing is charged at this signature, so no coupon holds", code="coupon_without_price")


def _over_time() -> Conflict:
    return Conflict(
        "what is paid over time is not changed within its term; cancel it and take another licence",
        code="paid_over_time",
    )
