"""Routes of destinations and law on the desk."""

from django.urls import path

from compliance.destinations import pages

_BASIS = "compliance/destinations/bases/<uuid:basis_id>"

urlpatterns = [
    path("compliance/destinations", pages.desk_destinations, name="desk_destinations"),
    path("compliance/destinations/law", pages.desk_destinations_law, name="desk_destinations_law"),
    path(
        "compliance/destinations/new/<slug:mechanism>",
        pages.desk_destinations_basis_new,
        name="desk_destinations_basis_new",
    ),
    path(_BASIS, pages.desk_destinations_basis, name="desk_destinations_basis"),
    path(f"{_BASIS}/revoke", pages.desk_destinations_revoke, name="desk_destinations_revoke"),
]
