"""Routes of how an organisation is paid."""

from django.urls import path

from payments.payouts import pages

urlpatterns = [
    path("sell/payouts", pages.paid, name="sell_payouts"),
    path("sell/payouts/begin", pages.begin, name="sell_payouts_begin"),
    path(
        "sell/payouts/statements/<slug:period>.<slug:form>",
        pages.statement,
        name="sell_payouts_statement",
    ),
    path("sell/payouts/shares/<uuid:split_id>", pages.split, name="sell_payouts_split"),
    path(
        "sell/payouts/shares/<uuid:split_id>/decline",
        pages.decline,
        name="sell_payouts_split_decline",
    ),
]
