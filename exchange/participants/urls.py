"""Routes of the pages about people and organisations."""

from django.urls import path

from exchange.participants import (
    client_pages,
    invitation_pages,
    notice_pages,
    organisation_pages,
    pages,
    webhook_pages,
)

_MEMBER = "organisation/members/<uuid:member_id>"
_INVITATION = "organisation/invitations/<uuid:invitation_id>"
_CLIENT = "my-data/clients/<slug:client_id>"
_WEBHOOK = "organisation/webhooks/<uuid:webhook_id>"

urlpatterns = [
    path("organisation", pages.organisation, name="organisation"),
    path("organisation/apply", organisation_pages.apply, name="organisation_apply"),
    path("organisation/correct", organisation_pages.correct, name="organisation_correct"),
    path("organisation/members", organisation_pages.listed, name="organisation_members"),
    path("organisation/members/invite", organisation_pages.invite, name="organisation_members_invite"),
    path("organisation/members/signing", organisation_pages.signing_rule, name="organisation_members_signing"),
    path(f"{_MEMBER}/role", organisation_pages.change_role, name="organisation_members_role"),
    path(f"{_MEMBER}/remove", organisation_pages.remove, name="organisation_members_remove"),
    path(f"{_INVITATION}/again", organisation_pages.invite_again, name="organisation_members_again"),
    path(f"{_INVITATION}/withdraw", organisation_pages.withdraw, name="organisation_members_withdraw"),
    path(f"{_INVITATION}/accept", invitation_pages.accept, name="invitation_accept"),
    path("invitations/<slug:token>", invitation_pages.invitation, name="invitation"),
    path("my-data/clients", client_pages.listed, name="buy_clients"),
    path("my-data/clients/new", client_pages.new, name="buy_clients_new"),
    path(_CLIENT, client_pages.client, name="buy_clients_one"),
    path(f"{_CLIENT}/secret", client_pages.secret, name="buy_clients_secret"),
    path(f"{_CLIENT}/rotate", client_pages.rotate, name="buy_clients_rotate"),
    path(f"{_CLIENT}/revoke", client_pages.revoke, name="buy_clients_revoke"),
    path("organisation/webhooks", webhook_pages.listed, name="organisation_webhooks"),
    path("organisation/webhooks/new", webhook_pages.new, name="organisation_webhooks_new"),
    path(_WEBHOOK, webhook_pages.webhook, name="organisation_webhooks_one"),
    path(f"{_WEBHOOK}/secret", webhook_pages.secret, name="organisation_webhooks_secret"),
    path(f"{_WEBHOOK}/rotate", webhook_pages.rotate, name="organisation_webhooks_rotate"),
    path(f"{_WEBHOOK}/pause", webhook_pages.pause, name="organisation_webhooks_pause"),
    path(f"{_WEBHOOK}/resume", webhook_pages.resume, name="organisation_webhooks_resume"),
    path(f"{_WEBHOOK}/test", webhook_pages.test, name="organisation_webhooks_test"),
    path(f"{_WEBHOOK}/delete", webhook_pages.delete, name="organisation_webhooks_delete"),
    path("notices", notice_pages.listed, name="notices"),
    path("notices/read", notice_pages.read_all, name="notices_read"),
    path("notices/mail", notice_pages.mail, name="notices_mail"),
    path("notices/<uuid:notice_id>", notice_pages.opened, name="notice"),
]
