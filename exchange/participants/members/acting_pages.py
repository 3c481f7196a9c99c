"""The page of a person's organisations: for which of them they act, how each stands, and who invites them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from exchange.kernel.errors import NotFound
from exchange.look import answers
from exchange.participants import queries
from exchange.participants.actors import page_auth
from exchange.participants.words import ROLES


@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest) -> HttpResponse:
    """Show a person's organisations; a POST acts for one of them from now on."""
    if not request.user.is_authenticated:
        return page_auth.to_sign_in(request)
    back = request.POST.get("next") or request.GET.get("next") or "/"
    if request.method != "POST":
        return _show(request, back)
    member = page_auth.choose(request, request.POST.get("participant", ""))
    if member is None:
        raise NotFound("you belong to no such organisation", code="not_a_member")
    messages.success(request, _("You now act for %(name)s.") % {"name": member.participant.name})
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if is_ours and back.startswith("/") else "/")


def _show(request: HttpRequest, back: str) -> HttpResponse:
    invitations = queries.invitations_for(page_auth.person(request), timezone.now())
    context = {"next": back, "invitations": [(one, ROLES[one.role]) for one in invitations]}
    return answers.show(request, "participants/organisation.html", context)
