"""Routes of the pages of contracts. Areas name these routes, so they have no namespace."""

from django.urls import path

from contracts import (
    amendment_pages,
    buyer_pages,
    case_file_pages,
    charge_pages,
    data_request_move_pages,
    data_request_pages,
    decision_pages,
    deletion_pages,
    holdings_pages,
    informing_pages,
    link_pages,
    negotiation_pages,
    order_pages,
    redline_pages,
    refund_pages,
    renewal_pages,
    sale_pages,
    subscription_pages,
)

_DATA_REQUEST = "data-requests/<uuid:data_request_id>"
_SALE = "sales/<uuid:agreement_id>"

urlpatterns = [
    path("links/<slug:token>", link_pages.offer_link, name="offer_link"),
    path("offers/<uuid:offer_id>/request", buyer_pages.offer_request, name="offer_request"),
    path("negotiations/<uuid:negotiation_id>", negotiation_pages.negotiation, name="negotiation"),
    path("negotiations/<uuid:negotiation_id>/approve", negotiation_pages.approve, name="negotiation_approve"),
    path("negotiations/<uuid:negotiation_id>/refuse", negotiation_pages.refuse, name="negotiation_refuse"),
    path("negotiations/<uuid:negotiation_id>/accept", negotiation_pages.accept, name="negotiation_accept"),
    path(
        "negotiations/<uuid:negotiation_id>/withdraw", negotiation_pages.withdraw, name="negotiation_withdraw"
    ),
    path("negotiations/<uuid:negotiation_id>/rounds", redline_pages.history, name="negotiation_rounds"),
    path("negotiations/<uuid:negotiation_id>/redline", redline_pages.redline, name="negotiation_redline"),
    path(
        "negotiations/<uuid:negotiation_id>/redline/preview",
        redline_pages.preview,
        name="negotiation_redline_preview",
    ),
    path("negotiations/<uuid:negotiation_id>/messages", negotiation_pages.talk, name="negotiation_talk"),
    path("attachments/<uuid:attachment_id>", negotiation_pages.attachment, name="attachment"),
    path(_DATA_REQUEST, data_request_pages.data_request, name="data_request"),
    path(f"{_DATA_REQUEST}/change", data_request_move_pages.change, name="data_request_change"),
    path(f"{_DATA_REQUEST}/close", data_request_move_pages.close, name="data_request_close"),
    path(f"{_DATA_REQUEST}/answer", data_request_move_pages.answer, name="data_request_answer"),
    path(f"{_DATA_REQUEST}/withdraw", data_request_move_pages.withdraw, name="data_request_withdraw"),
    path("answers/<uuid:answer_id>/withdraw", data_request_move_pages.withdraw_answer, name="answer_withdraw"),
    path("answers/<uuid:answer_id>/decline", data_request_move_pages.decline, name="answer_decline"),
    path("compliance/data-requests", data_request_pages.audited, name="desk_data_requests"),
    path("charges/<uuid:charge_id>", charge_pages.charge, name="charge"),
    path("charges/<uuid:charge_id>/refund", refund_pages.give_back, name="charge_refund"),
    path("refunds/<uuid:refund_id>/approve", refund_pages.approve, name="refund_approve"),
    path("refunds/<uuid:refund_id>/decline", refund_pages.decline, name="refund_decline"),
    path("my-data/invoices", order_pages.orders, name="buy_invoices"),
    path(_SALE, sale_pages.sale, name="sale"),
    path(f"{_SALE}/contract", sale_pages.agreement, name="agreement"),
    path(f"{_SALE}/contract.json", sale_pages.agreement_document, name="agreement_document"),
    path(f"{_SALE}/contract.pdf", sale_pages.agreement_paper, name="agreement_paper"),
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
    path(f"{_SALE}/messages", sale_pages.talk, name="sale_talk"),
    path(f"{_SALE}/case-file", case_file_pages.sale_case_file, name="sale_case_file"),
    path(f"{_SALE}/confirm", sale_pages.confirm, name="sale_confirm"),
    path(f"{_SALE}/contest", sale_pages.contest, name="sale_contest"),
    path(f"{_SALE}/suspend", sale_pages.keep, {"verb": "suspend"}, name="sale_suspend"),
    path(f"{_SALE}/resume", sale_pages.keep, {"verb": "resume"}, name="sale_resume"),
    path(f"{_SALE}/revoke", sale_pages.keep, {"verb": "revoke"}, name="sale_revoke"),
    path("transfers/<uuid:transfer_id>/receipt", sale_pages.receipt, name="transfer_receipt"),
    path("transfers/<uuid:transfer_id>/give-back", sale_pages.give_copy_back, name="transfer_give_back"),
    path("my-data", holdings_pages.holdings, name="buy_holdings"),
    path("my-data/requests", buyer_pages.requests, name="buy_requests"),
    path("my-data/data-requests", data_request_pages.wanted, name="buy_data_requests"),
    path("my-data/data-requests/new", data_request_move_pages.new, name="buy_data_requests_new"),
    path("my-data/purchases", buyer_pages.purchases, name="buy_purchases"),
    path("my-data/may-i", decision_pages.may_i, name="buy_holdings_may_i"),
    path("decisions/<uuid:decision_id>", decision_pages.decision, name="decision"),
    path("my-data/<uuid:entitlement_id>", holdings_pages.holding, name="holding"),
    path("my-data/<uuid:entitlement_id>/renew", renewal_pages.holding_renew, name="holding_renew"),
    path("my-data/<uuid:entitlement_id>/delete", deletion_pages.holding_delete, name="holding_delete"),
    path(
        "deletion-statements/<uuid:statement_id>.json",
        deletion_pages.deletion_document,
        name="deletion_document",
    ),
    path("my-data/<uuid:entitlement_id>/inform", informing_pages.holding_inform, name="holding_inform"),
    path("my-data/<uuid:entitlement_id>/download", holdings_pages.download, name="holding_download"),
]
