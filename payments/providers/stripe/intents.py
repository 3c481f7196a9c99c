"""Collecting by a kept way to pay, without the payer."""

from uuid import UUID

import stripe

from payments.providers import orders
from payments.providers.stripe import amounts


def collect(client: stripe.StripeClient, order: orders.Collection, key: str, operation_id: UUID) -> str:
    """Ask for the money at once. A way to pay that is declined made a payment too, which says why."""
    try:
        made = client.v1.payment_intents.create(
            {
                "amount": amounts.there(order.amount),
                "currency": order.amount.currency.lower(),
                "customer": order.customer,
                "payment_method": order.method,
                "off_session": True,
                "confirm": True,
                "metadata": {"charge": str(order.charge_id), "operation": str(operation_id), "way": "collect"},
                "transfer_group": order.reference,
            },
            {"idempotency_key": key},
        )
    except stripe.CardError as error:
        if (reference := _declined_intent(error)) is None:
            raise
        return reference
    return made.id


def _declined_intent(error: stripe.CardError) -> str | None:
    body = error.json_body
    found = body.get("error", {}).get("payment_intent") if isinstance(body, dict) else None
    return found.get("id") if isinstance(found, dict) else None
