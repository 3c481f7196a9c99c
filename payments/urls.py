"""Routes of the pages of payments. Areas name these routes, so they have no namespace."""

from django.urls import path

from payments import bank_pages, billing_pages, money_pages, payout_pages

urlpatterns = [
    path("organisation/billing", billing_pages.billing, name="organisation_billing"),
    path("organisation/billing/mandate", billing_pages.mandate, name="organisation_billing_mandate"),
    path("sell/payouts", payout_pages.paid, name="sell_payouts"),
    path("sell/payouts/begin", payout_pages.begin, name="sell_payouts_begin"),
    path(
        "sell/payouts/statements/<slug:period>.<slug:form>",
        payout_pages.statement,
        name="sell_payouts_statement",
    ),
    path("sell/payouts/shares/<uuid:split_id>", payout_pages.split, name="sell_payouts_split"),
    path(
        "sell/payouts/shares/<uuid:split_id>/decline",
        payout_pages.decline,
        name="sell_payouts_split_decline",
    ),
    path("operate/money", money_pages.board, name="operate_money"),
    path("operate/money/bank", bank_pages.bank, name="operate_money_bank"),
    path("operate/money/bank/files/<slug:batch>", bank_pages.file, name="operate_money_bank_file"),
    path("operate/money/compare", money_pages.compare, name="operate_money_compare"),
    path("operate/money/holds/<uuid:hold_id>", money_pages.hold, name="operate_money_hold"),
    path(
        "operate/money/payouts/<uuid:payout_id>/approve",
        money_pages.payout,
        {"verb": "approve"},
        name="operate_money_payout_approve",
    ),
    path(
        "operate/money/payouts/<uuid:payout_id>/cancel",
        money_pages.payout,
        {"verb": "cancel"},
        name="operate_money_payout_cancel",
    ),
    path(
        "operate/money/transfers/<uuid:remittance_id>/confirm",
        money_pages.transfer,
        {"verb": "confirm"},
        name="operate_money_transfer_confirm",
    ),
    path(
        "operate/money/transfers/<uuid:remittance_id>/dismiss",
        money_pages.transfer,
        {"verb": "dismiss"},
        name="operate_money_transfer_dismiss",
    ),
    path(
        "operate/money/differences/<uuid:difference_id>",
        money_pages.difference,
        name="operate_money_difference",
    ),
]
