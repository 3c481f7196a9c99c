"""Stripe's own pages: where a buyer pays a charge, and where a payer lets a way to pay be kept. Coming back
from there only asks what is true; nothing is believed because a browser says it."""

from uuid import UUID

import stripe
from django.conf import settings
from django.urls import reverse
from stripe.params.checkout import SessionCreateParams

from payments.providers import Submitted, orders
from payments.providers.stripe import amounts


def open_page(client: stripe.StripeClient, order: orders.Checkout, key: str, operation_id: UUID) -> Submitted:
    """A page for one charge. Which ways to pay it shows, the operator chooses at Stripe."""
    back = settings.EXCHANGE_URL + reverse("charge", args=[order.charge_id])
    tags = {"charge": str(order.charge_id), "operation": str(operation_id)}
    if order.keeps_method_of:
        tags["keeper"] = str(order.keeps_method_of)
    params: SessionCreateParams = {
        "mode": "payment",
        "client_reference_id": str(order.charge_id),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.amount.currency.lower(),
                    "unit_amount": amounts.there(order.amount),
                    "product_data": {"name": f"{settings.EXCHANGE_NAME}: {order.reference}"},
                },
            }
        ],
        "metadata": tags,
        "payment_intent_data": {"metadata": tags, "transfer_group": order.reference},
        "success_url": f"{back}?returned=yes",
        "cancel_url": back,
    }
    if order.keeps_method_of:
        params["customer_creation"] = "always"
        params["payment_intent_data"]["setup_future_usage"] = "off_session"
    made = client.v1.checkout.sessions.create(params, {"idempotency_key": key})
    return Submitted(made.id, made.url or "")


def open_keeping_page(
    client: stripe.StripeClient, order: orders.Keeping, key: str, operation_id: UUID
) -> Submitted:
    """A page where a payer gives a way to pay, and nothing is charged."""
    back = f"{settings.EXCHANGE_URL}/"
    tags = {"keeper": str(order.payer_id), "operation": str(operation_id)}
    params: SessionCreateParams = {
        "mode": "setup",
        "currency": order.currency.lower(),
        "customer_creation": "always",
        "metadata": tags,
        "setup_intent_data": {"metadata": tags},
        "success_url": back,
        "cancel_url": back,
    }
    made = client.v1.checkout.sessions.create(params, {"idempotency_key": key})
    return Submitted(made.id, made.url or "")


def end_page(client: stripe.StripeClient, session_id: str) -> None:
    """Nobody pays there any more; one that has ended is left as it is."""
    if client.v1.checkout.sessions.retrieve(session_id).status == "open":
        client.v1.checkout.sessions.expire(session_id)
