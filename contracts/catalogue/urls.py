"""Routes of the catalogue, of a dataset as buyers see it, and of the searches that members keep."""

from django.urls import path

from contracts.catalogue import dataset_pages, pages, search_pages

urlpatterns = [
    path("catalogue", pages.catalogue, name="catalogue"),
    path("my-data/searches", search_pages.searches, name="buy_searches"),
    path("my-data/searches/new", search_pages.new, name="buy_searches_new"),
    path("my-data/searches/<uuid:search_id>/forget", search_pages.forget, name="buy_searches_forget"),
    path("datasets/<uuid:dataset_id>", dataset_pages.dataset, name="dataset"),
]
