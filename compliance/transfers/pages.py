"""The officer's desk as pages. Each look at a transfer, a receipt or recipients is recorded by the verb that answers
it; who is no officer is refused as the API refuses."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import queries, suggestions
from compliance.forms import FilterForm, ShreddingForm
from compliance.proofs import proven
from compliance.transfers import desk, opened, rows
from compliance.work import views
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Invalid
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page

_TRANSFERS_AT_ONCE = 25

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def transfers(request: PageRequest) -> HttpResponse:
    """Every transfer and every refused attempt, newest first, by filters."""
    form = FilterForm(request.GET, actor=request.actor)
    context: dict[str, Any] = {
        "form": form,
        "suggested": suggestions.suggestions(by=request.actor),
        "asked": _without_cursor(request),
        "behind": queries.behind(request.actor.at),
        "views": views.views_visible_to(request.actor),
    }
    if not form.is_valid():
        return show(request, "compliance/transfers.html", context, status=422)
    filters, cursor = form.filters(), request.GET.get("cursor") or None
    page = desk.look_through(filters, cursor=cursor, limit=_TRANSFERS_AT_ONCE, by=request.actor)
    coverage = queries.coverage()
    found = rows.of(page.items, proven_leaves=coverage.leaves if coverage else 0, by=request.actor)
    context |= {
        "rows": found,
        "page": page,
        "coverage": coverage,
        "is_first": cursor is None,
        "is_filtered": bool(filters.facts()),
    }
    return show(request, "compliance/transfers.html", context)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def transfer(request: PageRequest, record_id: UUID) -> HttpResponse:
    """One transfer: why it was allowed, what happened, and the proof of one of its leaves."""
    found = desk.open_record(record_id, by=request.actor)
    leaf = proven.asked_leaf(request.GET.get("leaf", ""))
    shown = opened.show(found, leaf=leaf, by=request.actor)
    context = {"shown": shown, "row": shown.row, "now": request.actor.at}
    return show(request, "compliance/transfer.html", context, section="desk_transfers")


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def transfer_receipt(request: PageRequest, record_id: UUID) -> JsonResponse:
    """The receipt that `comptoir-verify` checks offline, as a file."""
    receipt = desk.take_receipt(record_id, by=request.actor)
    name = f"receipt-{record_id}.json"
    return JsonResponse(
        receipt,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def transfer_address(request: PageRequest, record_id: UUID) -> HttpResponse:
    """Ask before the sealed address is opened; a POST opens it, and the log says that it was."""
    record = queries.record_visible_to(request.actor, record_id)
    context: dict[str, Any] = {"record": record}
    if request.method != "POST":
        return show(request, "compliance/address_confirm.html", context, section="desk_transfers")
    context["found"] = desk.open_address(record_id, by=request.actor)
    return show(request, "compliance/address.html", context, section="desk_transfers")


@get_or_post
@never_cache
@member_page(Scope.AUDIT)
def transfer_shred(request: PageRequest, record_id: UUID) -> HttpResponse:
    """Ask before all that is kept of who took a transfer is destroyed; a POST with the words does it."""
    record = queries.record_visible_to(request.actor, record_id)
    kept = desk.kept_of(queries.events_of(record), by=request.actor)
    if kept is None or not kept.names:
        messages.info(request, _("Nothing is kept any more of who took this transfer."))
        return redirect("desk_transfer", record_id)
    form = ShreddingForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            desk.shred(record_id, form.cleaned_data["reason"], by=request.actor)
            messages.success(request, _("Erased for good. Every proof stays good."))
            return redirect("desk_transfer", record_id)
        except Invalid as refusal:
            form.refuse(refusal, "reason")
    context = {"record": record, "kept": kept, "form": form}
    status = 422 if form.is_bound else 200
    return show(request, "compliance/shred.html", context, section="desk_transfers", status=status)


def _without_cursor(request: PageRequest) -> str:
    """The same question, for an export of the whole answer."""
    asked = request.GET.copy()
    asked.pop("cursor", None)
    return f"?{asked.urlencode()}" if asked else ""
