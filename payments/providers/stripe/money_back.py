"""Money that leaves the exchange's balance at Stripe: refunds to buyers, transfers to accounts, and what of a transfer
is taken back. A refund never touches transfers."""

from uuid import UUID

import stripe
from stripe.params import TransferCreateParams

from payments.providers import orders
from payments.providers.stripe import amounts


def refund(client: stripe.StripeClient, order: orders.RefundOrder, key: str, operation_id: UUID) -> str:
    made = client.v1.refunds.create(
        {
            "charge": order.payment,
            "amount": amounts.there(order.amount),
            "metadata": {
                "refund": str(order.refund_id),
                "charge": str(order.charge_id),
                "operation": str(operation_id),
            },
        },
        {"idempotency_key": key},
    )
    return made.id


def transfer(client: stripe.StripeClient, order: orders.PayoutOrder, key: str, operation_id: UUID) -> str:
    """From one payment it may leave before that payment's money is available; without one, it needs a balance."""
    params: TransferCreateParams = {
        "amount": amounts.there(order.amount),
        "currency": order.amount.currency.lower(),
        "destination": order.account,
        "metadata": {"payout": str(order.payout_id), "operation": str(operation_id)},
    }
    if order.payment:
        params["source_transaction"] = order.payment
    else:
        params["transfer_group"] = order.target
    return client.v1.transfers.create(params, {"idempotency_key": key}).id


def reverse(client: stripe.StripeClient, order: orders.Reversal, key: str, operation_id: UUID) -> str:
    made = client.v1.transfers.reversals.create(
        order.payout,
        {
            "amount": amounts.there(order.amount),
            "metadata": {"payout": str(order.payout_id), "operation": str(operation_id)},
        },
        {"idempotency_key": key},
    )
    return made.id
