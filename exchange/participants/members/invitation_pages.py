"""The page that an invitation's link opens: it says for whom it is and what it gives, leads through sign-up or sign-in
and back, and says of a link that opens nothing why."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from exchange.kernel.actors import Actor, Kind
from exchange.kernel.errors import ExchangeError, NotFound
from exchange.look.answers import show
from exchange.participants import queries
from exchange.participants.actors import page_auth
from exchange.participants.actors.page_auth import PageRequest, member_page
from exchange.participants.members import members
from exchange.participants.models import Invitation, Member, Participant
from exchange.participants.words import ROLES

_STATUS = {"unknown": 404, "used": 410, "withdrawn": 410, "replaced": 410, "expired": 410, "closed": 410}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of a mail opens; a POST accepts it."""
    found = queries.invitation_by(token)
    if request.method == "POST" and found is not None:
        if not request.user.is_authenticated:
            return page_auth.to_sign_in(request)
        try:
            return _joined(request, members.join(token, page_auth.person(request), by=_person(request)))
        except ExchangeError:
            found.refresh_from_db()  # the page says why
    standing = _standing(request, found)
    context = {
        "invitation": found,
        "standing": standing,
        "role": ROLES[found.role] if found else "",
        "back": urlencode({"next": reverse("invitation", args=[token])}),
    }
    return show(request, "participants/invitation.html", context, status=_STATUS.get(standing, 200))


@require_POST
@member_page()
def accept(request: PageRequest, invitation_id: UUID) -> HttpResponse:
    """Accept one of the invitations that wait for the reader's confirmed addresses."""
    person = page_auth.person(request)
    found = queries.invitations_for(person, request.actor.at).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound("there is no such invitation for you", code="invitation_not_found")
    return _joined(request, members.accept(found, person, by=request.actor))


def _joined(request: HttpRequest, member: Member) -> HttpResponse:
    page_auth.choose(request, str(member.participant_id))
    messages.success(request, _("You now act for %(name)s.") % {"name": member.participant.name})
    return redirect("organisation")


def _standing(request: HttpRequest, found: Invitation | None) -> str:
    """Why the link opens nothing for this reader, or what it opens."""
    if found is None:
        return "unknown"
    if found.used_at is not None:
        return "used"
    if found.withdrawn_at is not None:
        return "replaced" if queries.has_newer_invitation(found) else "withdrawn"
    if found.participant.state == Participant.State.CLOSED:
        return "closed"
    if found.expires_at <= timezone.now():
        return "expired"
    if not request.user.is_authenticated:
        return "visitor"
    person = page_auth.person(request)
    if queries.invitations_for(person, timezone.now()).filter(pk=found.pk).exists():
        return "open"
    return "member" if queries.is_member(person, found.participant_id) else "other"


def _person(request: HttpRequest) -> Actor:
    """Somebody who is signed in and acts for nobody yet."""
    name = f"user:{page_auth.person(request).pk}"
    return Actor(Kind.MEMBER, name, None, frozenset(), timezone.now())
