"""Routes of the duty to inform: the buyer's, and the desk's."""

from django.urls import path

from compliance.informing import pages

urlpatterns = [
    path("buy/informing", pages.buy_informing, name="buy_informing"),
    path("buy/informing/<uuid:duty_id>", pages.buy_informing_one, name="buy_informing_one"),
    path(
        "buy/informing/<uuid:duty_id>/acknowledge",
        pages.buy_informing_acknowledge,
        name="buy_informing_acknowledge",
    ),
    path("compliance/duties/informing", pages.desk_duties_informing, name="desk_duties_informing"),
]
