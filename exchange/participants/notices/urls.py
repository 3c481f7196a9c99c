"""Routes of the pages of notices."""

from django.urls import path

from exchange.participants.notices import pages

urlpatterns = [
    path("notices", pages.listed, name="notices"),
    path("notices/read", pages.read_all, name="notices_read"),
    path("notices/mail", pages.mail, name="notices_mail"),
    path("notices/<uuid:notice_id>", pages.opened, name="notice"),
]
