"""Routes of the catalogue and of the searches that members keep."""

from django.urls import path

from contracts import catalogue_pages, search_pages

urlpatterns = [
    path("catalogue", catalogue_pages.catalogue, name="catalogue"),
    path("my-data/searches", search_pages.searches, name="buy_searches"),
    path("my-data/searches/new", search_pages.new, name="buy_searches_new"),
    path("my-data/searches/<uuid:search_id>/forget", search_pages.forget, name="buy_searches_forget"),
]
