"""Exports as pages of the desk: streamed at once, or asked for, kept as a file, and taken as often as needed."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import queries, rows
from compliance.exports import kept as kept_exports
from compliance.exports.exports import Form
from compliance.exports.streams import kept, streamed
from compliance.forms import ExportForm, FilterForm
from compliance.transfers import desk
from compliance.transfers import rows as transfer_rows
from exchange.kernel import pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Invalid
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page

_SECTION = "desk_transfers"


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def export_transfers(request: PageRequest, form: str) -> HttpResponse:
    """The rows that the filters ask for and a checkpoint proves, as a file, while it is made."""
    asked = FilterForm(request.GET, actor=request.actor)
    if form not in ("csv", "jsonl"):
        raise Http404
    if not asked.is_valid():
        raise Invalid("one of the filters cannot be read: go back to the list of transfers and correct it")
    export = desk.export(asked.filters(), form=cast(Form, form), by=request.actor)
    return cast(
        HttpResponse, streamed(request, export, at=request.actor.at)
    )  # not one of it, but answers alike


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.AUDIT)
def desk_exports(request: PageRequest) -> HttpResponse:
    """The kept files; a POST asks for one more, of the rows that the filters in the address ask for."""
    filters = FilterForm(request.GET, actor=request.actor)
    if not filters.is_valid():
        raise Invalid("one of the filters cannot be read: go back to the list of transfers and correct it")
    asked = filters.filters()
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        kept_exports.ask(asked, form=form.cleaned_data["form"], by=request.actor)
        messages.success(request, _("The file is being made. It stands in the list below."))
        return redirect("desk_exports")
    cursor = request.GET.get("cursor") or None
    page = pagination.page(queries.exports_visible_to(request.actor), cursor=cursor)
    context: dict[str, Any] = {
        "form": form,
        "asked": rows.asked(asked.facts(), by=request.actor),
        "page": page,
        "rows": transfer_rows.exports(page.items, by=request.actor),
        "is_first": cursor is None,
        "now": request.actor.at,
    }
    status = 422 if form.is_bound else 200
    return show(request, "compliance/exports.html", context, section=_SECTION, status=status)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_export_file(request: PageRequest, export_id: UUID) -> HttpResponse:
    """A kept file, or the part of it that a cut download lacks."""
    export = queries.export_visible_to(request.actor, export_id)
    path = kept_exports.take(export, by=request.actor)
    return cast(HttpResponse, kept(request, export, path))
