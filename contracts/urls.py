"""Routes of the pages of contracts. Areas name these routes, so they have no namespace."""

from django.urls import path

from contracts import buyer_pages, charge_pages, holdings_pages, negotiation_pages, sale_pages

_SALE = "sales/<uuid:agreement_id>"

urlpatterns = [
    path("offers/<uuid:offer_id>/request", buyer_pages.offer_request, name="offer_request"),
    path("negotiations/<uuid:negotiation_id>", negotiation_pages.negotiation, name="negotiation"),
    path("negotiations/<uuid:negotiation_id>/approve", negotiation_pages.approve, name="negotiation_approve"),
    path("negotiations/<uuid:negotiation_id>/refuse", negotiation_pages.refuse, name="negotiation_refuse"),
    path("negotiations/<uuid:negotiation_id>/accept", negotiation_pages.accept, name="negotiation_accept"),
    path(
        "negotiations/<uuid:negotiation_id>/withdraw", negotiation_pages.withdraw, name="negotiation_withdraw"
    ),
    path("charges/<uuid:charge_id>", charge_pages.charge, name="charge"),
    path(_SALE, sale_pages.sale, name="sale"),
    path(f"{_SALE}/contract", sale_pages.agreement, name="agreement"),
    path(f"{_SALE}/contract.json", sale_pages.agreement_document, name="agreement_document"),
    path(f"{_SALE}/confirm", sale_pages.confirm, name="sale_confirm"),
    path(f"{_SALE}/contest", sale_pages.contest, name="sale_contest"),
    path(f"{_SALE}/suspend", sale_pages.keep, {"verb": "suspend"}, name="sale_suspend"),
    path(f"{_SALE}/resume", sale_pages.keep, {"verb": "resume"}, name="sale_resume"),
    path(f"{_SALE}/revoke", sale_pages.keep, {"verb": "revoke"}, name="sale_revoke"),
    path("transfers/<uuid:transfer_id>/receipt", sale_pages.receipt, name="transfer_receipt"),
    path("transfers/<uuid:transfer_id>/give-back", sale_pages.give_copy_back, name="transfer_give_back"),
    path("my-data", holdings_pages.holdings, name="buy_holdings"),
    path("my-data/requests", buyer_pages.requests, name="buy_requests"),
    path("my-data/purchases", buyer_pages.purchases, name="buy_purchases"),
    path("my-data/<uuid:entitlement_id>", holdings_pages.holding, name="holding"),
    path("my-data/<uuid:entitlement_id>/download", holdings_pages.download, name="holding_download"),
]
