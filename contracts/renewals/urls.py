"""The route of renewals."""

from django.urls import path

from contracts.renewals import pages

urlpatterns = [
    path("my-data/<uuid:entitlement_id>/renew", pages.holding_renew, name="holding_renew"),
]
