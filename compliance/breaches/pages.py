"""The officers' pages of breaches: the register, one breach with its clock and all that is to be done, and one page for
each act. That a breach was looked at is recorded."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance.breaches import desk, exports, forms, queries, register, rows, words
from compliance.breaches.acts import ACTS, now_possible
from compliance.notices import queries as notices
from exchange.kernel import events, pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look import submissions
from exchange.look.answers import as_file, show
from exchange.look.refusals import sentence_of
from exchange.participants.actors.page_auth import PageRequest, member_page

_SECTION = "desk_breaches"
_STATES = ("open", "closed", "")
_AT_ONCE = 25
_TYPES = {"json": "application/json", "pdf": "application/pdf"}
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_breaches(request: PageRequest) -> HttpResponse:
    """The register: what is open, what is closed, or all."""
    state = request.GET.get("state", "open")
    if state not in _STATES:
        raise Http404
    cursor = request.GET.get("cursor") or None
    found = queries.breaches_visible_to(request.actor, state=state or None)
    page = pagination.page(found, cursor=cursor)
    context = {
        "rows": rows.lines_of(page.items, request.actor.at),
        "page": page,
        "state": state,
        "states": [
            ("open", pgettext("breaches", "Open")),
            ("closed", pgettext("breaches", "Closed")),
            ("", pgettext("breaches", "All")),
        ],
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/breaches/register.html", context)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_breaches_new(request: PageRequest) -> HttpResponse:
    """Enter a breach in the register."""
    now = forms.local(request.actor.at)
    form = forms.OpenForm(
        request.POST if request.method == "POST" else None, initial={"became_aware_at": now, "detected_at": now}
    )
    if earlier := submissions.made(request) if form.is_bound else "":
        return redirect("desk_breaches_one", earlier)
    if form.is_bound and form.is_valid():
        try:
            made = register.open_breach(form.found(), by=request.actor)
            submissions.keep(request, made.pk)
            messages.success(request, _("Entered. The clock runs."))
            return redirect("desk_breaches_one", made.pk)
        except Invalid as refusal:
            form.refuse(refusal)
    status = 422 if form.is_bound else 200
    return show(request, "compliance/breaches/new.html", {"form": form}, section=_SECTION, status=status)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_breaches_one(request: PageRequest, breach_id: UUID) -> HttpResponse:
    """Breach mode: the clock, what to do next, whom it reaches, who was told."""
    found = desk.look_at(breach_id, by=request.actor)
    now = request.actor.at
    [line] = rows.lines_of([found], now)
    context = {
        "breach": found,
        "line": line,
        "clock": rows.clock_of(found, now),
        "to_do": rows.to_do(found),
        "acts": now_possible(found),
        "kinds": [words.KINDS[kind] for kind in found.kinds],
        "source": words.SOURCES[found.reported_by],
        "scopes": rows.scopes_of(found, by=request.actor),
        "reports": [
            (one, words.AUDIENCES[one.audience], words.CHANNELS[one.channel])
            for one in found.reports.order_by("-pk")
        ],
        "stops": [(one, words.STOPS[one.kind]) for one in found.stops.order_by("-pk")],
        "notices": notices.notices_visible_to(request.actor, events.subject_of(found)),
        "moments": rows.moments_of(found),
        "now": now,
    }
    return show(request, "compliance/breaches/one.html", context, section=_SECTION)


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def desk_breaches_act(request: PageRequest, breach_id: UUID, name: str) -> HttpResponse:
    """One act: what follows from it, and its form; a POST does it."""
    found = queries.breach_visible_to(request.actor, breach_id)
    act = ACTS.get(name)
    if act is None:
        raise Http404
    if request.method != "POST" and not act.may(found):
        messages.info(request, _("This cannot be done now."))
        return redirect("desk_breaches_one", breach_id)
    form = act.form(found, request.actor, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            act.do(found, form, request.actor)
            messages.success(request, str(act.done))
            return redirect("desk_breaches_one", breach_id)
        except Invalid as refusal:
            form.refuse(refusal)
        except Conflict as refusal:
            messages.error(request, sentence_of(refusal))
            return redirect("desk_breaches_one", breach_id)
    context: dict[str, Any] = {"breach": found, "act": act, "form": form, "title": rows.title_of(found)}
    status = 422 if form.is_bound else 200
    return show(request, "compliance/breaches/act.html", context, section=_SECTION, status=status)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_breaches_recipients(request: PageRequest, scope_id: UUID) -> HttpResponse:
    """Whom the log named for a breach."""
    scope = queries.scope_visible_to(request.actor, scope_id)
    cursor = request.GET.get("cursor") or None
    page = desk.look_at_recipients(scope, cursor=cursor, limit=_AT_ONCE, by=request.actor)
    context = {
        "scope": scope,
        "title": rows.title_of(scope.breach),
        "rows": rows.recipients_of(page.items, by=request.actor),
        "page": page,
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/breaches/recipients.html", context, section=_SECTION)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_breaches_report(request: PageRequest, report_id: UUID, form: str) -> HttpResponse:
    """One notification as it was sent, as a file."""
    report = queries.report_visible_to(request.actor, report_id)
    if form not in _TYPES:
        raise Http404
    data = exports.take_report(report, form, by=request.actor)
    name = f"breach-{report.breach_id}-{report.audience}-{report.phase}.{form}"
    return as_file(data, name=name, media_type=_TYPES[form])


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_breaches_export(request: PageRequest, form: str) -> HttpResponse:
    """The whole register as a file."""
    if form not in ("csv", "json", "pdf"):
        raise Http404
    return exports.answer(form, by=request.actor)
