"""Routes of the preferences."""

from django.urls import path

from exchange.look import pages

urlpatterns = [
    path("language/<slug:code>", pages.language, name="language"),
    path("theme/<slug:name>", pages.theme, name="theme"),
]
