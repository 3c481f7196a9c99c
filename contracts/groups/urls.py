"""Routes of the seller's groups."""

from django.urls import path

from contracts.groups import pages

_GROUP = "sell/groups/<uuid:group_id>"

urlpatterns = [
    path("sell/groups", pages.listed, name="sell_offers_groups"),
    path(_GROUP, pages.group, name="sell_offers_group"),
    path(f"{_GROUP}/admit", pages.admit, name="sell_offers_group_admit"),
    path(f"{_GROUP}/<uuid:participant_id>/dismiss", pages.dismiss, name="sell_offers_group_dismiss"),
    path(f"{_GROUP}/delete", pages.delete, name="sell_offers_group_delete"),
]
