"""Who acts on a page: a signed-in session alone. A page for members leads others to the sign-in page, and a form that
was opened for one organisation does nothing for another."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.kernel.actors import Actor, Kind, Scope
from exchange.kernel.errors import Conflict, ExchangeError
from exchange.look import answers
from exchange.look.refusals import sentence_of
from exchange.look.templatetags.look import ACTING_FOR_FIELD
from exchange.look.typed import shown_again
from exchange.participants.actors import kept_forms
from exchange.participants.actors.auth import (
    ACTING_FOR,
    ParticipantNotChosen,
    actor_of_session,
    chosen_of,
    memberships_of,
)
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
                return _without_session(request)
            try:
                actor = actor_of_session(request)
            except ParticipantNotChosen:
                return _to(request, "organisation")
            if scopes and actor.participant_id is None:
                return _to(request, "organisation")
            _require_same_organisation(request, actor)
            actor.require(*scopes)
            found = _as_page(request, actor)
            typed = kept_forms.take(found)
            shown = (
                _with_typed(found, typed, lambda: page(found, *args, **kwargs))
                if typed
                else page(found, *args, **kwargs)
            )
            kept_forms.remember(found, shown)
            return shown

        return cast(View[P], answer)

    return decorated


def _without_session(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page; what was typed into a form waits for whoever typed it."""
    if request.method == "POST":
        if kept_forms.keep(request):
            words = _(
                "Your session has ended. Nothing was sent; what you typed is there again once you sign in."
            )
        else:
            words = _("Your session has ended and nothing was sent. Sign in, then fill in the form again.")
        messages.warning(request, words)
    return to_sign_in(request)


def _with_typed(request: PageRequest, typed: QueryDict, page: Callable[[], HttpResponse]) -> HttpResponse:
    """The page with what was typed in its form again; where it has no such form any more, what was typed alone."""
    messages.warning(
        request, _("You were signed out and nothing was sent. Check what you typed, then send it.")
    )
    refusal = ""
    try:
        with shown_again(typed) as again:
            shown = page()
    except (ExchangeError, Http404) as error:
        again.is_shown, refusal = False, sentence_of(error) if isinstance(error, ExchangeError) else ""
    if again.is_shown and shown.status_code == HTTPStatus.OK:
        return shown
    texts = [text for _name, texts in typed.lists() for text in texts if text.strip()]
    context = {"texts": texts, "refusal": refusal, "here": request.path}
    return answers.show(request, "participants/kept.html", context, section="organisation")


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


def acts_as(request: HttpRequest, member: Member) -> bool:
    """Whether the session acts under this membership."""
    assert isinstance(request.user, User)
    return chosen_of(memberships_of(request.user), request.session.get(ACTING_FOR)) == member


def person(request: HttpRequest) -> User:
    """The account of who is signed in."""
    assert isinstance(request.user, User)
    return request.user


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
    address = f"{reverse(route)}?{urlencode({'next': kept_forms.page_of(request)})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(
            status=204, headers={"HX-Redirect": address}
        )  # htmx would swap the page into a part
    return redirect(address)
