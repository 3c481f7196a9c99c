"""Routes of the seller's pages of contracts. The header finds their section by their names."""

from django.urls import path

from contracts import (
    coupon_pages,
    data_request_pages,
    earning_pages,
    group_pages,
    licence_pages,
    link_pages,
    offer_pages,
    seller_pages,
    share_pages,
    template_pages,
)

_OFFER = "sell/offers/<uuid:offer_id>"
_GROUP = "sell/groups/<uuid:group_id>"
_SHARES = "sell/datasets/<uuid:dataset_id>/shares"
_NEW = "sell/datasets/<uuid:dataset_id>/offers"

urlpatterns = [
    path("sell", seller_pages.workspace, name="sell_datasets"),
    path(_SHARES, share_pages.listed, name="sell_datasets_shares"),
    path(f"{_SHARES}/withdraw", share_pages.withdraw, name="sell_datasets_shares_withdraw"),
    path("sell/requests", seller_pages.requests, name="sell_requests"),
    path("sell/data-requests", data_request_pages.answerable, name="sell_data_requests"),
    path("sell/sales", seller_pages.sales, name="sell_sales"),
    path("sell/earnings", earning_pages.earnings, name="sell_earnings"),
    path("sell/earnings/<uuid:charge_id>", earning_pages.path, name="sell_earnings_path"),
    path("sell/holders", seller_pages.holders, name="sell_holders"),
    path("sell/offers", offer_pages.listed, name="sell_offers"),
    path("sell/offers/documents", licence_pages.documents, name="sell_offers_documents"),
    path("documents/<uuid:licence_text_id>", licence_pages.licence_text, name="licence_text"),
    path("sell/offers/templates", template_pages.templates, name="sell_offers_templates"),
    path("sell/offers/templates/<uuid:template_id>", template_pages.template, name="sell_offers_template"),
    path(
        "sell/offers/templates/<uuid:template_id>/drop", template_pages.drop, name="sell_offers_template_drop"
    ),
    path("sell/offers/coupons", coupon_pages.listed, name="sell_offers_coupons"),
    path("sell/offers/coupons/<uuid:coupon_id>/end", coupon_pages.end, name="sell_offers_coupon_end"),
    path("sell/groups", group_pages.listed, name="sell_offers_groups"),
    path(_GROUP, group_pages.group, name="sell_offers_group"),
    path(f"{_GROUP}/admit", group_pages.admit, name="sell_offers_group_admit"),
    path(f"{_GROUP}/<uuid:participant_id>/dismiss", group_pages.dismiss, name="sell_offers_group_dismiss"),
    path(f"{_GROUP}/delete", group_pages.delete, name="sell_offers_group_delete"),
    path(f"{_NEW}/start", offer_pages.start, name="sell_offers_start"),
    path(f"{_NEW}/new", offer_pages.new, name="sell_offers_new"),
    path(f"{_NEW}/preview", offer_pages.preview, name="sell_offers_preview"),
    path(_OFFER, offer_pages.offer, name="sell_offers_one"),
    path(f"{_OFFER}/publish", offer_pages.publish, name="sell_offers_publish"),
    path(f"{_OFFER}/link", link_pages.take_link, name="sell_offers_link"),
    path(f"{_OFFER}/withdraw", offer_pages.withdraw, name="sell_offers_withdraw"),
]
