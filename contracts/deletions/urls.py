"""Routes of deletion statements."""

from django.urls import path

from contracts.deletions import pages

urlpatterns = [
    path("my-data/<uuid:entitlement_id>/delete", pages.holding_delete, name="holding_delete"),
    path(
        "deletion-statements/<uuid:statement_id>.json",
        pages.deletion_document,
        name="deletion_document",
    ),
]
