"""Routes of negotiations and their rounds."""

from django.urls import path

from contracts.negotiations import pages, redline_pages

urlpatterns = [
    path("negotiations/<uuid:negotiation_id>", pages.negotiation, name="negotiation"),
    path("negotiations/<uuid:negotiation_id>/approve", pages.approve, name="negotiation_approve"),
    path("negotiations/<uuid:negotiation_id>/refuse", pages.refuse, name="negotiation_refuse"),
    path("negotiations/<uuid:negotiation_id>/accept", pages.accept, name="negotiation_accept"),
    path("negotiations/<uuid:negotiation_id>/withdraw", pages.withdraw, name="negotiation_withdraw"),
    path("negotiations/<uuid:negotiation_id>/rounds", redline_pages.history, name="negotiation_rounds"),
    path("negotiations/<uuid:negotiation_id>/redline", redline_pages.redline, name="negotiation_redline"),
    path(
        "negotiations/<uuid:negotiation_id>/redline/preview",
        redline_pages.preview,
        name="negotiation_redline_preview",
    ),
    path("negotiations/<uuid:negotiation_id>/messages", pages.talk, name="negotiation_talk"),
    path("attachments/<uuid:attachment_id>", pages.attachment, name="attachment"),
]
