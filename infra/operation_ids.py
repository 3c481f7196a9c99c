"""What the operations of the API are called in its description. Programs are made from these names, so they
stay what they were when the modules of the operations moved."""

from collections.abc import Callable, Mapping
from typing import Any

_STOOD_IN: Mapping[str, str] = {
    "contracts.agreements.api": "contracts_agreement_api",
    "contracts.offers.audience_api": "contracts_audience_api",
    "contracts.sales.case_file_api": "contracts_case_file_api",
    "contracts.choices.api": "contracts_choice_api",
    "contracts.data_requests.api": "contracts_data_request_api",
    "contracts.decisions.api": "contracts_decision_api",
    "contracts.deletions.api": "contracts_deletion_api",
    "contracts.groups.api": "contracts_group_api",
    "contracts.licence_texts.api": "contracts_licence_api",
    "contracts.negotiations.api": "contracts_negotiation_api",
    "contracts.agreements.odrl_api": "contracts_odrl_api",
    "contracts.orders.api": "contracts_order_api",
    "contracts.renewals.api": "contracts_renewal_api",
    "contracts.catalogue.schedule_api": "contracts_schedule_api",
    "contracts.money.share_api": "contracts_share_api",
    "contracts.talks.api": "contracts_talk_api",
    "contracts.own_templates.api": "contracts_template_api",
    "contracts.entitlements.window_api": "contracts_window_api",
    "payments.charges.coupon_api": "payments_coupon_api",
    "payments.invoices.api": "payments_invoice_api",
    "payments.ledger.api": "payments_ledger_api",
    "payments.checkouts.method_api": "payments_method_api",
    "payments.payouts.api": "payments_payout_api",
    "payments.refunds.api": "payments_refund_api",
    "payments.shares.api": "payments_share_api",
    "payments.subscriptions.api": "payments_subscription_api",
}
"""Module -> what its operations begin with: where they stood when they were published."""


def published(view: Callable[..., Any]) -> str:
    """The name of an operation, by the function that answers it."""
    return f"{_STOOD_IN.get(view.__module__, view.__module__)}_{view.__name__}".replace(".", "_")
