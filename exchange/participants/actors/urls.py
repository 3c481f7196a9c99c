"""Routes of the pages of API clients."""

from django.urls import path

from exchange.participants.actors import client_pages

_CLIENT = "my-data/clients/<slug:client_id>"

urlpatterns = [
    path("my-data/clients", client_pages.listed, name="buy_clients"),
    path("my-data/clients/new", client_pages.new, name="buy_clients_new"),
    path(_CLIENT, client_pages.client, name="buy_clients_one"),
    path(f"{_CLIENT}/secret", client_pages.secret, name="buy_clients_secret"),
    path(f"{_CLIENT}/rotate", client_pages.rotate, name="buy_clients_rotate"),
    path(f"{_CLIENT}/revoke", client_pages.revoke, name="buy_clients_revoke"),
]
