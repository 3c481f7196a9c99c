"""Routes of the operator's pages about organisations and people. Areas name these routes, so they have no namespace."""

from django.urls import path

from exchange.participants.operator import pages

_ONE = "operate/participants/<uuid:participant_id>"

urlpatterns = [
    path("operate/participants", pages.participants, name="operate_participants"),
    path(_ONE, pages.participant, name="operate_participants_one"),
    path(f"{_ONE}/verify", pages.verify, name="operate_participants_verify"),
    path(f"{_ONE}/suspend", pages.decide, {"verb": "suspend"}, name="operate_participants_suspend"),
    path(f"{_ONE}/restore", pages.decide, {"verb": "restore"}, name="operate_participants_restore"),
    path(f"{_ONE}/close", pages.decide, {"verb": "close"}, name="operate_participants_close"),
    path("operate/members", pages.people, name="operate_members"),
]
