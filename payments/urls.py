"""Routes of the pages of payments, room by room. Areas name these routes, so they have no namespace."""

from django.urls import include, path

urlpatterns = [
    path("", include("payments.invoices.urls")),
    path("", include("payments.money_board.urls")),
    path("", include("payments.payouts.urls")),
]
