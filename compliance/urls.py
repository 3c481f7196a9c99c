"""Routes of the officer's desk, and of the public page about the log. Areas name these routes, so they have no
namespace."""

from django.urls import include, path

from compliance import desk_pages, duty_pages, export_pages, log_pages, recipient_pages

urlpatterns = [
    path("log", log_pages.check_log, name="check_log"),
    path("proofs/<slug:noun>/<str:subject_id>", log_pages.log_about, name="log_about"),
    path("compliance", desk_pages.desk_overview, name="desk_overview"),
    path("compliance/transfers", desk_pages.transfers, name="desk_transfers"),
    path(
        "compliance/transfers/export/<slug:form>", export_pages.export_transfers, name="desk_transfers_export"
    ),
    path("compliance/exports", export_pages.desk_exports, name="desk_exports"),
    path("compliance/exports/<uuid:export_id>/file", export_pages.desk_export_file, name="desk_export_file"),
    path("compliance/transfers/<uuid:record_id>", desk_pages.transfer, name="desk_transfer"),
    path("compliance/transfers/<uuid:record_id>/receipt", desk_pages.transfer_receipt, name="desk_receipt"),
    path("compliance/transfers/<uuid:record_id>/address", desk_pages.transfer_address, name="desk_address"),
    path("compliance/transfers/<uuid:record_id>/erase", desk_pages.transfer_shred, name="desk_shred"),
    path("compliance/duties", duty_pages.desk_duties, name="desk_duties"),
    path("compliance/recipients", recipient_pages.desk_recipients, name="desk_recipients"),
    path(
        "compliance/recipients/export/<slug:form>",
        recipient_pages.export_recipients,
        name="desk_recipients_export",
    ),
    path("compliance/log", desk_pages.desk_log, name="desk_log"),
    path("compliance/log/alarms/<uuid:alarm_id>", desk_pages.desk_alarm, name="desk_alarm"),
    path("compliance/log/unmatched", desk_pages.desk_unmatched, name="desk_unmatched"),
    path("", include("compliance.legal.urls")),
    path("", include("compliance.notices.urls")),
    path("", include("compliance.activities.urls")),
    path("", include("compliance.flows.urls")),
    path("", include("compliance.reviews.urls")),
    path("", include("compliance.informing.urls")),
    path("", include("compliance.intermediation.urls")),
    path("", include("compliance.bundles.urls")),
    path("", include("compliance.work.urls")),
    path("", include("compliance.breaches.urls")),
    path("", include("compliance.incidents.urls")),
    path("", include("compliance.retention.urls")),
    path("", include("compliance.requests.urls")),
]
