"""Routes of the page of deletions that are owed."""

from django.urls import path

from compliance.duties import pages

urlpatterns = [
    path("compliance/duties", pages.desk_duties, name="desk_duties"),
]
