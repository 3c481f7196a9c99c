"""Routes of the templates that a seller keeps."""

from django.urls import path

from contracts.own_templates import pages

urlpatterns = [
    path("sell/offers/templates", pages.templates, name="sell_offers_templates"),
    path("sell/offers/templates/<uuid:template_id>", pages.template, name="sell_offers_template"),
    path("sell/offers/templates/<uuid:template_id>/drop", pages.drop, name="sell_offers_template_drop"),
]
