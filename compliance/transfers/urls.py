"""Routes of the pages of transfers and of exports of them."""

from django.urls import path

from compliance.transfers import export_pages, pages

urlpatterns = [
    path("compliance/transfers", pages.transfers, name="desk_transfers"),
    path(
        "compliance/transfers/export/<slug:form>", export_pages.export_transfers, name="desk_transfers_export"
    ),
    path("compliance/exports", export_pages.desk_exports, name="desk_exports"),
    path("compliance/exports/<uuid:export_id>/file", export_pages.desk_export_file, name="desk_export_file"),
    path("compliance/transfers/<uuid:record_id>", pages.transfer, name="desk_transfer"),
    path("compliance/transfers/<uuid:record_id>/receipt", pages.transfer_receipt, name="desk_receipt"),
    path("compliance/transfers/<uuid:record_id>/address", pages.transfer_address, name="desk_address"),
    path("compliance/transfers/<uuid:record_id>/erase", pages.transfer_shred, name="desk_shred"),
]
