"""The officers' pages of retention: how long what is kept, what the next sweep takes, and the legal holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import legal
from compliance.legal import deadlines
from compliance.models import LegalHold
from compliance.retention import desk, forms, legal_holds, rows
from exchange.kernel import pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.formats import zone
from exchange.look.forms import Form
from exchange.look.refusals import sentence_of
from exchange.participants.actors.page_auth import PageRequest, member_page

_SECTION = "desk_retention"
_MOST_HOLDS = 100
_MOST_SWEEPS = 5
_REVIEW = "hold.review"
State = LegalHold.State
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Act:
    """What can be done with a hold: from which states, by which form, and what follows."""

    title: Any
    note: Any
    done: Any
    states: tuple[str, ...]
    form: Callable[..., Form]
    do: Callable[[LegalHold, Mapping[str, Any], Actor], LegalHold]


ACTS: Mapping[str, Act] = {
    "review": Act(
        _("Keep it further"),
        _("The hold stands until it is released; you say when it is looked at again."),
        _("Kept further."),
        (State.PLACED, State.RELEASING),
        forms.ReviewForm,
        lambda hold, said, by: legal_holds.review(hold, said["review_on"], said["reason"], by=by),
    ),
    "release": Act(
        _("Release the hold"),
        _("What no other hold covers goes with the next sweep, where its time is over. That cannot be undone."),
        _("Released, or asked for where another officer must agree."),
        (State.PLACED, State.RELEASING),
        forms.ReasonForm,
        lambda hold, said, by: legal_holds.release(hold, said["reason"], by=by),
    ),
    "refuse-release": Act(
        _("Refuse the release"),
        _("The hold stands as before."),
        _("The hold stands."),
        (State.RELEASING,),
        forms.ReasonForm,
        lambda hold, said, by: legal_holds.refuse_release(hold, said["reason"], by=by),
    ),
}


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_retention(request: PageRequest) -> HttpResponse:
    """Periods, the dry run of the next sweep, years of the log, holds, and what went last."""
    plan = desk.plan(by=request.actor)
    standing = (
        legal_holds.holds_visible_to(request.actor).exclude(state=State.RELEASED).order_by("review_on", "pk")
    )
    context = {
        "plan": plan,
        "kinds": rows.kinds(plan),
        "holds": rows.holds(standing[:_MOST_HOLDS], by=request.actor),
        "sweeps": rows.sweeps(desk.sweeps_visible_to(request.actor).order_by("-pk")[:_MOST_SWEEPS]),
        "today": request.actor.at.astimezone(UTC).date(),
        "now": request.actor.at,
    }
    return show(request, "compliance/retention/retention.html", context)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_retention_sweeps(request: PageRequest) -> HttpResponse:
    """Everything that went, batch by batch."""
    cursor = request.GET.get("cursor") or None
    page = pagination.page(desk.sweeps_visible_to(request.actor), cursor=cursor)
    context = {
        "rows": rows.sweeps(page.items),
        "page": page,
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/retention/sweeps.html", context, section=_SECTION)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_retention_place(request: PageRequest) -> HttpResponse:
    """Place a legal hold."""
    review = deadlines.due(legal.current(), _REVIEW, request.actor.at, country="", zone=zone())
    form = forms.HoldForm(
        request.POST if request.method == "POST" else None,
        actor=request.actor,
        initial={"scope": "dataset", "review_on": review.astimezone(zone()).date()},
    )
    if earlier := submissions.made(request) if form.is_bound else "":
        return redirect("desk_retention_hold", earlier)
    if form.is_bound and form.is_valid():
        try:
            made = legal_holds.place(form.asked(), by=request.actor)
            submissions.keep(request, made.pk)
            messages.success(request, _("The hold stands. Nothing in its scope goes."))
            return redirect("desk_retention_hold", made.pk)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
    status = 422 if form.is_bound else 200
    return show(request, "compliance/retention/place.html", {"form": form}, section=_SECTION, status=status)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_retention_hold(request: PageRequest, hold_id: UUID) -> HttpResponse:
    """One legal hold."""
    hold = legal_holds.hold_visible_to(request.actor, hold_id)
    [row] = rows.holds([hold], by=request.actor)
    possible = [(name, act) for name, act in ACTS.items() if hold.state in act.states]
    context = {"hold": hold, "row": row, "acts": possible}
    return show(request, "compliance/retention/hold.html", context, section=_SECTION)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_retention_act(request: PageRequest, hold_id: UUID, name: str) -> HttpResponse:
    """One act: what follows from it, and its form; a POST does it."""
    hold = legal_holds.hold_visible_to(request.actor, hold_id)
    act = ACTS.get(name)
    if act is None:
        raise Http404
    form = act.form(request.POST if request.method == "POST" else None)
    if request.method != "POST" and hold.state not in act.states:
        messages.info(request, _("This cannot be done now."))
        return redirect("desk_retention_hold", hold_id)
    if form.is_bound and form.is_valid():
        try:
            act.do(hold, form.cleaned_data, request.actor)
            messages.success(request, str(act.done))
            return redirect("desk_retention_hold", hold_id)
        except Invalid as refusal:
            form.refuse(refusal)
        except Conflict as refusal:
            messages.error(request, sentence_of(refusal))
            return redirect("desk_retention_hold", hold_id)
    [row] = rows.holds([hold], by=request.actor)
    context = {"hold": hold, "row": row, "act": act, "form": form}
    status = 422 if form.is_bound else 200
    return show(request, "compliance/retention/act.html", context, section=_SECTION, status=status)
