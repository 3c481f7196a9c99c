"""Routes of “May I?” and of the decisions that were made."""

from django.urls import path

from contracts.decisions import pages

urlpatterns = [
    path("my-data/may-i", pages.may_i, name="buy_holdings_may_i"),
    path("decisions/<uuid:decision_id>", pages.decision, name="decision"),
]
