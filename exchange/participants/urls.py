"""Routes of the pages about people and organisations."""

from django.urls import path

from exchange.participants import pages

urlpatterns = [path("organisation", pages.organisation, name="organisation")]
