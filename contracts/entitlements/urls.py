"""The route of the buyer's word on its duty to inform."""

from django.urls import path

from contracts.entitlements import informing_pages

urlpatterns = [
    path("my-data/<uuid:entitlement_id>/inform", informing_pages.holding_inform, name="holding_inform"),
]
