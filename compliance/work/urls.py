"""Routes of the front page of the desk, and of an officer's own work."""

from django.urls import path

from compliance.work import overview_pages, pages

urlpatterns = [
    path("compliance", overview_pages.desk_overview, name="desk_overview"),
    path("compliance/views/new", pages.desk_view_new, name="desk_view_new"),
    path("compliance/views/<uuid:view_id>/forget", pages.desk_view_forget, name="desk_view_forget"),
    path("compliance/digest", pages.desk_digest, name="desk_digest"),
    path("compliance/officers", pages.desk_acts, name="desk_acts"),
]
