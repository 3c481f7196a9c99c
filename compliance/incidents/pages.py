"""Incidents as pages: the officers' register with one page for each, and what a holder was told, with its one button.
That an officer looked at one is recorded."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import suggestions
from compliance.breaches.forms import local
from compliance.incidents import holders, queries, register, rows
from compliance.incidents.forms import DropForm, HandOverForm, IncidentForm
from compliance.intermediation import notification
from exchange.kernel import pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look import submissions
from exchange.look.answers import show
from exchange.look.forms import Form
from exchange.look.refusals import sentence_of
from exchange.participants.actors.page_auth import PageRequest, member_page

_SECTION = "desk_incidents"
_AT_ONCE = 25
_DONE = 302
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_incidents(request: PageRequest) -> HttpResponse:
    """The register, newest first, each with how many holders have acknowledged it."""
    cursor = request.GET.get("cursor") or None
    page = pagination.page(queries.incidents_visible_to(request.actor), cursor=cursor)
    context = {"page": page, "rows": rows.lines(page.items), "is_first": cursor is None}
    return show(request, "compliance/incidents/register.html", {**context, "now": request.actor.at})


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_incidents_new(request: PageRequest) -> HttpResponse:
    """Enter an incident; the next page shows whom it reaches, before anybody is told."""
    notification.required()
    initial = {"detected_at": local(request.actor.at)}
    form = IncidentForm(
        request.POST if request.method == "POST" else None, actor=request.actor, initial=initial
    )
    if earlier := submissions.made(request) if form.is_bound else "":
        return redirect("desk_incidents_one", earlier)
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            made = register.enter(form.found(), form.asked(), by=request.actor)
            submissions.keep(request, made.pk)
            return redirect("desk_incidents_one", made.pk)
        except (Invalid, Conflict) as error:
            form.refuse(error)
            refusal = error
    status = 409 if isinstance(refusal, Conflict) else 422 if form.is_bound else 200
    context = {"form": form, "suggested": suggestions.suggestions(by=request.actor)}
    return show(request, "compliance/incidents/new.html", context, section=_SECTION, status=status)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_incidents_one(request: PageRequest, incident_id: UUID) -> HttpResponse:
    """What happened, whom it reaches by the log, and, once it is confirmed, who has acknowledged it."""
    found = register.look_at(incident_id, by=request.actor)
    cursor = request.GET.get("cursor") or None
    page = pagination.page(queries.holders_visible_to(request.actor, found), cursor=cursor, limit=_AT_ONCE)
    [line] = rows.lines([found])
    context: dict[str, Any] = {
        "line": line,
        "incident": found,
        "asked": rows.asked(found),
        "rows": rows.holders(page.items),
        "page": page,
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/incidents/one.html", context, section=_SECTION)


@require_POST
@never_cache
@member_page(Scope.AUDIT)
def desk_incidents_confirm(request: PageRequest, incident_id: UUID) -> HttpResponse:
    """Confirm it as it is shown: its holders are told."""
    found = queries.incident_visible_to(request.actor, incident_id)
    _try(
        request, lambda: register.confirm(found, by=request.actor), _("Confirmed. The holders are being told.")
    )
    return redirect("desk_incidents_one", incident_id)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_incidents_drop(request: PageRequest, incident_id: UUID) -> HttpResponse:
    """Drop what was entered by mistake, for a reason."""
    found = queries.incident_visible_to(request.actor, incident_id)
    form = DropForm(request.POST if request.method == "POST" else None)
    status = _acted(form, "reason", lambda reason: register.drop(found, reason, by=request.actor))
    if status == _DONE:
        messages.success(request, _("Dropped. Nobody was told."))
        return redirect("desk_incidents_one", incident_id)
    context = {"incident": found, "form": form}
    return show(request, "compliance/incidents/drop.html", context, section=_SECTION, status=status)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_incidents_holder(request: PageRequest, row_id: UUID) -> HttpResponse:
    """One holder: how ways to it ended; a POST notes that it was told by another way."""
    found = queries.holder_visible_to(request.actor, row_id)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    status = _acted(form, "evidence", lambda shown: holders.hand_over(found, shown, by=request.actor))
    if status == _DONE:
        messages.success(request, _("Noted as delivered."))
        return redirect("desk_incidents_holder", row_id)
    [row] = rows.holders([found], named=_AT_ONCE)
    context = {"row": row, "incident": found.incident, "form": form, "now": request.actor.at}
    return show(request, "compliance/incidents/holder.html", context, section=_SECTION, status=status)


@require_POST
@never_cache
@member_page(Scope.AUDIT)
def desk_incidents_chase(request: PageRequest, row_id: UUID) -> HttpResponse:
    """Remind a holder now; one that could not be reached is told again."""
    found = queries.holder_visible_to(request.actor, row_id)
    _try(request, lambda: holders.chase(found, by=request.actor), _("Reminded."))
    return redirect("desk_incidents_holder", row_id)


@require_safe
@never_cache
@member_page(Scope.READ)
def sell_incidents(request: PageRequest) -> HttpResponse:
    """What the organisation was told as a holder of data, newest first."""
    cursor = request.GET.get("cursor") or None
    page = pagination.page(queries.told_visible_to(request.actor), cursor=cursor)
    context = {"page": page, "rows": rows.holders(page.items), "is_first": cursor is None}
    return show(request, "compliance/incidents/told.html", {**context, "now": request.actor.at})


@get_or_post
@never_cache
@member_page(Scope.READ)
def sell_incidents_one(request: PageRequest, row_id: UUID) -> HttpResponse:
    """One incident as its holder reads it; a POST acknowledges it."""
    found = queries.one_told_visible_to(request.actor, row_id)
    if request.method == "POST":
        holders.acknowledge(found, by=request.actor)
        messages.success(request, _("Acknowledged. The officers of the exchange see it."))
        return redirect("sell_incidents_one", row_id)
    [row] = rows.holders([found], named=_AT_ONCE)
    [line] = rows.lines([found.incident])
    context = {
        "row": row,
        "line": line,
        "incident": found.incident,
        "may_acknowledge": request.actor.can(Scope.SELL) and found.acknowledged_at is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/incidents/acknowledge.html", context, section="sell_incidents")


def _try(request: PageRequest, act: Callable[[], object], done: str) -> None:
    """Do what one button asks for, and say that it was `done`, or why not."""
    try:
        act()
        messages.success(request, done)
    except Conflict as refusal:
        messages.error(request, str(sentence_of(refusal)))


def _acted(form: Form, field: str, act: Callable[[str], object]) -> int:
    """Do what a sent form asks for with its one field; answers the status, `_DONE` once it is done."""
    if form.is_bound and form.is_valid():
        try:
            act(form.cleaned_data[field])
            return _DONE
        except Invalid as refusal:
            form.refuse(refusal, field)
        except Conflict as refusal:
            form.refuse(refusal)
            return 409
    return 422 if form.is_bound else 200
