"""Routes of intermediation; each is nowhere where the operator has no notification."""

from django.urls import path

from compliance.intermediation import pages

urlpatterns = [
    path("intermediation", pages.intermediation, name="intermediation"),
    path("intermediation/log", pages.intermediation_log, name="intermediation_log"),
    path("intermediation/prices", pages.intermediation_prices, name="intermediation_prices"),
]
