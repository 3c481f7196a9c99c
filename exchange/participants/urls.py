"""Routes of the pages about people and organisations, room by room. Areas name these routes, so they have no
namespace."""

from django.urls import include, path

urlpatterns = [
    path("", include("exchange.participants.members.urls")),
    path("", include("exchange.participants.actors.urls")),
    path("", include("exchange.participants.webhooks.urls")),
    path("", include("exchange.participants.notices.urls")),
    path("", include("exchange.participants.operator.urls")),
]
