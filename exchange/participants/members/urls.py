"""Routes of the pages of organisations, their members and invitations."""

from django.urls import path

from exchange.participants.members import acting_pages, invitation_pages, pages

_MEMBER = "organisation/members/<uuid:member_id>"
_INVITATION = "organisation/invitations/<uuid:invitation_id>"

urlpatterns = [
    path("organisation", acting_pages.organisation, name="organisation"),
    path("organisation/apply", pages.apply, name="organisation_apply"),
    path("organisation/correct", pages.correct, name="organisation_correct"),
    path("organisation/members", pages.listed, name="organisation_members"),
    path("organisation/members/invite", pages.invite, name="organisation_members_invite"),
    path("organisation/members/signing", pages.signing_rule, name="organisation_members_signing"),
    path(f"{_MEMBER}/role", pages.change_role, name="organisation_members_role"),
    path(f"{_MEMBER}/remove", pages.remove, name="organisation_members_remove"),
    path(f"{_INVITATION}/again", pages.invite_again, name="organisation_members_again"),
    path(f"{_INVITATION}/withdraw", pages.withdraw, name="organisation_members_withdraw"),
    path(f"{_INVITATION}/accept", invitation_pages.accept, name="invitation_accept"),
    path("invitations/<slug:token>", invitation_pages.invitation, name="invitation"),
]
