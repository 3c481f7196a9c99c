"""Routes of data requests: for buyers, sellers and officers."""

from django.urls import path

from contracts.data_requests import move_pages, pages

_DATA_REQUEST = "data-requests/<uuid:data_request_id>"

urlpatterns = [
    path(_DATA_REQUEST, pages.data_request, name="data_request"),
    path(f"{_DATA_REQUEST}/change", move_pages.change, name="data_request_change"),
    path(f"{_DATA_REQUEST}/close", move_pages.close, name="data_request_close"),
    path(f"{_DATA_REQUEST}/answer", move_pages.answer, name="data_request_answer"),
    path(f"{_DATA_REQUEST}/withdraw", move_pages.withdraw, name="data_request_withdraw"),
    path("answers/<uuid:answer_id>/withdraw", move_pages.withdraw_answer, name="answer_withdraw"),
    path("answers/<uuid:answer_id>/decline", move_pages.decline, name="answer_decline"),
    path("compliance/data-requests", pages.audited, name="desk_data_requests"),
    path("my-data/data-requests", pages.wanted, name="buy_data_requests"),
    path("my-data/data-requests/new", move_pages.new, name="buy_data_requests_new"),
    path("sell/data-requests", pages.answerable, name="sell_data_requests"),
]
