"""Routes of the seller's pages of revisions and their files."""

from django.urls import path

from datasets.revisions import pages

_REVISION = "sell/revisions/<uuid:revision_id>"
_FILE = "sell/files/<uuid:asset_id>"

urlpatterns = [
    path(_REVISION, pages.revision, name="sell_datasets_revision"),
    path(f"{_REVISION}/measured", pages.measured, name="sell_datasets_measured"),
    path(f"{_REVISION}/files", pages.announce, name="sell_datasets_announce"),
    path(f"{_REVISION}/seal", pages.seal, name="sell_datasets_seal"),
    path(f"{_REVISION}/revoke", pages.revoke, name="sell_datasets_revoke"),
    path(_FILE, pages.file, name="sell_datasets_file"),
    path(f"{_FILE}/remove", pages.remove, name="sell_datasets_remove"),
]
