"""The officers' pages of requests of persons: the board with what is due first, one request with all that belongs to
it, and one page for each act. That a request was looked at is recorded."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.notices import queries as notices
from compliance.notices import words as notice_words
from compliance.requests import (
    acts,
    answer_codes,
    consequences,
    identity,
    intake,
    own_records,
    queries,
    rows,
    seller_search,
    words,
)
from compliance.requests.forms import DismissForm, IntakeForm
from exchange.kernel import pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look import submissions
from exchange.look.answers import as_file, show
from exchange.participants.actors.page_auth import PageRequest, member_page

_SECTION = "desk_requests"
_MOST_OPEN = 200
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def board(request: PageRequest) -> HttpResponse:
    """What is open, the most urgent first; or what waits for its address, or is closed."""
    which = request.GET.get("which", "open")
    if which not in queries.CHOICES:
        raise Http404
    found = queries.requests_visible_to(request.actor, which=which)
    cursor = request.GET.get("cursor") or None
    page = None if which == "open" else pagination.page(found, cursor=cursor)
    shown = list(found.order_by("due_at")[:_MOST_OPEN]) if page is None else page.items
    context = {
        "rows": rows.of(shown, request.actor.at),
        "page": page,
        "which": which,
        "choices": [(value, words.LISTS[value]) for value in queries.CHOICES],
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/requests/board.html", context)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def take_in(request: PageRequest) -> HttpResponse:
    """Take in what came by letter, by mail or in person."""
    now = request.actor.at
    form = IntakeForm(
        request.POST if request.method == "POST" else None,
        now=now,
        initial={"received_on": now.date(), "channel": "letter", "kind": "access"},
    )
    if earlier := submissions.made(request) if form.is_bound else "":
        return redirect("desk_requests_one", earlier)
    if form.is_bound and form.is_valid():
        try:
            made = intake.take_in(
                form.asked(),
                channel=form.cleaned_data["channel"],
                received_at=form.received_at(),
                by=request.actor,
            )
            submissions.keep(request, made.pk)
            messages.success(request, _("Taken in. The clock runs."))
            return redirect("desk_requests_one", made.pk)
        except Invalid as refusal:
            form.refuse(refusal)
    status = 422 if form.is_bound else 200
    return show(request, "compliance/requests/take_in.html", {"form": form}, section=_SECTION, status=status)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def one(request: PageRequest, request_id: UUID) -> HttpResponse:
    """One request: who asks what, what is to be done next, and all that happened."""
    found = queries.request_visible_to(request.actor, request_id)
    told = notices.notices_visible_to(request.actor, consequences.occasion_of(found))
    searched = found.searches.order_by("pk")
    context: dict[str, Any] = {
        "about": found,
        "row": rows.of([found], request.actor.at)[0],
        "person": identity.look_at(found, by=request.actor),
        "check": words.CHECKS.get(found.check_method, ""),
        "acts": acts.now_possible(found),
        "letters": rows.letters_of(found),
        "searches": rows.searches_of(searched),
        "counts": _counts(found),
        "notices": [(one, notice_words.KINDS[one.kind]) for one in told],
        "moments": rows.moments_of(found),
        "pauses": [(one, words.PAUSES[one.why]) for one in found.pauses.order_by("pk")],
        "now": request.actor.at,
    }
    return show(request, "compliance/requests/one.html", context, section=_SECTION)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def act(request: PageRequest, request_id: UUID, name: str) -> HttpResponse:
    """One act: what follows from it, and its form; a POST does it."""
    found = queries.request_visible_to(request.actor, request_id)
    wanted = acts.ACTS.get(name)
    if wanted is None:
        raise Http404
    if request.method != "POST" and not wanted.may(found):
        messages.info(request, _("This cannot be done now."))
        return redirect("desk_requests_one", request_id)
    typed = request.POST if request.method == "POST" else None
    form = wanted.form(typed, about=found, at=request.actor.at)
    if form.is_bound and form.is_valid():
        try:
            wanted.do(found, form.cleaned_data, request.actor)
            messages.success(request, str(wanted.done))
            return redirect("desk_requests_one", request_id)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
    context = {"about": found, "act": wanted, "form": form, "kind": words.KINDS[found.kind]}
    status = 422 if form.is_bound else 200
    return show(request, "compliance/requests/act.html", context, section=_SECTION, status=status)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def dismiss(request: PageRequest, search_id: UUID) -> HttpResponse:
    """Go on without the answer of a seller, for a reason."""
    found = queries.search_visible_to(request.actor, search_id)
    form = DismissForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            seller_search.dismiss(found, form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Noted. You go on without it."))
            return redirect("desk_requests_one", found.request_id)
        except Invalid as refusal:
            form.refuse(refusal, "reason")
    [shown] = rows.searches_of([found])
    status = 422 if form.is_bound else 200
    context = {"shown": shown, "form": form}
    return show(request, "compliance/requests/dismiss.html", context, section=_SECTION, status=status)


@require_POST
@never_cache
@member_page(Scope.AUDIT)
def answer_file(request: PageRequest, request_id: UUID) -> HttpResponse:
    """The answer as a file, for an officer who sends it by post."""
    found = queries.request_visible_to(request.actor, request_id)
    taken = answer_codes.take_for_post(found, by=request.actor)
    return as_file(taken, name=f"answer-{found.person}.zip", media_type="application/zip")


def _counts(found: Any) -> list[tuple[Any, int]]:
    """What the exchange itself keeps of the person, once somebody has searched for it."""
    if not any(event.name == "subjectrequest.searched" for event in queries.events_of(found)):
        return []
    return [(words.OWN_RECORDS[name], count) for name, count in own_records.counts(found).items()]
