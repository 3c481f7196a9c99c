"""Routes of a sale's money: bills, refunds, coupons, earnings, and who earns what part."""

from django.urls import path

from contracts.money import charge_pages, coupon_pages, earning_pages, order_pages, refund_pages, share_pages

_SHARES = "sell/datasets/<uuid:dataset_id>/shares"

urlpatterns = [
    path("charges/<uuid:charge_id>", charge_pages.charge, name="charge"),
    path("charges/<uuid:charge_id>/refund", refund_pages.give_back, name="charge_refund"),
    path("refunds/<uuid:refund_id>/approve", refund_pages.approve, name="refund_approve"),
    path("refunds/<uuid:refund_id>/decline", refund_pages.decline, name="refund_decline"),
    path("my-data/invoices", order_pages.orders, name="buy_invoices"),
    path(_SHARES, share_pages.listed, name="sell_datasets_shares"),
    path(f"{_SHARES}/withdraw", share_pages.withdraw, name="sell_datasets_shares_withdraw"),
    path("sell/earnings", earning_pages.earnings, name="sell_earnings"),
    path("sell/earnings/<uuid:charge_id>", earning_pages.path, name="sell_earnings_path"),
    path("sell/offers/coupons", coupon_pages.listed, name="sell_offers_coupons"),
    path("sell/offers/coupons/<uuid:coupon_id>/end", coupon_pages.end, name="sell_offers_coupon_end"),
]
