"""Routes of requests of persons: the officers' pages, the sellers', and the person's own. Areas name these routes."""

from django.urls import path

from compliance.requests import pages, person_pages, seller_pages

urlpatterns = [
    path("compliance/requests", pages.board, name="desk_requests"),
    path("compliance/requests/new", pages.take_in, name="desk_requests_new"),
    path("compliance/requests/<uuid:request_id>", pages.one, name="desk_requests_one"),
    path("compliance/requests/<uuid:request_id>/answer-file", pages.answer_file, name="desk_requests_file"),
    path("compliance/requests/<uuid:request_id>/do/<slug:name>", pages.act, name="desk_requests_act"),
    path("compliance/requests/searches/<uuid:search_id>", pages.dismiss, name="desk_requests_dismiss"),
    path("sell/persons", seller_pages.searches, name="sell_persons"),
    path("sell/persons/<uuid:search_id>", seller_pages.search, name="sell_persons_one"),
    path("sell/persons/<uuid:search_id>/person", seller_pages.told, name="sell_persons_told"),
    path("privacy/request", person_pages.ask, name="privacy_request"),
    path("privacy/request/sent", person_pages.sent, name="privacy_request_sent"),
    path("privacy/request/<slug:token>", person_pages.follow, name="privacy_follow"),
    path("privacy/request/<slug:token>/withdraw", person_pages.withdraw, name="privacy_withdraw"),
    path("privacy/request/<slug:token>/answer", person_pages.answer, name="privacy_answer"),
]
