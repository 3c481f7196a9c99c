"""Routes of the operator's money board."""

from django.urls import path

from payments.money_board import bank_pages, pages

urlpatterns = [
    path("operate/money", pages.board, name="operate_money"),
    path("operate/money/bank", bank_pages.bank, name="operate_money_bank"),
    path("operate/money/bank/files/<slug:batch>", bank_pages.file, name="operate_money_bank_file"),
    path("operate/money/compare", pages.compare, name="operate_money_compare"),
    path("operate/money/holds/<uuid:hold_id>", pages.hold, name="operate_money_hold"),
    path(
        "operate/money/payouts/<uuid:payout_id>/approve",
        pages.payout,
        {"verb": "approve"},
        name="operate_money_payout_approve",
    ),
    path(
        "operate/money/payouts/<uuid:payout_id>/cancel",
        pages.payout,
        {"verb": "cancel"},
        name="operate_money_payout_cancel",
    ),
    path(
        "operate/money/transfers/<uuid:remittance_id>/confirm",
        pages.transfer,
        {"verb": "confirm"},
        name="operate_money_transfer_confirm",
    ),
    path(
        "operate/money/transfers/<uuid:remittance_id>/dismiss",
        pages.transfer,
        {"verb": "dismiss"},
        name="operate_money_transfer_dismiss",
    ),
    path(
        "operate/money/differences/<uuid:difference_id>",
        pages.difference,
        name="operate_money_difference",
    ),
]
