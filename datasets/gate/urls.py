"""Routes of the publish gate as its seller sees it."""

from django.urls import path

from datasets.gate import pages

urlpatterns = [
    path("sell/datasets/<uuid:dataset_id>/gate", pages.gate, name="sell_datasets_gate"),
]
