"""Routes of the preferences, and of what the exchange says of itself."""

from django.urls import path

from exchange.look import pages

urlpatterns = [
    path("language/<slug:code>", pages.language, name="language"),
    path("theme/<slug:name>", pages.theme, name="theme"),
    path("accessibility", pages.accessibility, name="accessibility"),
    path("privacy", pages.privacy, name="privacy"),
]
