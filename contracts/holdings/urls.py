"""Routes of what a buyer holds."""

from django.urls import path

from contracts.holdings import pages

urlpatterns = [
    path("my-data", pages.holdings, name="buy_holdings"),
    path("my-data/<uuid:entitlement_id>", pages.holding, name="holding"),
    path("my-data/<uuid:entitlement_id>/download", pages.download, name="holding_download"),
]
