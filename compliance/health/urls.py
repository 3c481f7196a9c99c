"""Routes of the pages about the log."""

from django.urls import path

from compliance.health import log_pages, pages

urlpatterns = [
    path("log", log_pages.check_log, name="check_log"),
    path("proofs/<slug:noun>/<str:subject_id>", log_pages.log_about, name="log_about"),
    path("compliance/log", pages.desk_log, name="desk_log"),
    path("compliance/log/alarms/<uuid:alarm_id>", pages.desk_alarm, name="desk_alarm"),
    path("compliance/log/unmatched", pages.desk_unmatched, name="desk_unmatched"),
]
