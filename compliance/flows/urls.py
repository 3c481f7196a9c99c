"""The route of the transfer map."""

from django.urls import path

from compliance.flows import pages

urlpatterns = [path("compliance/map", pages.transfer_map, name="desk_map")]
