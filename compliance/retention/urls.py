"""Routes of retention and of legal holds on the desk."""

from django.urls import path

from compliance.retention import pages

urlpatterns = [
    path("compliance/retention", pages.desk_retention, name="desk_retention"),
    path("compliance/retention/sweeps", pages.desk_retention_sweeps, name="desk_retention_sweeps"),
    path("compliance/retention/holds/new", pages.desk_retention_place, name="desk_retention_place"),
    path("compliance/retention/holds/<uuid:hold_id>", pages.desk_retention_hold, name="desk_retention_hold"),
    path(
        "compliance/retention/holds/<uuid:hold_id>/<slug:name>",
        pages.desk_retention_act,
        name="desk_retention_act",
    ),
]
