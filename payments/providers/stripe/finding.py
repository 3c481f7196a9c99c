"""Whether Stripe has acted on an operation already: it is asked before an operation is sent again, for it forgets keys
after a day, and repeats an error that came after the effect for as long."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import stripe

from payments.providers import Submitted, orders
from payments.providers.stripe.objects import plain

_EARLIER = timedelta(minutes=5)
"""Clocks differ."""
_MOST = 1_000


def find(
    client: stripe.StripeClient, order: orders.Order, operation_id: UUID, since: datetime
) -> Submitted | None:
    """What Stripe made of the operation; None where it made nothing."""
    for found in islice(_candidates(client, order, int((since - _EARLIER).timestamp())), _MOST):
        made = plain(found)
        if (made.get("metadata") or {}).get("operation") == str(operation_id):
            return Submitted(made["id"], made.get("url") or "")
    return None


def _candidates(client: stripe.StripeClient, order: orders.Order, since: int) -> Iterable[stripe.StripeObject]:
    """What the order would have made, newest first."""
    found: Any
    match order:
        case orders.Checkout() | orders.Keeping():
            found = client.v1.checkout.sessions.list({"created": {"gte": since}, "limit": 100})
        case orders.Collection():
            found = client.v1.payment_intents.list({"customer": order.customer, "created": {"gte": since}})
        case orders.RefundOrder():
            found = client.v1.refunds.list({"charge": order.payment, "limit": 100})
        case orders.PayoutOrder():
            found = client.v1.transfers.list({"destination": order.account, "created": {"gte": since}})
        case orders.Reversal():
            found = client.v1.transfers.reversals.list(order.payout, {"limit": 100})
        case orders.AccountOrder():
            found = client.v2.core.accounts.list({"applied_configurations": ["recipient"], "limit": 20})
    candidates: Iterable[stripe.StripeObject] = found.auto_paging_iter()
    return candidates
