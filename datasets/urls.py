"""Routes of the seller's pages of datasets. The header finds their section by their names."""

from django.urls import include, path

from datasets import pages

_ONE = "sell/datasets/<uuid:dataset_id>"

urlpatterns = [
    path("sell/datasets/new", pages.new, name="sell_datasets_new"),
    path(_ONE, pages.dataset, name="sell_datasets_one"),
    path(f"{_ONE}/describe", pages.describe, name="sell_datasets_describe"),
    path(f"{_ONE}/declare", pages.declare, name="sell_datasets_declare"),
    path("", include("datasets.gate.urls")),
    path(f"{_ONE}/revisions", pages.open_revision, name="sell_datasets_open"),
    path(f"{_ONE}/publish", pages.publish, name="sell_datasets_publish"),
    path(f"{_ONE}/retire", pages.retire, name="sell_datasets_retire"),
    path(f"{_ONE}/redirects", pages.redirects, name="sell_datasets_redirects"),
    path("", include("datasets.schedules.urls")),
    path("", include("datasets.revisions.urls")),
]
