"""Who acts on a page: a signed-in session alone. A page for members leads others to the sign-in page, and a form that
was opened for one organisation does nothing for another."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from exchange.kernel.actors import Actor, Kind, Scope
from exchange.kernel.errors import Conflict
from exchange.look.templatetags.look import ACTING_FOR_FIELD
from exchange.participants.auth import ACTING_FOR, ParticipantNotChosen, actor_of_session, memberships_of
from exchange.participants.models import Member

P = ParamSpec("P")


class PageRequest(HttpRequest):
    """A request to a page: `actor` is who acts; `auth` is the same, for what records officers' looks."""

    actor: Actor
    auth: Actor


Page = Callable[Concatenate[PageRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def member_page(*scopes: Scope) -> Callable[[Page[P]], View[P]]:
    """A page for people who are signed in and whose actor has all of `scopes`."""

    def decorated(page: Page[P]) -> View[P]:
        @wraps(page)
        def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            try:
                actor = actor_of_session(request)
            except ParticipantNotChosen:
                return _to(request, "organisation")
            _require_same_organisation(request, actor)
            actor.require(*scopes)
            return page(_as_page(request, actor), *args, **kwargs)

        return cast(View[P], answer)

    return decorated


def open_page(page: Page[P]) -> View[P]:
    """A page for everybody: the actor of a visitor has no name of its own, no participant and no scope."""

    @wraps(page)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = visitor()
        if request.user.is_authenticated:
            try:
                actor = actor_of_session(request)
            except ParticipantNotChosen:
                return _to(request, "organisation")
        return page(_as_page(request, actor), *args, **kwargs)

    return cast(View[P], answer)


def visitor() -> Actor:
    """Somebody who is not signed in."""
    return Actor(Kind.MEMBER, "visitor", None, frozenset(), timezone.now())


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page, and from there back."""
    return _to(request, "account_login")


def choose(request: HttpRequest, participant_id: str) -> Member | None:
    """Act for one of the person's own organisations from now on; None where it is none of them."""
    assert isinstance(request.user, User)
    for member in memberships_of(request.user):
        if str(member.participant_id) == participant_id:
            request.session[ACTING_FOR] = participant_id
            return member
    return None


def _as_page(request: HttpRequest, actor: Actor) -> PageRequest:
    found = cast(PageRequest, request)
    found.actor = actor
    if actor.scopes:
        found.auth = actor
    return found


def _require_same_organisation(request: HttpRequest, actor: Actor) -> None:
    opened_for = request.POST.get(ACTING_FOR_FIELD, "") if request.method == "POST" else ""
    if opened_for and opened_for != str(actor.participant_id):
        raise Conflict(
            "you now act for another organisation than when you opened this form; nothing was changed",
            code="other_acting",
        )


def _to(request: HttpRequest, route: str) -> HttpResponse:
    here = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    address = f"{reverse(route)}?{urlencode({'next': here})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(
            status=204, headers={"HX-Redirect": address}
        )  # htmx would swap the page into a part
    return redirect(address)
