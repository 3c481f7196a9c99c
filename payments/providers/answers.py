"""What the answer to an operation means where the provider need not be asked again: of one that failed, and of one by a
provider that acts at once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from exchange.kernel.errors import Invalid
from payments.providers import news, orders


def order_of(payload: Mapping[str, object]) -> orders.Order:
    """The order that an answer belongs to; Invalid when torn."""
    kind, params = payload.get("kind"), payload.get("params")
    if not isinstance(kind, str) or not isinstance(params, Mapping):
        raise Invalid("an answer names the order that it belongs to")
    try:
        return orders.read(kind, params)
    except (KeyError, TypeError, ValueError):
        raise Invalid("an answer names the order that it belongs to") from None


def reference_of(payload: Mapping[str, object]) -> str:
    """What the provider calls what it made; Invalid when it is missing."""
    reference = payload.get("reference")
    if not isinstance(reference, str) or not reference:
        raise Invalid("an answer names what was made")
    return reference


def of_failure(payload: Mapping[str, object]) -> list[news.News]:
    """What it means that the provider refused an order for good."""
    order, reason = order_of(payload), str(payload.get("failure") or "")
    found: Any
    match order:
        case orders.Checkout() | orders.Collection():
            found = news.Declined(order.charge_id, "", reason)
        case orders.RefundOrder():
            found = news.RefundFailed(order.refund_id, "", reason)
        case orders.PayoutOrder():
            found = news.PayoutFailed(order.payout_id, "", reason)
        case orders.Reversal():
            operation_id = UUID(str(payload.get("operation")))
            found = news.ReversalFailed(order.payout_id, order.amount, operation_id, reason)
        case orders.AccountOrder():
            found = news.AccountRefused(order.participant_id, reason)
        case orders.Keeping():
            found = news.MethodFailed(order.payer_id, reason)
    return [found]


def at_once(payload: Mapping[str, object]) -> list[news.News]:
    """What it means that a provider which acts at once has acted."""
    order, reference = order_of(payload), reference_of(payload)
    match order:
        case orders.Checkout():
            return [news.Asked(order.charge_id, reference)]
        case orders.Collection():
            return [news.Asked(order.charge_id, reference), news.Paid(order.charge_id, order.amount, reference)]
        case orders.RefundOrder():
            return [news.Refunded(order.refund_id, order.amount, reference)]
        case orders.PayoutOrder():
            return [news.PayoutPaid(order.payout_id, reference)]
        case orders.Reversal():
            return [news.Reversed(order.payout_id, order.amount, reference)]
        case orders.AccountOrder():
            opened = news.AccountOpened(order.participant_id, reference)
            return [opened, news.AccountMoved(reference, "ready", [])]
        case orders.Keeping():
            return [news.MethodKept(order.payer_id, reference, reference, "Demo ···· 4242")]
