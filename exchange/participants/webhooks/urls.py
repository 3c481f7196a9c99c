"""Routes of the pages of webhooks."""

from django.urls import path

from exchange.participants.webhooks import pages

_WEBHOOK = "organisation/webhooks/<uuid:webhook_id>"

urlpatterns = [
    path("organisation/webhooks", pages.listed, name="organisation_webhooks"),
    path("organisation/webhooks/new", pages.new, name="organisation_webhooks_new"),
    path(_WEBHOOK, pages.webhook, name="organisation_webhooks_one"),
    path(f"{_WEBHOOK}/secret", pages.secret, name="organisation_webhooks_secret"),
    path(f"{_WEBHOOK}/rotate", pages.rotate, name="organisation_webhooks_rotate"),
    path(f"{_WEBHOOK}/pause", pages.pause, name="organisation_webhooks_pause"),
    path(f"{_WEBHOOK}/resume", pages.resume, name="organisation_webhooks_resume"),
    path(f"{_WEBHOOK}/test", pages.test, name="organisation_webhooks_test"),
    path(f"{_WEBHOOK}/delete", pages.delete, name="organisation_webhooks_delete"),
]
