"""Routes of the register of breaches on the desk."""

from django.urls import path

from compliance.breaches import pages

urlpatterns = [
    path("compliance/breaches", pages.desk_breaches, name="desk_breaches"),
    path("compliance/breaches/new", pages.desk_breaches_new, name="desk_breaches_new"),
    path("compliance/breaches/register.<slug:form>", pages.desk_breaches_export, name="desk_breaches_export"),
    path("compliance/breaches/<uuid:breach_id>", pages.desk_breaches_one, name="desk_breaches_one"),
    path(
        "compliance/breaches/<uuid:breach_id>/do/<slug:name>", pages.desk_breaches_act, name="desk_breaches_act"
    ),
    path(
        "compliance/breaches/scopes/<uuid:scope_id>",
        pages.desk_breaches_recipients,
        name="desk_breaches_recipients",
    ),
    path(
        "compliance/breaches/reports/<uuid:report_id>.<slug:form>",
        pages.desk_breaches_report,
        name="desk_breaches_report",
    ),
]
