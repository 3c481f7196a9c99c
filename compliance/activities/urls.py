"""Routes of the records of processing: the desk's, and the door to an organisation's own."""

from django.urls import path

from compliance.activities import pages

urlpatterns = [
    path("organisation/activities", pages.register, name="organisation_activities"),
    path("compliance/activities", pages.register, name="desk_activities"),
    path("compliance/activities/import", pages.take_over, name="desk_activities_import"),
    path("compliance/activities/export/<slug:form>", pages.export, name="desk_activities_export"),
    path("compliance/activities/<str:key>", pages.activity, name="desk_activities_one"),
    path("compliance/activities/<str:key>/edit", pages.edit, name="desk_activities_edit"),
    path("compliance/activities/<str:key>/review", pages.review, name="desk_activities_review"),
]
