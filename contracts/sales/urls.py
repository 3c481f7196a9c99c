"""Routes of sales: the page of each, and the lists of buyer and seller that lead to it."""

from django.urls import path

from contracts.sales import (
    amendment_pages,
    buyer_pages,
    case_file_pages,
    pages,
    seller_pages,
    subscription_pages,
)

_SALE = "sales/<uuid:agreement_id>"

urlpatterns = [
    path("offers/<uuid:offer_id>/request", buyer_pages.offer_request, name="offer_request"),
    path(_SALE, pages.sale, name="sale"),
    path(f"{_SALE}/contract", pages.agreement, name="agreement"),
    path(f"{_SALE}/contract.json", pages.agreement_document, name="agreement_document"),
    path(f"{_SALE}/contract.pdf", pages.agreement_paper, name="agreement_paper"),
    path(f"{_SALE}/amend", amendment_pages.sale_amend, name="sale_amend"),
    path(f"{_SALE}/amend/preview", amendment_pages.preview, name="sale_amend_preview"),
    path(f"{_SALE}/payments", subscription_pages.subscription, name="sale_subscription"),
    path(f"{_SALE}/payments/cap", subscription_pages.cap, name="sale_subscription_cap"),
    *(
        path(
            f"{_SALE}/payments/{verb}",
            subscription_pages.decide,
            {"verb": verb},
            name=f"sale_subscription_{name}",
        )
        for verb, name in (
            ("cancel", "cancel"),
            ("keep-on", "keep_on"),
            ("renew", "renew"),
            ("renew-not", "renew_not"),
        )
    ),
    *(
        path(
            f"{_SALE}/payments/{verb}",
            subscription_pages.method,
            {"verb": verb},
            name=f"sale_subscription_{name}",
        )
        for verb, name in (("keep-method", "keep_method"), ("end-method", "end_method"))
    ),
    path(f"{_SALE}/messages", pages.talk, name="sale_talk"),
    path(f"{_SALE}/case-file", case_file_pages.sale_case_file, name="sale_case_file"),
    path(f"{_SALE}/confirm", pages.confirm, name="sale_confirm"),
    path(f"{_SALE}/contest", pages.contest, name="sale_contest"),
    path(f"{_SALE}/suspend", pages.keep, {"verb": "suspend"}, name="sale_suspend"),
    path(f"{_SALE}/resume", pages.keep, {"verb": "resume"}, name="sale_resume"),
    path(f"{_SALE}/revoke", pages.keep, {"verb": "revoke"}, name="sale_revoke"),
    path("transfers/<uuid:transfer_id>/receipt", pages.receipt, name="transfer_receipt"),
    path("transfers/<uuid:transfer_id>/give-back", pages.give_copy_back, name="transfer_give_back"),
    path("my-data/requests", buyer_pages.requests, name="buy_requests"),
    path("my-data/purchases", buyer_pages.purchases, name="buy_purchases"),
    path("sell", seller_pages.workspace, name="sell_datasets"),
    path("sell/requests", seller_pages.requests, name="sell_requests"),
    path("sell/sales", seller_pages.sales, name="sell_sales"),
    path("sell/holders", seller_pages.holders, name="sell_holders"),
]
