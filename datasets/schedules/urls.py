"""Routes of the seller's pages of schedules."""

from django.urls import path

from datasets.schedules import pages

_SCHEDULE = "sell/datasets/<uuid:dataset_id>/schedule"

urlpatterns = [
    path(_SCHEDULE, pages.schedule, name="sell_datasets_schedule"),
    path(f"{_SCHEDULE}/end", pages.end, name="sell_datasets_schedule_end"),
]
