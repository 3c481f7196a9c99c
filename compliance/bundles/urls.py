"""Routes of the desk's evidence."""

from django.urls import path

from compliance.bundles import pages

urlpatterns = [
    path("compliance/evidence", pages.desk_bundles, name="desk_bundles"),
    path("compliance/evidence/<uuid:bundle_id>/file", pages.desk_bundle_file, name="desk_bundle_file"),
]
