"""Evidence for an authority as a page of the desk: what to ask for, what is kept, and how its reader checks it."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance import suggestions
from compliance.bundles import bundles, queries, rows
from compliance.bundles.forms import BundleForm
from compliance.exports import streams
from compliance.health import checking
from exchange.kernel import pagination
from exchange.kernel.actors import Scope
from exchange.kernel.errors import Conflict, Invalid
from exchange.look.answers import show
from exchange.participants.actors.page_auth import PageRequest, member_page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page(Scope.AUDIT)
def desk_bundles(request: PageRequest) -> HttpResponse:
    """The evidence that is kept; a POST asks for more. A link may fill in what it is about."""
    given = request.POST if request.method == "POST" else None
    form = BundleForm(given, actor=request.actor, initial=request.GET.dict())
    if form.is_bound and form.is_valid():
        try:
            words = form.cleaned_data
            bundles.ask(form.scope(), addressee=words["addressee"], reason=words["reason"], by=request.actor)
            messages.success(request, _("The evidence is being gathered. It stands in the list below."))
            return redirect("desk_bundles")
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal, "reason" if refusal.code == "invalid" else None)
    cursor = request.GET.get("cursor") or None
    page = pagination.page(queries.bundles_visible_to(request.actor), cursor=cursor)
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "rows": rows.bundles(page.items, by=request.actor),
        "is_first": cursor is None,
        "suggested": suggestions.suggestions(by=request.actor),
        "how": checking.how_to_check(1),
        "now": request.actor.at,
    }
    return show(request, "compliance/bundles/bundles.html", context, status=422 if form.is_bound else 200)


@require_safe
@never_cache
@member_page(Scope.AUDIT)
def desk_bundle_file(request: PageRequest, bundle_id: UUID) -> HttpResponse:
    """The file, or the part of it that a cut download lacks."""
    found = queries.bundle_visible_to(request.actor, bundle_id)
    path = bundles.take(found, by=request.actor)
    return cast(HttpResponse, streams.kept_evidence(request, found, path))
