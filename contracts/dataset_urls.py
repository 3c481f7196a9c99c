"""The route of a dataset as buyers see it. The catalogue and other pages name it."""

from django.urls import path

from contracts import dataset_pages

urlpatterns = [path("datasets/<uuid:dataset_id>", dataset_pages.dataset, name="dataset")]
