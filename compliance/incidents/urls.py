"""Routes of incidents: the officers' register, and what a holder was told. Each is nowhere without a notification."""

from django.urls import path

from compliance.incidents import pages

_ONE, _HOLDER = "compliance/incidents/<uuid:incident_id>", "compliance/incidents/holders/<uuid:row_id>"

urlpatterns = [
    path("compliance/incidents", pages.desk_incidents, name="desk_incidents"),
    path("compliance/incidents/new", pages.desk_incidents_new, name="desk_incidents_new"),
    path(_ONE, pages.desk_incidents_one, name="desk_incidents_one"),
    path(f"{_ONE}/confirm", pages.desk_incidents_confirm, name="desk_incidents_confirm"),
    path(f"{_ONE}/drop", pages.desk_incidents_drop, name="desk_incidents_drop"),
    path(_HOLDER, pages.desk_incidents_holder, name="desk_incidents_holder"),
    path(f"{_HOLDER}/chase", pages.desk_incidents_chase, name="desk_incidents_chase"),
    path("sell/incidents", pages.sell_incidents, name="sell_incidents"),
    path("sell/incidents/<uuid:row_id>", pages.sell_incidents_one, name="sell_incidents_one"),
]
