"""The duty to inform persons as pages: the buyer's own, with what it says of each, and all of them for officers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import queries as compliance
from compliance.informing import informing, queries, rows
from compliance.informing.forms import AnswerForm
from exchange.kernel import pagination
from exchange.kernel.actors import Actor, Scope
from exchange.kernel.errors import Conflict, Invalid, NotFound
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_safe
@never_cache
@member_page(Scope.READ)
def buy_informing(request: PageRequest) -> HttpResponse:
    """What the organisation received about persons whom it has to inform."""
    cursor = request.GET.get("cursor") or None
    page = pagination.page(queries.own_visible_to(request.actor), cursor=cursor)
    context = {"page": page, "rows": rows.of(page.items, by=request.actor), "is_first": cursor is None}
    return show(request, "compliance/informing/own.html", {**context, "now": request.actor.at})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.READ)
def buy_informing_one(request: PageRequest, duty_id: UUID) -> HttpResponse:
    """One duty; a POST says what was done about it."""
    found = queries.duty_visible_to(request.actor, duty_id)
    if found.buyer_id != request.actor.participant_id:
        raise NotFound("there is no such duty of yours")
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            informing.answer(found, **form.cleaned_data, by=request.actor)
            messages.success(request, _("Kept, and in the log. Officers see it."))
            return redirect("buy_informing_one", duty_id)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
    [row] = rows.of([found], by=request.actor)
    context = {"row": row, "form": form, "may_answer": _may(request.actor), "now": request.actor.at}
    status = 422 if form.is_bound else 200
    return show(request, "compliance/informing/one.html", context, section="buy_informing", status=status)


@require_POST
@never_cache
@member_page(Scope.BUY)
def buy_informing_acknowledge(request: PageRequest, duty_id: UUID) -> HttpResponse:
    """Say that the organisation knows of it."""
    informing.acknowledge(queries.duty_visible_to(request.actor, duty_id), by=request.actor)
    messages.success(request, _("Acknowledged. Say what you did when it is done."))
    return redirect("buy_informing_one", duty_id)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_duties_informing(request: PageRequest) -> HttpResponse:
    """Every duty to inform that began, those first that nobody has answered; with `which=all` the others too."""
    is_open = request.GET.get("which") != "all"
    cursor = request.GET.get("cursor") or None
    page = pagination.page(queries.duties_visible_to(request.actor, is_open=is_open), cursor=cursor)
    context = {
        "page": page,
        "rows": rows.of(page.items, by=request.actor),
        "only_open": is_open,
        "is_first": cursor is None,
        "behind": compliance.behind(request.actor.at),
        "now": request.actor.at,
    }
    return show(request, "compliance/informing/desk.html", context)


def _may(actor: Actor) -> bool:
    return actor.can(Scope.BUY)
