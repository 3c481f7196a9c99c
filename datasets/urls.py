"""Routes of the seller's pages of datasets. The header finds their section by their names."""

from django.urls import path

from datasets import gate_pages, pages, revision_pages, schedule_pages

_ONE = "sell/datasets/<uuid:dataset_id>"
_REVISION = "sell/revisions/<uuid:revision_id>"
_FILE = "sell/files/<uuid:asset_id>"

urlpatterns = [
    path("sell/datasets/new", pages.new, name="sell_datasets_new"),
    path(_ONE, pages.dataset, name="sell_datasets_one"),
    path(f"{_ONE}/describe", pages.describe, name="sell_datasets_describe"),
    path(f"{_ONE}/declare", pages.declare, name="sell_datasets_declare"),
    path(f"{_ONE}/gate", gate_pages.gate, name="sell_datasets_gate"),
    path(f"{_ONE}/revisions", pages.open_revision, name="sell_datasets_open"),
    path(f"{_ONE}/publish", pages.publish, name="sell_datasets_publish"),
    path(f"{_ONE}/retire", pages.retire, name="sell_datasets_retire"),
    path(f"{_ONE}/redirects", pages.redirects, name="sell_datasets_redirects"),
    path(f"{_ONE}/schedule", schedule_pages.schedule, name="sell_datasets_schedule"),
    path(f"{_ONE}/schedule/end", schedule_pages.end, name="sell_datasets_schedule_end"),
    path(_REVISION, revision_pages.revision, name="sell_datasets_revision"),
    path(f"{_REVISION}/measured", revision_pages.measured, name="sell_datasets_measured"),
    path(f"{_REVISION}/files", revision_pages.announce, name="sell_datasets_announce"),
    path(f"{_REVISION}/seal", revision_pages.seal, name="sell_datasets_seal"),
    path(f"{_REVISION}/revoke", revision_pages.revoke, name="sell_datasets_revoke"),
    path(_FILE, revision_pages.file, name="sell_datasets_file"),
    path(f"{_FILE}/remove", revision_pages.remove, name="sell_datasets_remove"),
]
