"""Routes of the pages of recipients."""

from django.urls import path

from compliance.recipients import pages

urlpatterns = [
    path("compliance/recipients", pages.desk_recipients, name="desk_recipients"),
    path(
        "compliance/recipients/export/<slug:form>",
        pages.export_recipients,
        name="desk_recipients_export",
    ),
]
