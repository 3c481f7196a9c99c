"""Routes of the pages of contracts, room by room. Areas name these routes, so they have no namespace."""

from django.urls import include, path

urlpatterns = [
    path("", include("contracts.catalogue.urls")),
    path("", include("contracts.data_requests.urls")),
    path("", include("contracts.decisions.urls")),
    path("", include("contracts.deletions.urls")),
    path("", include("contracts.entitlements.urls")),
    path("", include("contracts.groups.urls")),
    path("", include("contracts.holdings.urls")),
    path("", include("contracts.licence_texts.urls")),
    path("", include("contracts.money.urls")),
    path("", include("contracts.negotiations.urls")),
    path("", include("contracts.offers.urls")),
    path("", include("contracts.own_templates.urls")),
    path("", include("contracts.renewals.urls")),
    path("", include("contracts.sales.urls")),
]
