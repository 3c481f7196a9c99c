"""Routes of the seller's offers, and of their private links."""

from django.urls import path

from contracts.offers import link_pages, pages

_OFFER = "sell/offers/<uuid:offer_id>"
_NEW = "sell/datasets/<uuid:dataset_id>/offers"

urlpatterns = [
    path("links/<slug:token>", link_pages.offer_link, name="offer_link"),
    path("sell/offers", pages.listed, name="sell_offers"),
    path(f"{_NEW}/start", pages.start, name="sell_offers_start"),
    path(f"{_NEW}/new", pages.new, name="sell_offers_new"),
    path(f"{_NEW}/preview", pages.preview, name="sell_offers_preview"),
    path(_OFFER, pages.offer, name="sell_offers_one"),
    path(f"{_OFFER}/publish", pages.publish, name="sell_offers_publish"),
    path(f"{_OFFER}/link", link_pages.take_link, name="sell_offers_link"),
    path(f"{_OFFER}/withdraw", pages.withdraw, name="sell_offers_withdraw"),
]
