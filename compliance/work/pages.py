"""Pages of an officer's own work: views kept by name, the digest by e-mail, and what officers did."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import rows
from compliance.forms import FilterForm
from compliance.work import acts, digests, views
from compliance.work.forms import DigestForm, ViewForm
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page

_TRANSFERS = "desk_transfers"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.AUDIT)
def desk_view_new(request: PageRequest) -> HttpResponse:
    """Give a question to the list of transfers a name; the question comes with the address."""
    asked = request.GET.urlencode() if request.method != "POST" else request.POST.get("query", "")
    query = views.plain(asked, request.actor)
    form = ViewForm(request.POST if request.method == "POST" else None, initial={"query": query})
    if form.is_bound and form.is_valid():
        try:
            kept = views.keep(title=form.cleaned_data["title"], query=query, by=request.actor)
        except (Conflict, Invalid) as refusal:
            form.refuse(refusal, "title")
        else:
            messages.success(request, _("Kept: “%(title)s”.") % {"title": kept.title})
            return redirect(f"{reverse('desk_transfers')}?{kept.query}")
    context = {"form": form, "query": query, "asked": _in_words(query, request.actor)}
    return show(
        request,
        "compliance/work/view_new.html",
        context,
        section=_TRANSFERS,
        status=422 if form.is_bound else 200,
    )


@require_POST
@never_cache
@member_page(Scope.AUDIT)
def desk_view_forget(request: PageRequest, view_id: UUID) -> HttpResponse:
    """Forget a view; what it showed stays as it is."""
    views.forget(view_id, by=request.actor)
    messages.success(request, _("Forgotten."))
    return redirect("desk_transfers")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.AUDIT)
def desk_digest(request: PageRequest) -> HttpResponse:
    """How often the officer is written to about the desk."""
    if request.method == "POST":
        form = DigestForm(request.POST)
        if form.is_valid():
            digests.choose(form.cleaned_data["pace"], by=request.actor)
            messages.success(request, _("Saved."))
            return redirect("desk_digest")
    else:
        form = DigestForm(initial={"pace": digests.pace_of(request.actor) or "never"})
    return show(
        request,
        "compliance/work/digest.html",
        {"form": form},
        section="desk_overview",
        status=422 if form.is_bound else 200,
    )


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_acts(request: PageRequest) -> HttpResponse:
    """What the officers of the organisation looked at and took along."""
    cursor = request.GET.get("cursor") or None
    page = acts.acts_visible_to(request.actor, cursor=cursor)
    context: dict[str, Any] = {
        "rows": acts.shown(page.items, by=request.actor),
        "page": page,
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    return show(request, "compliance/work/acts.html", context, section="desk_log")


def _in_words(query: str, by: Actor) -> Any:
    form = FilterForm(QueryDict(query), actor=by)
    return rows.asked(form.filters().facts(), by=by) if form.is_valid() else []
